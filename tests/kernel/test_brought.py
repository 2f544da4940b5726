"""Files that people bring: one row for the same bytes, booked once, whole or not at all."""

from dataclasses import dataclass

import pytest
from django.utils import timezone

from portal.kernel.brought import Booked, Preview, book
from portal.kernel.errors import ImportRefused, RowError
from tests.accounts.factories import UserFactory
from tests.kernel.papers.models import Bundle, Tariff
from tests.money.refusing import refused, told
from tests.rows import change, delete

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Line:
    text: str
    known: bool = False


SEEN = Preview([Line("a"), Line("b", known=True), Line("c")])


@pytest.fixture
def tariff():
    return Tariff.objects.create(code="print", name="打印")


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def file(tariff, by):
    return Bundle.kept(b"abc", "../一.xlsx", by=by, at=timezone.now(), tariff=tariff)


def booked(file, work, by):
    return book(Bundle.objects.all(), file, work, by=by, at=timezone.now())


def test_the_same_bytes_are_one_row_of_what_they_came_for(file, tariff, by):
    again = Bundle.kept(b"abc", "二.xlsx", by=UserFactory(), at=timezone.now(), tariff=tariff)
    assert (again, again.name, again.by) == (file, "一.xlsx", by)
    other = Tariff.objects.create(code="scan", name="扫描")
    assert Bundle.kept(b"abc", "一.xlsx", by=by, at=timezone.now(), tariff=other) != file
    assert Bundle.kept(b"abd", "一.xlsx", by=by, at=timezone.now(), tariff=tariff) != file


def test_a_file_is_booked_once(file, by):
    assert not file.is_booked
    assert booked(file, lambda held: SEEN, by) == Booked(new=2, known=1)
    assert (file.is_booked, file.booked, file.known) == (True, 2, 1)
    assert file.events.get().actor == by
    assert booked(file, lambda held: pytest.fail("twice"), by) == Booked(new=0, known=3)


def test_what_is_wrong_is_told_and_nothing_is_booked(file, by):
    wrong = Preview([Line("a")], [RowError(2, "金额", "请填写。")])

    def work(held):
        wrong.require_sound()
        return wrong

    with pytest.raises(ImportRefused, match="第 2 行"):
        booked(file, work, by)
    assert not Bundle.objects.get().is_booked
    none = Bundle.objects.none()
    told("gone", lambda: book(none, file, work, by=by, at=timezone.now()))


def test_the_database_refuses_what_was_not_brought(file):
    refused("papers_bundle_sha256", lambda: change(file, sha256="0" * 64))
    refused("papers_bundle_sha256", lambda: change(file, content=b"abd"))
    refused("papers_bundle_state_transitions", lambda: delete(file))
