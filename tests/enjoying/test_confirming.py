"""人工把关: two people, reasons for every exclusion, and nothing confirmed that was not looked at."""

import pytest

from policies.enjoying import confirming
from policies.enjoying.confirming import Seen
from policies.models.enjoying.vocabulary import CandidateState, RunState
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry
from portal.kernel.tasks import relay_outbox
from portal.notifications.models import Message
from tests.enjoying import factories as make
from tests.enterprises.factories import MembershipFactory
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


def code_of(work, *args, **kwargs) -> str:
    with pytest.raises(DomainError) as refusal:
        work(*args, **kwargs)
    return refusal.value.code


def test_a_list_goes_up_and_is_confirmed_by_another():
    make.firm()
    run = make.listed()
    reviewer = make.reviewer()
    confirming.propose(run, by=reviewer, at=make.now(), comment="逐户核过")
    assert run.state == RunState.PROPOSED
    assert code_of(confirming.confirm, run, by=reviewer, at=make.now()) == "four_eyes"
    confirming.confirm(run, by=make.leader(), at=make.now())
    assert run.state == RunState.CONFIRMED
    assert [event.name for event in run.events.all()] == ["list", "propose", "confirm"]


def test_a_second_reviewer_may_confirm_and_an_editor_may_not():
    make.firm()
    run = make.proposed()
    assert code_of(confirming.confirm, run, by=policies.editor(), at=make.now()) == "no_role"
    confirming.confirm(run, by=make.reviewer(), at=make.now())
    assert run.state == RunState.CONFIRMED


def test_who_began_it_by_hand_does_not_confirm():
    make.firm()
    leader = make.leader()
    run = make.proposed(by=leader)
    assert code_of(confirming.confirm, run, by=leader, at=make.now()) == "four_eyes"


def test_who_excluded_somebody_does_not_confirm():
    first, _second = make.firm(), make.firm()
    run = make.listed()
    excluding = make.reviewer()
    confirming.exclude(make.candidate(run, first), "正在停产", by=excluding, at=make.now())
    confirming.propose(run, by=make.reviewer(), at=make.now())
    assert code_of(confirming.confirm, run, by=excluding, at=make.now()) == "four_eyes"


def test_who_put_somebody_back_had_a_hand_in_the_list():
    """Else one person could exclude, restore and confirm what they sifted."""
    make.firm()
    run, reviewer = make.listed(), make.reviewer()
    one = make.candidate(run)
    confirming.exclude(one, "停产", by=reviewer, at=make.now())
    confirming.restore(one, "没有停产", by=reviewer, at=make.now())
    confirming.propose(run, by=make.reviewer(), at=make.now())
    assert code_of(confirming.confirm, run, by=reviewer, at=make.now()) == "four_eyes"


def test_an_exclusion_wants_a_reason_a_reviewer_and_its_time():
    enterprise = make.firm()
    make.firm()
    run = make.listed()
    one, reviewer = make.candidate(run, enterprise), make.reviewer()
    assert code_of(confirming.exclude, one, "  ", by=reviewer, at=make.now()) == "no_reason"
    assert code_of(confirming.exclude, one, "停产", by=make.leader(), at=make.now()) == "no_role"
    confirming.exclude(one, "停产", by=reviewer, at=make.now())
    assert (one.state, one.exclusion, one.excluded_by) == (CandidateState.EXCLUDED, "停产", reviewer)
    assert code_of(confirming.exclude, one, "停产", by=reviewer, at=make.now()) == "transition_refused"
    assert code_of(confirming.restore, one, " ", by=reviewer, at=make.now()) == "no_reason"
    confirming.restore(one, "没有停产", by=reviewer, at=make.now())
    assert (one.state, one.exclusion) == (CandidateState.LISTED, "")
    said = one.events.order_by("pk").values_list("name", "actor", "comment")
    assert list(said) == [("exclude", reviewer.pk, "停产"), ("restore", reviewer.pk, "没有停产")]
    confirming.propose(run, by=reviewer, at=make.now())
    assert code_of(confirming.exclude, one, "停产", by=reviewer, at=make.now()) == "not_now"


