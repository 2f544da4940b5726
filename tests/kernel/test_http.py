"""A GET cannot write; pages want a signed-in person."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import InternalError
from django.http import HttpResponse
from django.test import RequestFactory

from portal.kernel.http import writes_on_get
from tests.accounts.factories import UserFactory
from tests.kernel.papers.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.papers.urls")]


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_get_cannot_write(client, method):
    with pytest.raises(InternalError, match="read-only"):
        getattr(client, method)("/write/")
    assert not Note.objects.exists()


def test_a_post_writes_and_a_get_reads_it(client):
    client.get("/read/")
    client.post("/write/")
    assert client.get("/read/").content == b"1"


@pytest.mark.parametrize("path", ["/record/", "/recorded/"])
def test_a_reading_that_must_be_recorded_is_exempt(client, path):
    assert client.get(path).status_code == 200
    assert Note.objects.count() == 1


def test_the_mark_survives_other_decorators():
    view = login_not_required(writes_on_get(lambda request: HttpResponse()))
    assert view.writes_on_get
    assert view(RequestFactory().get("/")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_read_only_request_leaves_the_connection_writable(client):
    client.get("/read/")
    Note.objects.create(text="after")
    with pytest.raises(InternalError, match="read-only"):
        client.get("/write/")
    Note.objects.create(text="after a refusal")
    assert client.get("/read/").content == b"2"


def test_a_session_that_ended_elsewhere_goes_to_the_sign_in_page(client):
    """Django flushes such a session (a DELETE) when it loads the user: that must not happen read-only."""
    user = UserFactory()
    client.force_login(user)
    assert client.get("/private/").status_code == 200
    user.set_password("a new pass phrase")
    user.save()
    response = client.get("/private/")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_strangers_sign_in_first(client):
    assert client.get("/private/").url == "/accounts/login/?next=/private/"


def test_sign_in_pages_open(client):
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/accounts/signup/").status_code == 200
    client.force_login(UserFactory())
    for path in ("/accounts/email/", "/accounts/2fa/", "/accounts/logout/"):
        assert client.get(path).status_code == 200, path
    assert client.get("/nowhere/").status_code == 404
