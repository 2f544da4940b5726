"""What lists hold against raw SQL of the application role: they stand as judged, two people, own awards."""

import pytest
from django.db import IntegrityError, transaction

from policies.enjoying import confirming, noticing
from policies.models import EnjoyPlan
from policies.notices.objecting import Words
from tests.accounts.factories import UserFactory
from tests.enjoying import factories as make
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T08:00Z"


def refused(constraint, provoke):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        provoke()
    assert refusal.value.__cause__.diag.constraint_name == constraint


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


def of_another_item():
    taken = make.accepted()
    run = make.offered(make.version())
    one = make.candidate(run, taken.enterprise)
    accept(one, award_id=taken.award_id)


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
    EnjoyPlan.objects.create(item=make.version().item, **values)


def twice_alive():
    run = make.begun()
    copy(run, slot="2026")


CASES = [
    ("policies_enjoyrun_one_alive", twice_alive),
    ("policies_enjoyrun_slot_once", lambda: copy(make.begun(slot="2026"), period=2001)),
    ("policies_enjoyrun_done_within_total", lambda: change(make.begun(), done=1)),
    ("policies_enjoyrun_listed", lambda: change(make.begun(), state="listed")),
    ("policies_enjoyrun_state_transitions", lambda: change(make.begun(), state="offered")),
    ("policies_enjoyrun_state_transitions", lambda: delete(make.begun())),
    ("policies_enjoyrun_reviewed", lambda: change(inside().run, state="proposed")),
    ("policies_enjoyrun_confirmed", lambda: change(proposed(), state="confirmed")),
    ("policies_enjoyrun_four_eyes", confirmed_by_who_checked),
    ("policies_enjoyrun_four_eyes", confirmed_by_who_began),
    ("policies_enjoyrun_other_eyes", confirmed_by_who_excluded),
    ("policies_enjoyrun_offered", lambda: change(confirmed(), state="offered")),
    ("policies_enjoyrun_cancelled_with_reason", lambda: change(confirmed(), state="cancelled")),
    ("policies_enjoyrun_stands", lambda: change(make.begun(), period=2001)),
    ("policies_enjoyrun_stands", lambda: change(make.begun(), known_at=NOW)),
    ("policies_enjoyrun_stands", lambda: change(inside().run, digest="0" * 64)),
    ("policies_enjoyrun_stands", lambda: change(confirmed(), confirmed_by_id=UserFactory().pk)),
    ("policies_enjoycandidate_once", lambda: copy(inside())),
    ("policies_enjoycandidate_listed", lambda: copy(inside(), enterprise_id=make.firm().pk)),
    ("policies_enjoycandidate_stands", lambda: change(inside(), amount_fen=1)),
    ("policies_enjoycandidate_stands", lambda: change(inside(), digest="0" * 64)),
    ("policies_enjoycandidate_stands", lambda: change(inside(), enterprise_id=make.firm().pk)),
    ("policies_enjoycandidate_stands", lambda: change(almost(), place="in")),
    ("policies_enjoycandidate_stands", lambda: change(almost(), reasons="[]")),
    ("policies_enjoycandidate_stands", lambda: change(of_offer(), told_at=NOW)),
    ("policies_enjoycandidate_stands", lambda: change(make.accepted(), award_id=None)),
    ("policies_enjoycandidate_state_transitions", lambda: delete(inside())),
    ("policies_enjoycandidate_state_transitions", lambda: change(make.accepted(), state="offered")),
    ("policies_enjoycandidate_in_time", lambda: change(inside(), state="accepted")),
    ("policies_enjoycandidate_in_time", lambda: change(inside(), state="offered", told_at=NOW)),
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
    ("policies_enjoynotice_stands", lambda: change(notice(), total_fen=1)),
    ("policies_enjoynotice_stands", lambda: change(notice(), closes_at=NOW)),
    ("policies_enjoynotice_stands", lambda: delete(notice())),
    ("policies_enjoyobjection_stands", lambda: change(objection(), text="别的")),
    ("policies_enjoyobjection_stands", lambda: change(answered(), answer="别的")),
    ("policies_enjoyobjection_settled", lambda: change(objection(), upheld=True)),
    ("policies_enjoyobjection_answered", lambda: change(objection(), answer="查过", upheld=True)),
    ("policies_enjoyobjection_signed", lambda: noticing.EnjoyObjection.objects.create(notice=notice())),
    ("policies_enjoyplan_dates", lambda: plan(every="quarter", month=4)),
    ("policies_enjoyplan_dates", lambda: plan(every="week")),
    ("policies_enjoyplan_days", lambda: plan(offer_days=0)),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_the_database_refuses(constraint, provoke):
    refused(constraint, provoke)
