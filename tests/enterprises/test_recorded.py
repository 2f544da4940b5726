"""Code lists and figures as they were known at a time; what files and officials say of them."""

import datetime as dt
import html
import re
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from enterprises import seeding
from enterprises.catalogue_page import sections
from enterprises.models import CodeList, CredentialKind, Fact, ReferenceFigure
from enterprises.seeding import seed_reference
from enterprises.services import load_catalogue
from portal.accounts.models import User
from tests.accounts.factories import StaffFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2025, 5, 20)
JAN, MARCH, MAY = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (1, 3, 5))


def figure(recorded_at: dt.datetime, value: str, **said: Any) -> ReferenceFigure:
    given = {"key": "wage_x", "label": "工资", "kind": "money", "unit": "元", "on": DAY, **said}
    return ReferenceFigure.objects.create(value=value, recorded_at=recorded_at, **given)


def parks(recorded_at: dt.datetime, *codes: str) -> CodeList:
    said = {"key": "parks", "label": "园区", "hierarchy": "region"}
    return CodeList.objects.create(codes=list(codes), recorded_at=recorded_at, **said)


def in_force(known_at: dt.datetime | None) -> list[Decimal]:
    rows = ReferenceFigure.objects.in_force(known_at).filter(key="wage_x")
    return list(rows.values_list("value", flat=True))


def test_the_newest_figure_recorded_by_then_counts() -> None:
    figure(JAN, "2000")
    figure(MAY, "2200")
    moment = dt.timedelta(microseconds=1)
    assert in_force(JAN - moment) == []
    assert in_force(JAN) == in_force(MAY - moment) == [2000]
    assert in_force(MAY) == in_force(None) == [2200]


def test_of_two_recorded_at_once_the_later_row_counts() -> None:
    figure(JAN, "2000")
    figure(JAN, "2100")
    assert in_force(None) == [2100]


def test_a_correction_of_one_day_leaves_other_days_and_regions_alone() -> None:
    figure(JAN, "2000")
    figure(JAN, "1900", region="50")
    figure(JAN, "2500", on=dt.date(2026, 1, 1))
    figure(MAY, "2200")
    assert sorted(in_force(None)) == [1900, 2200, 2500]


def test_a_withdrawn_figure_is_none_from_then_on() -> None:
    figure(JAN, "2000")
    figure(MARCH, "2000", withdrawn=True)
    assert (in_force(JAN), in_force(MARCH)) == ([2000], [])
    assert load_catalogue().figures["wage_x"].unit == "元", "rules that name it stay readable"
    rows = {row[0]: row[-1] for section in sections(load_catalogue()) for row in section.rows}
    assert rows["wage_x"] == "no value yet"


def test_the_catalogue_has_the_lists_of_then_and_one_edition_between_two_records() -> None:
    parks(JAN, "500231")
    parks(MAY, "500232")
    then, later = load_catalogue(known_at=JAN), load_catalogue(known_at=MARCH)
    assert then is later
    assert then.code_list("parks") == ("500231",)
    now = load_catalogue()
    assert now.code_list("parks") == ("500232",)
    assert now.identity != then.identity
    assert now is load_catalogue(known_at=dt.datetime(2200, 1, 1, tzinfo=dt.UTC))


def test_before_a_list_was_recorded_its_first_codes_stand_for_it() -> None:
    parks(MARCH, "500231")
    parks(MAY, "500232")
    assert load_catalogue(known_at=JAN).code_list("parks") == ("500231",)


@pytest.mark.parametrize("change", [{"value": 1}, {"source": ""}])
def test_what_is_recorded_is_not_edited(change: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="append-only"):
        ReferenceFigure.objects.update(**change)
    row = CodeList.objects.first()
    assert row is not None
    for attempt in (row.save, row.delete):
        with pytest.raises(TypeError, match="append-only"):
            attempt()


def lpr() -> ReferenceFigure:
    """The file's figure of the day, as the database has it."""
    return ReferenceFigure.objects.in_force().get(key="lpr_1y", region="", on=DAY)


