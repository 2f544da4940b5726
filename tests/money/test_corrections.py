"""A corrected fact lists who was paid too much or too little; an official decides, with a reason."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies import tasks
from policies.correcting import finding
from policies.correcting.finding import propose_corrections, suspects
from policies.models import Correction
from policies.money import corrections, invariants
from policies.money.awards import waiting
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory
from tests.applying import factories as applying
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.money.factories import Desk, account, official
from tests.money.refusing import told
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
OF_REVENUE = {"rate": "10%", "of": {"fact": "revenue", "period": "Y-1"}}
WAN = 1_000_000


def look():
    return propose_corrections(timezone.now())


def revenue(enterprise, wan):
    give_value(enterprise, "revenue", period=timezone.localdate().year - 1, scaled=wan * WAN)


@pytest.fixture
def enjoyed():
    """An enterprise of the county that was paid a tenth of last year's 100 万元."""
    desk, enterprise = Desk(version=policies.published(rule_amount=OF_REVENUE)), EnterpriseFactory()
    give_value(enterprise, "region", text="500231101")
    revenue(enterprise, 100)
    day, known_at = timezone.localdate(), timezone.now()
    evidence = {"as_of": day.isoformat(), "known_at": known_at.isoformat()}
    owed = desk.award(10 * WAN, enterprise=enterprise, evidence=evidence)
    desk.settled(owed)
    return desk, owed


@pytest.fixture
def applied_for():
    """An application that was approved and paid in full: a tenth of 200 万元."""
    application = applying.approved()
    account(application.enterprise)
    desk, owed = Desk(version=application.version), application.award
    desk.settled(owed)
    return desk, owed


def leader():
    return official(Role.LEADER)


def test_nothing_while_nothing_is_corrected(enjoyed, applied_for):
    assert look() == []


def test_nothing_where_the_news_make_no_difference(enjoyed):
    _desk, owed = enjoyed
    revenue(owed.enterprise, 100)
    assert list(suspects()) == [owed]
    assert look() == []


def test_nothing_that_is_not_paid():
    desk, enterprise = Desk(version=policies.published(rule_amount=OF_REVENUE)), EnterpriseFactory()
    desk.released(desk.award(enterprise=enterprise))
    revenue(enterprise, 1)
    assert look() == []


def test_nothing_is_said_of_what_is_not_known(enjoyed):
    _desk, owed = enjoyed
    give_value(owed.enterprise, "region", withdrawn=True)
    assert look() == []


@pytest.mark.parametrize(("wan", "kind", "fen"), [(60, "clawback", 4 * WAN), (130, "topup", 3 * WAN)])
def test_a_corrected_figure_is_proposed_with_its_evidence(enjoyed, wan, kind, fen):
    _desk, owed = enjoyed
    revenue(owed.enterprise, wan)
    (row,) = look()
    assert (row.award, row.kind, row.amount_fen, row.state) == (owed, kind, fen, "proposed")
    assert (
        row.evidence["amount_low"]
        == row.evidence["amount_high"]
        == owed.amount_fen + (-fen if kind == "clawback" else fen)
    )
    assert any(one["amount"] for one in row.evidence["amount_rows"]), "how the new sum comes about"


def test_who_never_qualified_pays_all_back(applied_for):
    _desk, owed = applied_for
    give_value(owed.enterprise, "employees", period=timezone.localdate().year - 1, scaled=5)
    (row,) = look()
    assert (row.kind, row.amount_fen) == ("clawback", owed.amount_fen)
    (changed,) = [one for one in row.evidence["changed"] if "人" in one["value"]]
    assert changed["then"] != changed["value"]
    assert changed["source"]


def test_what_is_proposed_is_proposed_once_and_what_is_dismissed_never_again(enjoyed):
    desk, owed = enjoyed
    revenue(owed.enterprise, 60)
    (first,) = look()
    assert look() == [first]
    corrections.dismiss(first, "企业已说明", by=leader(), at=desk.tick())
    assert look() == []
    revenue(owed.enterprise, 50)
    (second,) = look()
    assert second.amount_fen == 5 * WAN


def test_many_in_as_many_queries_as_few(enjoyed):
    desk, owed = enjoyed

    def queries():
        with CaptureQueriesContext(connection) as seen:
            look()
        return len(seen)

    revenue(owed.enterprise, 60)
    look()
    few = queries()
    for _number in range(4):
        firm = EnterpriseFactory()
        give_value(firm, "region", text="500231101")
        revenue(firm, 100)
        desk.settled(desk.award(10 * WAN, enterprise=firm, evidence=owed.evidence))
    assert len(look()) == 1, "recorded since, and the same"
    assert queries() == few


def test_the_leaders_of_the_department_hear_of_new_ones_once(enjoyed):
    _desk, owed = enjoyed
    chief, elsewhere = leader(), official(Role.LEADER, DepartmentFactory())
    revenue(owed.enterprise, 60)
    look()
    look()
    deliver()
    told_of = Message.objects.filter(key__startswith="money:proposed")
    assert [(one.mailbox, one.title) for one in told_of] == [(chief.mailbox, "1 笔追缴或补发待决定")]
    assert elsewhere.pk
    assert told_of.get().url == f"/desk/{owed.item.department_id}/money/corrections/"