def test_only_who_is_in_can_be_excluded():
    almost = make.firm(None)
    make.firm()
    run = make.listed()
    one = make.candidate(run, almost)
    assert code_of(confirming.exclude, one, "缺数据", by=make.reviewer(), at=make.now()) == "not_in"


def test_an_empty_list_goes_nowhere():
    enterprise = make.firm()
    run = make.listed()
    confirming.exclude(make.candidate(run, enterprise), "停产", by=make.reviewer(), at=make.now())
    assert code_of(confirming.propose, run, by=make.reviewer(), at=make.now()) == "empty"


def test_a_list_that_changed_since_it_was_looked_at_is_not_confirmed():
    first, _second = make.firm(), make.firm()
    run = make.proposed()
    seen = Seen.of(run)
    confirming.rework(run, "还有一家要查", by=make.leader(), at=make.now())
    confirming.exclude(make.candidate(run, first), "停产", by=make.reviewer(), at=make.now())
    confirming.propose(run, by=make.reviewer(), at=make.now())
    assert code_of(confirming.confirm, run, by=make.leader(), at=make.now(), seen=seen) == "stale"
    confirming.confirm(run, by=make.leader(), at=make.now(), seen=Seen.of(run))


def test_cancelling_wants_a_reason_and_frees_the_year():
    version = make.version()
    make.firm()
    run = make.confirmed(version)
    assert code_of(confirming.cancel, run, "", by=make.reviewer(), at=make.now()) == "no_reason"
    confirming.cancel(run, "政策要改", by=make.reviewer(), at=make.now())
    assert run.state == RunState.CANCELLED
    assert make.listed(version).state == RunState.LISTED


def test_cancelling_an_offer_takes_it_back_and_leaves_what_was_accepted():
    version, other = make.version(), make.firm()
    one = make.accepted(version)
    run = one.run
    confirming.cancel(run, "资金调整", by=make.reviewer(), at=make.now())
    one.refresh_from_db()
    assert one.state == CandidateState.ACCEPTED
    assert one.award_id
    assert make.candidate(run, other).state == CandidateState.LAPSED
    relay_outbox()
    told = Message.objects.filter(mailbox=other.mailbox, title__contains="已取消")
    assert "资金调整" in told.get().body


def test_reviewers_are_told_of_a_list_and_leaders_of_one_sent_up():
    reviewer, leader = make.reviewer(), make.leader()
    make.firm()
    run = make.listed()
    confirming.propose(run, by=reviewer, at=make.now())
    relay_outbox()
    told = Message.objects.filter(url=run.get_absolute_url())
    assert told.get(mailbox__user=reviewer).title == "免申即享名单已生成，请把关"
    assert told.get(mailbox__user=leader).title == "免申即享名单待审定"


def test_a_member_of_a_firm_on_the_list_stands_back():
    enterprise = make.firm()
    run = make.listed()
    reviewer, leader = make.reviewer(), make.leader()
    for official in (reviewer, leader):
        MembershipFactory(enterprise=enterprise, user=official)
    assert code_of(confirming.propose, run, by=reviewer, at=make.now()) == "own_firm"
    one = make.candidate(run, enterprise)
    assert code_of(confirming.exclude, one, "停产", by=reviewer, at=make.now()) == "own_firm"
    confirming.exclude(one, "停产", by=make.reviewer(), at=make.now())
    assert code_of(confirming.restore, one, "看错", by=reviewer, at=make.now()) == "own_firm"
    confirming.restore(one, "看错", by=make.reviewer(), at=make.now())
    confirming.propose(run, by=make.reviewer(), at=make.now())
    assert code_of(confirming.confirm, run, by=leader, at=make.now()) == "own_firm"


def test_who_stands_back_is_not_asked():
    enterprise = make.firm()
    insider, outsider = make.leader(), make.leader()
    MembershipFactory(enterprise=enterprise, user=insider)
    run = make.proposed()
    told = OutboxEntry.objects.filter(payload__title="免申即享名单待审定")
    assert set(told.values_list("payload__mailbox", flat=True)) == {outsider.mailbox.pk}
    assert run.state == RunState.PROPOSED
