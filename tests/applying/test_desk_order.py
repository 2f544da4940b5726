"""The order of the review desk's queue: what is due sooner comes first, page by page."""

import datetime as dt

import pytest

from policies.reviewing import intake, opinions
from portal.accounts.models import Department
from tests.applying import factories as make
from tests.applying.desks import both, queue, shown, signed_in
from tests.applying.factories import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.reviewer()


@pytest.fixture
def client(user):
    return signed_in(user)


def runs_until(application, days, **which):
    """A clock that runs, or one begun by hand, due in so many days."""
    at = now() + dt.timedelta(days=days)
    times = {"started_at": at - dt.timedelta(days=30), "warn_at": at - dt.timedelta(days=1), "due_at": at}
    application.clocks.filter(met_at=None, **which).update(**times)


class TestUrgentFirst:
    def test_what_is_due_sooner_comes_first_and_what_is_late_before_it(self, client):
        version = make.version()
        later, late, soon = (make.sent(version) for _number in range(3))
        for application, days in ((later, 9), (late, -2), (soon, 1)):
            runs_until(application, days)
        assert both(client, "new") == [late.pk, soon.pk, later.pk]

    def test_a_clock_that_stands_still_hurries_nobody(self, client, user):
        version, tax = make.version(), Department.objects.get(code="tax")
        asked, own = make.reviewing(version, by=user), make.reviewing(version, by=user)
        runs_until(own, 50)
        assert both(client, "mine") == [asked.pk, own.pk]
        opinions.consult(asked, {tax: "核发票"}, by=user, at=now())
        runs_until(asked, 60, target="opinion")
        assert both(client, "mine") == [own.pk, asked.pk]

    def test_without_a_deadline_it_comes_last(self, client):
        version = make.version()
        none, due = make.sent(version), make.sent(version)
        for clock in none.clocks.all():
            clock.meet(now())
        none.refresh_from_db()
        assert none.due_at is None
        assert both(client, "new") == [due.pk, none.pk]

    def test_who_is_asked_sees_by_when_their_own_opinion_is_due(self, user):
        version = make.version()
        tax, land = (Department.objects.get(code=code) for code in ("tax", "statistics"))
        first, second = (make.reviewing(version, by=user) for _number in range(2))
        for application in (first, second):
            opinions.consult(application, {tax: "核发票", land: "核用地"}, by=user, at=now())
        runs_until(first, 1, opinion__department=land)
        runs_until(first, 5, opinion__department=tax)
        runs_until(second, 3, opinion__department=tax)
        assert both(signed_in(make.reviewer(tax)), "asked", tax) == [second.pk, first.pk]

    def test_pages_go_on_behind_a_line_though_it_has_left_and_through_those_without_a_deadline(
        self, client, monkeypatch
    ):
        monkeypatch.setattr("policies.reviewing.desk.rows.PAGE_SIZE", 2)
        version = make.version()
        sent = [make.sent(version) for _number in range(6)]
        for days, application in enumerate(sent[:3], 1):
            runs_until(application, days)
        for application in sent[3:]:
            application.clocks.filter(met_at=None).update(met_at=now())
        order = [application.pk for application in sent]
        page = queue(client, basket="new").context["slice"]
        assert [row.application.pk for row in page.rows] == order[:2]
        intake.accept(sent[1], by=make.reviewer(), at=now())
        seen = []
        while page.after:
            page = queue(client, basket="new", after=page.after).context["slice"]
            seen += [row.application.pk for row in page.rows]
        assert seen == order[2:]

    @pytest.mark.parametrize("after", ["~", "x~1", "2026-13-01~1", "2026-01-01~1", "1~²", "~" + "9" * 30])
    def test_a_key_of_no_line_begins_at_the_top(self, client, after):
        application = make.sent()
        assert shown(client, "new", after=after) == [application.pk]