def test_the_nightly_bell_rings_for_it(enjoyed):
    revenue(enjoyed[1].enterprise, 60)
    rung = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.propose_corrections.name in rung
    assert tasks.propose_corrections() == 1
    assert tasks.propose_corrections() == 1
    assert Correction.objects.count() == 1


class TestDeciding:
    @pytest.fixture
    def row(self, enjoyed):
        revenue(enjoyed[1].enterprise, 130)
        return look()[0]

    def test_by_a_leader_of_the_department_with_a_reason(self, row):
        at = timezone.now()
        told("no_reason", lambda: corrections.accept(row, " ", by=leader(), at=at))
        told("no_role", lambda: corrections.accept(row, "属实", by=official(Role.REVIEWER), at=at))
        stranger = official(Role.LEADER, DepartmentFactory())
        told("no_role", lambda: corrections.dismiss(row, "属实", by=stranger, at=at))
        assert Correction.objects.get().state == "proposed"

    def test_a_topup_is_owed_beside_the_first_and_paid_the_same_way(self, row, enjoyed):
        desk, owed = enjoyed
        topup = corrections.accept(row, "属实", by=leader(), at=desk.tick())
        assert (topup.source, topup.amount_fen, topup.period) == ("correction", 3 * WAN, owed.period)
        assert list(waiting(desk.line)) == [topup]
        desk.settled(topup)
        assert desk.books() == (0, 13 * WAN)
        assert not invariants.broken()
        assert look() == []
        told("transition_refused", lambda: corrections.accept(row, "再来", by=leader(), at=desk.tick()))

    def test_a_topup_is_not_recovered(self, row, enjoyed):
        corrections.accept(row, "属实", by=leader(), at=timezone.now())
        told("not_clawback", lambda: corrections.recover(row, "收据 1 号", by=leader(), at=timezone.now()))


def test_a_clawback_is_decided_and_recovered(enjoyed):
    desk, owed = enjoyed
    revenue(owed.enterprise, 60)
    (row,) = look()
    told("transition_refused", lambda: corrections.recover(row, "收据 1 号", by=leader(), at=desk.tick()))
    assert corrections.accept(row, "多报收入", by=leader(), at=desk.tick()) is None
    assert corrections.corrected_fen([owed]) == {owed.pk: 6 * WAN}
    assert look() == []
    corrections.recover(row, "收据 1 号", by=leader(), at=desk.tick())
    assert (row.state, row.recovered_at) == ("recovered", desk.at)
    assert [event.name for event in row.events.all()] == ["accept", "recover"]


class TestOvertaken:
    """A fact was put right once more: what was proposed by the wrong one is not decided by anybody."""

    def test_a_proposal_is_withdrawn_and_another_one_made(self, enjoyed):
        desk, owed = enjoyed
        revenue(owed.enterprise, 130)
        (first,) = look()
        revenue(owed.enterprise, 140)
        (second,) = look()
        first.refresh_from_db()
        assert (first.state, first.decided_by, first.events.get().actor) == ("withdrawn", None, None)
        assert (second.kind, second.amount_fen) == ("topup", 4 * WAN)
        told("transition_refused", lambda: corrections.accept(first, "属实", by=leader(), at=desk.tick()))
        assert not waiting(desk.line).exists()

    def test_a_proposal_that_is_none_any_more_is_withdrawn(self, enjoyed):
        _desk, owed = enjoyed
        revenue(owed.enterprise, 60)
        (row,) = look()
        revenue(owed.enterprise, 100)
        assert look() == []
        row.refresh_from_db()
        assert row.state == "withdrawn"
        revenue(owed.enterprise, 60)
        assert look()[0].amount_fen == row.amount_fen, "what was withdrawn may be true again"

    def test_what_cannot_be_told_now_stays_as_proposed(self, enjoyed):
        _desk, owed = enjoyed
        revenue(owed.enterprise, 60)
        (row,) = look()
        give_value(owed.enterprise, "region", withdrawn=True)
        look()
        row.refresh_from_db()
        assert row.state == "proposed"


def test_an_award_that_cannot_be_judged_holds_up_no_other(enjoyed, applied_for, monkeypatch, caplog):
    revenue(enjoyed[1].enterprise, 130)
    give_value(applied_for[1].enterprise, "employees", period=timezone.localdate().year - 1, scaled=5)
    replays = finding.replays

    def failing(awards, at):
        if enjoyed[1] in awards:
            raise ValueError("out of order")
        return replays(awards, at)

    monkeypatch.setattr(finding, "replays", failing)
    assert [row.award for row in look()] == [applied_for[1]]
    assert f"award {enjoyed[1].pk} is not judged again" in caplog.text