def says(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Let the file say another value for the day."""
    rows = [dict(row) for row in seeding._figures()]
    for row in rows:
        if (row["key"], row["on"]) == ("lpr_1y", DAY):
            row["value"] = value
    monkeypatch.setattr(seeding, "_figures", lambda: rows)


def seed() -> None:
    seed_reference(apps.get_app_config("enterprises"))


def correct(row: ReferenceFigure, value: str, by: User | None) -> None:
    said = {name: getattr(row, name) for name in ("key", "label", "region", "on", "kind", "unit")}
    ReferenceFigure.objects.create(**said, value=value, recorded_by=by)


def test_seeding_again_records_nothing() -> None:
    before = CodeList.objects.count(), ReferenceFigure.objects.count()
    seed()
    assert (CodeList.objects.count(), ReferenceFigure.objects.count()) == before


def test_a_change_of_the_file_is_recorded_as_a_correction(monkeypatch: pytest.MonkeyPatch) -> None:
    before, count = lpr(), ReferenceFigure.objects.count()
    says(monkeypatch, "2.95")
    seed()
    assert (lpr().value, lpr().recorded_by) == (Decimal("2.95"), None)
    assert ReferenceFigure.objects.count() == count + 1
    assert ReferenceFigure.objects.filter(pk=before.pk, value="3.00").exists()


@pytest.mark.parametrize("named", [True, False])
def test_what_was_corrected_here_stays(named: bool) -> None:
    correct(lpr(), "2.9", StaffFactory() if named else None)
    seed()
    assert lpr().value == Decimal("2.9")


def test_an_officials_word_outlasts_a_change_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    correct(lpr(), "2.9", StaffFactory())
    says(monkeypatch, "2.95")
    seed()
    assert lpr().value == Decimal("2.9")


@pytest.fixture
def superuser(client: Client) -> User:
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


def test_an_official_corrects_by_a_new_row_that_begins_as_the_old(client: Client, superuser: User) -> None:
    old = CodeList.objects.get(key="trade_catering")
    page = client.get(reverse("admin:enterprises_codelist_changelist"), {"q": old.key})
    (row,) = page.context["cl"].result_list
    form = client.get(reverse("admin:enterprises_codelist_add"), {"codes": "F,H", "key": old.key})
    assert "F,H" in form.content.decode()
    link = page.context["cl"].model_admin.correct(row)
    assert "codes=F%2CH" in link
    assert "key=trade_catering" in link
    said = {"key": old.key, "label": old.label, "hierarchy": old.hierarchy, "codes": "F", "source": "新"}
    assert client.post(reverse("admin:enterprises_codelist_add"), said).status_code == 302
    assert load_catalogue().code_list(old.key) == ("F",)
    rows = client.get(reverse("admin:enterprises_codelist_changelist"), {"q": old.key}).context["cl"]
    assert [(row.codes, row.stands, row.recorded_by) for row in rows.result_list] == [
        (["F"], True, superuser),
        (["F", "H"], False, None),
    ]


def test_rows_are_not_changed_in_the_admin(client: Client, superuser: User) -> None:
    row = lpr()
    address = reverse("admin:enterprises_referencefigure_change", args=[row.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"value": "1"}).status_code == 403
    delete = reverse("admin:enterprises_referencefigure_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_a_figure_is_withdrawn_through_its_link(client: Client, superuser: User) -> None:
    client.force_login(superuser)
    page = client.get(reverse("admin:enterprises_referencefigure_changelist"))
    row = next(row for row in page.context["cl"].result_list if row.stands)
    link = re.search(r'href="([^"]+)"', page.context["cl"].model_admin.correct(row))
    assert link is not None
    address = html.unescape(link[1])
    form = client.get(address).context["adminform"].form
    assert " checked " not in str(form["withdrawn"]).replace(">", " >")
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    client.post(address, given | {"withdrawn": "on"})
    newest = ReferenceFigure.objects.order_by("-pk").first()
    assert newest is not None
    assert (newest.withdrawn, newest.key, newest.on) == (True, row.key, row.on)


def recorded_first(row: Fact | CredentialKind) -> dt.datetime:
    """When the row's history begins: with the seeding, before the test's own transaction."""
    moment: dt.datetime = (
        row.pgh_event_model.objects.filter(pgh_obj_id=row.pk).earliest("pgh_id").pgh_created_at
    )
    return moment


def test_a_fact_is_what_it_was_known_to_be() -> None:
    fact = Fact.objects.filter(kind="choices", derived=False, fresh_days=None, complete=False).earliest("pk")
    then = recorded_first(fact)
    Fact.objects.filter(pk=fact.pk).update(fresh_days=30, complete=True)
    now, before = load_catalogue()[fact.key], load_catalogue(known_at=then)[fact.key]
    assert (now.fresh_days, now.complete) == (30, True)
    assert (before.fresh_days, before.complete) == (None, False)
    assert now.id == before.id == fact.pk


def test_a_credential_kind_is_what_it_was_known_to_be() -> None:
    kind = CredentialKind.objects.earliest("pk")
    then = recorded_first(kind)
    CredentialKind.objects.filter(pk=kind.pk).update(complete=not kind.complete)
    assert load_catalogue().credential_kinds[kind.key].complete is not kind.complete
    assert load_catalogue(known_at=then).credential_kinds[kind.key].complete is kind.complete


def test_a_deleted_kind_is_known_before_and_no_longer() -> None:
    kind = CredentialKind.objects.create(key="shortlived", label="短命")
    assert "shortlived" in load_catalogue(known_at=JAN).credential_kinds, "as its first row, before it was"
    kind.delete()
    assert "shortlived" not in load_catalogue().credential_kinds


def test_nothing_that_changed_later_alters_the_catalogue_of_then() -> None:
    then = recorded_first(Fact.objects.latest("pk"))
    before = load_catalogue(known_at=then)
    CredentialKind.objects.create(key="newcomer", label="新来")
    after = load_catalogue(known_at=then)
    assert dict(before) == dict(after)
    assert before.identity != after.identity, "the stamp has grown; what was made of it is read anew"
