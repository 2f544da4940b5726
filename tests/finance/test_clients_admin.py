"""The back office of banks' systems."""

from django.contrib import admin

from finance.models import BankClient


def test_a_new_one_shows_nothing_that_it_has_not_yet(rf):
    """The moment of its making is the database's to say: before, there is an expression of Python's."""
    page = admin.site.get_model_admin(BankClient)
    new, kept = page.get_fields(rf.get("/")), page.get_fields(rf.get("/"), BankClient())
    assert "made_at" not in new
    assert {*new, "made_at", "client_id"} <= set(kept)
