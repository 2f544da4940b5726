"""What lists hold against raw SQL of the application role: they stand as judged, two people, own awards."""

import pytest
from django.db import transaction

from policies.enjoying import accepting, confirming, noticing, offering
from policies.models import EnjoyCandidate, EnjoyNotice, EnjoyPlan
from policies.money.awards import make_awards
from policies.notices.objecting import Words
from tests.accounts.factories import UserFactory
from tests.enjoying import factories as make
from tests.money.factories import new_award
from tests.money.refusing import refused
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
NOW, LATER = "2026-03-02T08:00Z", "2026-03-09T08:00Z"


def inside(run=None):
    make.firm()
    return make.candidate(run or make.listed())


def almost():
    make.firm(None)
    return make.listed().candidates.get()


def of_offer():
    make.firm()
    return make.candidate(make.offered())


def confirmed():
    make.firm()
    return make.confirmed()


def proposed(**changes):
    make.firm()
    return make.proposed(**changes)


def confirm(run, by):
    change(run, state="confirmed", confirmed_by_id=by, confirmed_at=NOW)


def confirmed_by_who_checked():
    run = proposed()
    confirm(run, run.reviewed_by_id)


def confirmed_by_who_began():
    by = make.reviewer()
    confirm(proposed(by=by), by.pk)


def confirmed_by_who_excluded():
    first, _second = make.firm(), make.firm()
    run = make.listed()
    excluding = make.reviewer()
    confirming.exclude(make.candidate(run, first), "停产", by=excluding, at=make.now())
    confirming.propose(run, by=make.reviewer(), at=make.now())
    confirm(run, excluding.pk)


def accept(one, **values):
    account = make.account_of(one.enterprise).pk
    by = make.actor_for(one.enterprise).user.pk
    change(
        one, **{"state": "accepted", "answered_by_id": by, "answered_at": NOW, "account_id": account} | values
    )


def with_anothers_account():
    one, other = of_offer(), make.firm(3)
    accept(one, account_id=make.account_of(other).pk)
    transaction.get_connection().check_constraints()


def award_of(firm, run):
    """An award as the run would make it."""
    return make_awards([new_award(run.version, firm, period=run.period)], by=None, at=make.now())[0]


def with_anothers_award():
    one, other = of_offer(), make.firm(3)
    accept(one, award_id=award_of(other, one.run).pk)


def with_the_award_of_an_earlier_list():
    """Of a list of the same item and year that came after; by services nobody is on it who was paid."""
    taken = make.accepted()
    offering.close(taken.run, by=None, at=make.now())
    run = make.begun(taken.run.version)
    one = found(run, taken.enterprise)
    change(run, state="listed", digest="0" * 64)
    change(run, state="proposed", reviewed_by_id=UserFactory().pk, reviewed_at=NOW)
    confirm(run, UserFactory().pk)
    change(run, state="offered", offered_at=NOW, offer_until=LATER)
    change(one, state="offered", told_at=NOW)
    accept(one, award_id=taken.award_id)


def found(run, firm, **values):
    given = {"place": "in", "rank": 1, "amount_fen": make.TEN_WAN, "evidence": {}, "digest": "0" * 64}
    return EnjoyCandidate.objects.create(run=run, enterprise=firm, **given | values)


def twice_on_a_list():
    run, enterprise = make.begun(), make.firm()
    found(run, enterprise)
    found(run, enterprise)


def offered_untold():
    run = confirmed()
    change(run, state="offered", offered_at=NOW, offer_until=LATER)
    change(make.candidate(run), state="offered")


def shown(run, **values):
    given = {"count": 1, "total_fen": 1, "opened_at": NOW, "closes_at": LATER, "opened_by": UserFactory()}
    EnjoyNotice.objects.create(run=run, **given | values)


def planned_twice():
    copy(plan())


def of_another_item():
    enterprise = make.firm()
    run, other = make.offered(), make.listed(make.version())
    accept(make.candidate(run, enterprise), award_id=award_of(enterprise, other).pk)


def notice():
    make.firm()
    return make.noticed().notice


def objection():
    return noticing.object_to(notice(), None, Words("李四", "023-74510000", "不公"), at=make.now())


def answered():
    row = objection()
    noticing.answer(row, "查过", upheld=False, by=make.reviewer(), at=make.now())
    return row


def plan(**values):
    return EnjoyPlan.objects.create(item=make.version().item, **values)


def twice_alive():
    run = make.begun()
    copy(run, slot="2026")


CASES = [
    ("policies_enjoyrun_one_alive", twice_alive),
    ("policies_enjoyrun_slot_once", lambda: copy(make.begun(slot="2026"), period=2001)),
    ("policies_enjoyrun_done_within_total", lambda: change(make.begun(), done=1)),
    ("policies_enjoyrun_listed", lambda: change(make.begun(), state="listed")),
    ("policies_enjoyrun_reviewed", lambda: change(inside().run, state="proposed")),
    ("policies_enjoyrun_confirmed", lambda: change(proposed(), state="confirmed")),
    ("policies_enjoyrun_four_eyes", confirmed_by_who_checked),
    ("policies_enjoyrun_four_eyes", confirmed_by_who_began),
    ("policies_enjoyrun_other_eyes", confirmed_by_who_excluded),
    ("policies_enjoyrun_offered", lambda: change(confirmed(), state="offered", offered_at=NOW)),
    ("policies_enjoyrun_offered", lambda: change(confirmed(), state="offered")),
    ("policies_enjoyrun_cancelled_with_reason", lambda: change(confirmed(), state="cancelled")),
    ("policies_enjoyrun_stands", lambda: change(make.begun(), period=2001)),
    ("policies_enjoyrun_stands", lambda: change(make.begun(), known_at=NOW)),
    ("policies_enjoyrun_stands", lambda: change(inside().run, digest="0" * 64)),
    ("policies_enjoyrun_stands", lambda: change(confirmed(), confirmed_by_id=UserFactory().pk)),
    ("policies_enjoycandidate_once", twice_on_a_list),
    ("policies_enjoycandidate_listed", lambda: copy(inside(), enterprise_id=make.firm().pk)),
    ("policies_enjoycandidate_stands", lambda: change(inside(), amount_fen=1)),
    ("policies_enjoycandidate_stands", lambda: change(inside(), digest="0" * 64)),
    ("policies_enjoycandidate_stands", lambda: change(inside(), enterprise_id=make.firm().pk)),
    ("policies_enjoycandidate_stands", lambda: change(almost(), place="in")),
    ("policies_enjoycandidate_stands", lambda: change(almost(), reasons="[]")),
    ("policies_enjoycandidate_stands", lambda: change(of_offer(), told_at=NOW)),
    ("policies_enjoycandidate_stands", lambda: change(make.accepted(), award_id=None)),
    (
        "policies_enjoycandidate_placed",
        lambda: found(make.begun(), make.firm(), amount_fen=None),
    ),
    ("policies_enjoycandidate_told", offered_untold),
    ("policies_enjoycandidate_award_as_made", with_anothers_award),
    ("policies_enjoycandidate_award_id_key", with_the_award_of_an_earlier_list),
    ("policies_enjoycandidate_in_time", lambda: change(inside(), state="offered", told_at=NOW)),
    ("policies_enjoycandidate_in_time", lambda: change(inside(), state="accepted")),
    (
        "policies_enjoycandidate_only_in",
        lambda: change(
            almost(), state="excluded", excluded_by_id=UserFactory().pk, excluded_at=NOW, exclusion="x"
        ),
    ),
    ("policies_enjoycandidate_excluded", lambda: change(inside(), state="excluded")),
    ("policies_enjoycandidate_answered", lambda: change(of_offer(), state="declined", answer="x")),
    ("policies_enjoycandidate_with_reason", lambda: accept(of_offer(), state="declined", account_id=None)),
    ("policies_enjoycandidate_accepted", lambda: accept(of_offer(), account_id=None)),
    ("policies_enjoycandidate_own_account", with_anothers_account),
    ("policies_enjoycandidate_own_award", of_another_item),
    ("policies_enjoynotice_in_order", lambda: shown(confirmed(), closes_at=NOW)),
    ("policies_enjoynotice_run_id_key", lambda: copy(notice())),
    ("policies_enjoyobjection_number_once", lambda: copy(objection(), text="别的")),
    ("policies_enjoyobjection_settled", lambda: change(objection(), upheld=True)),
    ("policies_enjoyobjection_answered", lambda: change(objection(), answer="查过", upheld=True)),
    ("policies_enjoyobjection_signed", lambda: noticing.EnjoyObjection.objects.create(notice=notice())),
    ("policies_enjoyplan_dates", lambda: plan(every="quarter", month=4)),
    ("policies_enjoyplan_dates", lambda: plan(every="week")),
    ("policies_enjoyplan_days", lambda: plan(offer_days=0)),
    ("policies_enjoyplan_item_id_key", planned_twice),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_the_database_refuses(constraint, provoke):
    refused(constraint, provoke)


def ended():
    """A notice that is over: its enterprises were told."""
    run = notice().run
    make.firm(3)
    shown_for = run.notice
    offering.offer(run, by=None, at=shown_for.closes_at)
    return EnjoyNotice.objects.get(pk=shown_for.pk)


STANDING = {
    "policies_enjoynotice_stands: the sum": (notice, {"total_fen": 1}),
    "policies_enjoynotice_stands: until when": (notice, {"closes_at": NOW}),
    "policies_enjoynotice_stands: ended": (ended, {"ended_at": None}),
    "policies_enjoyobjection_stands: its words": (objection, {"text": "别的"}),
    "policies_enjoyobjection_stands: answered": (answered, {"answer": "别的"}),
}


@pytest.mark.parametrize(("provide", "values"), STANDING.values(), ids=STANDING)
def test_what_was_said_stands(provide, values, request):
    row = provide()
    refused(request.node.callspec.id.partition(":")[0], lambda: change(row, **values))


def test_a_notice_is_not_deleted():
    row = notice()
    refused("policies_enjoynotice_stands", lambda: delete(row))


def born_listed():
    run = make.listed()
    copy(run, period=2001)


def born_excluded():
    by = UserFactory()
    found(make.begun(), make.firm(), state="excluded", excluded_by=by, excluded_at=NOW, exclusion="x")


@pytest.mark.parametrize(("table", "bear"), [("enjoyrun", born_listed), ("enjoycandidate", born_excluded)])
def test_nothing_is_born_further_on(table, bear):
    refused(f"policies_{table}_state_transitions", bear)


def closed():
    run = make.accepted().run
    offering.close(run, by=None, at=make.now())
    return run


def declined():
    one = of_offer()
    accepting.decline(one, make.actor_for(one.enterprise), "不要", at=make.now())
    return one


@pytest.mark.parametrize(
    ("table", "provide", "act"),
    [
        ("enjoyrun", closed, lambda run: change(run, state="offered")),
        ("enjoyrun", make.begun, lambda run: change(run, state="offered")),
        ("enjoycandidate", declined, accept),
        ("enjoycandidate", make.accepted, lambda one: change(one, state="offered")),
    ],
)
def test_no_step_is_skipped_or_taken_back(table, provide, act):
    row = provide()
    refused(f"policies_{table}_state_transitions", lambda: act(row))


@pytest.mark.parametrize(("table", "provide"), [("enjoyrun", make.begun), ("enjoycandidate", inside)])
def test_nothing_of_a_list_is_deleted(table, provide):
    row = provide()
    refused(f"policies_{table}_state_transitions", lambda: delete(row))
