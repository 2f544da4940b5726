"""Notice, objections, offers and what enterprises say to them; awards are made exactly once."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.models.enterprise import Status
from policies.enjoying import accepting, confirming, noticing, offering
from policies.models import Award, EnjoyPlan
from policies.models.enjoying.vocabulary import CandidateState, RunState
from policies.money import accounts
from policies.notices.objecting import Words
from policies.services import withdraw
from portal.kernel.errors import DomainError
from portal.kernel.tasks import relay_outbox
from portal.notifications.models import Message
from tests.enjoying import factories as make
from tests.enterprises.factories import MembershipFactory, give_value
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
SIGNED = Words("李四", "023-74510000", "去年已经停产")


def code_of(work, *args, **kwargs) -> str:
    with pytest.raises(DomainError) as refusal:
        work(*args, **kwargs)
    return refusal.value.code


def take(one, actor=None, account=None, at=None):
    actor = actor or make.actor_for(one.enterprise)
    account = account or make.account_of(one.enterprise).pk
    return accepting.accept(one, actor, account=account, at=at or make.now())


class TestNotice:
    def test_money_is_shown_before_it_is_offered(self):
        make.firm()
        run = make.confirmed()
        assert code_of(offering.offer, run, by=make.leader(), at=make.now()) == "notice_first"
        notice = noticing.post_notice(run, by=make.leader(), at=make.now())
        assert (notice.count, notice.total_fen) == (1, make.TEN_WAN)
        assert code_of(offering.offer, run, by=make.leader(), at=make.now()) == "notice_runs"
        just_before = notice.closes_at - dt.timedelta(microseconds=1)
        assert code_of(offering.offer, run, by=make.leader(), at=just_before) == "notice_runs"
        assert offering.offer(run, by=make.leader(), at=notice.closes_at) == 1

    def test_where_the_item_wants_none_there_is_none(self):
        version = make.version()
        EnjoyPlan.objects.create(item=version.item, notice_days=0)
        make.firm()
        run = make.confirmed(version)
        assert code_of(noticing.post_notice, run, by=make.leader(), at=make.now()) == "no_notice"
        assert offering.offer(run, by=make.leader(), at=make.now()) == 1

    def test_an_objection_is_answered_first_and_one_upheld_excludes(self):
        bad, good = make.firm(), make.firm()
        run = make.noticed()
        objection = noticing.object_to(run.notice, make.candidate(run, bad), SIGNED, at=make.now())
        again = noticing.object_to(run.notice, make.candidate(run, bad), SIGNED, at=make.now())
        assert again == objection
        over = run.notice.closes_at
        assert code_of(offering.offer, run, by=make.leader(), at=over) == "objections_open"
        reviewer = make.reviewer()
        assert code_of(noticing.answer, objection, " ", upheld=True, by=reviewer, at=over) == "says_nothing"
        insider = make.reviewer()
        MembershipFactory(enterprise=bad, user=insider)
        assert code_of(noticing.answer, objection, "不实", upheld=False, by=insider, at=over) == "own_firm"
        noticing.answer(objection, "查实已停产", upheld=True, by=reviewer, at=over)
        assert code_of(noticing.answer, objection, "再答", upheld=False, by=reviewer, at=over) == "answered"
        assert make.candidate(run, bad).exclusion == "查实已停产"
        assert offering.offer(run, by=make.leader(), at=over) == 1
        assert make.candidate(run, good).state == CandidateState.OFFERED

    def test_the_sweeper_offers_what_was_shown_long_enough(self):
        make.firm()
        run = make.noticed()
        assert offering.offer_ready(run.notice.closes_at - dt.timedelta(seconds=1)) == 0
        assert offering.offer_ready(run.notice.closes_at) == 1
        assert offering.offer_ready(run.notice.closes_at) == 0

    def test_what_the_sweeper_cannot_offer_is_told_once(self):
        enterprise = make.firm()
        reviewer = make.reviewer()
        run = make.noticed()
        enterprise.status = Status.CANCELLED
        enterprise.save()
        for _time in range(2):
            assert offering.offer_ready(run.notice.closes_at) == 0
        relay_outbox()
        told = Message.objects.filter(mailbox__user=reviewer, title="名单公示期满，请处理")
        assert enterprise.name in told.get().body

    def test_nobody_objects_after_its_end(self):
        make.firm()
        run = make.noticed()
        late = run.notice.closes_at
        assert code_of(noticing.object_to, run.notice, None, SIGNED, at=late) == "notice_over"


class TestOffer:
    def test_each_is_told_once_what_how_much_and_until_when(self):
        enterprise, almost = make.firm(), make.firm(None)
        run = make.offered()
        assert code_of(offering.offer, run, by=make.leader(), at=make.now()) == "transition_refused"
        relay_outbox()
        told = Message.objects.get(mailbox=enterprise.mailbox, kind="enjoy")
        assert "10 万元" in told.title
        assert run.version.title in told.body
        assert told.url == make.candidate(run, enterprise).get_absolute_url()
        assert Message.objects.get(mailbox=almost.mailbox, kind="enjoy").title.startswith("差一步")

    def test_accepting_makes_one_award_however_often(self):
        enterprise = make.firm()
        run = make.offered()
        one = make.candidate(run, enterprise)
        award = take(one)
        assert take(one) == award == take(make.candidate(run, enterprise))
        assert Award.objects.get() == award
        assert (award.enterprise, award.amount_fen, award.period) == (enterprise, make.TEN_WAN, run.period)
        assert award.evidence["candidate"] == one.pk
        assert make.candidate(run, enterprise).award == award
        assert [event.name for event in one.events.all()] == ["offer", "accept"]

    def test_nobody_accepts_for_another_firm(self):
        enterprise, other = make.firm(), make.firm()
        one = make.candidate(make.offered(), enterprise)
        assert code_of(take, one, make.actor_for(other), make.account_of(other).pk) == "not_yours"
        assert code_of(accepting.decline, one, make.actor_for(other), "不要", at=make.now()) == "not_yours"
        assert not Award.objects.exists()

    def test_into_the_account_that_was_looked_at(self):
        enterprise, other = make.firm(), make.firm()
        one = make.candidate(make.offered(), enterprise)
        actor = make.actor_for(enterprise)
        assert code_of(accepting.accept, one, actor, account=0, at=make.now()) == "no_account"
        old = make.account_of(enterprise)
        accounts.give(actor, enterprise.name, "农业银行垫江支行", "6228480020001122334", at=make.now())
        assert code_of(take, one, actor, old.pk) == "account_changed"
        assert code_of(take, one, actor, make.account_of(other).pk) == "account_changed"

    def test_not_after_its_time(self):
        enterprise = make.firm()
        run = make.offered()
        one = make.candidate(run, enterprise)
        account = make.account_of(enterprise).pk
        assert code_of(take, one, None, account, run.offer_until) == "too_late"
        take(one, None, account, run.offer_until - dt.timedelta(microseconds=1))

    def test_not_before_it_is_offered(self):
        enterprise = make.firm()
        one = make.candidate(make.noticed(), enterprise)
        assert code_of(take, one) == "not_offered"

    def test_struck_off_between_list_and_acceptance(self):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        enterprise.status = Status.REVOKED
        enterprise.save()
        assert code_of(take, one) == "changed"
        assert not Award.objects.exists()

    def test_a_fact_corrected_after_the_list_froze(self, transactional_db):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        make.hire(enterprise, 3)
        assert code_of(take, one) == "changed"

    def test_bad_credit_after_the_list_froze(self, transactional_db):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        give_value(enterprise, "serious_dishonest", scaled=1, as_of=timezone.localdate())
        assert code_of(take, one) == "changed"

    def test_withdrawn_after_the_offer(self):
        version, enterprise = make.version(), make.firm()
        one = make.candidate(make.offered(version), enterprise)
        withdraw(version, by=policies.publisher(), reason="写错了")
        assert code_of(take, one) == "withdrawn"

    def test_of_a_group_the_first_that_is_taken(self):
        enterprise = make.firm()
        low = make.offered(make.version(exclusivity_group="g"))
        high = make.offered(make.version(exclusivity_group="g", rule_amount={"fixed": "30", "unit": "万元"}))
        take(make.candidate(high, enterprise))
        assert code_of(take, make.candidate(low, enterprise)) == "changed"
        assert Award.objects.count() == 1

    def test_declining_ends_it(self):
        enterprise = make.firm()
        run = make.offered()
        one, actor = make.candidate(run, enterprise), make.actor_for(enterprise)
        assert code_of(accepting.decline, one, actor, " ", at=make.now()) == "no_reason"
        accepting.decline(one, actor, "已搬迁", at=make.now())
        assert code_of(take, one) == "not_offered"
        assert offering.close_due(make.now()) == 1
        run.refresh_from_db()
        assert run.state == RunState.CLOSED

    def test_an_objection_is_answered_and_gives_time(self):
        enterprise = make.firm()
        run = make.offered()
        one, actor = make.candidate(run, enterprise), make.actor_for(enterprise)
        accepting.object_to(one, actor, "我们有 120 人", at=make.now())
        assert code_of(take, one) == "not_offered"
        late = run.offer_until + dt.timedelta(days=1)
        assert offering.close_due(late) == 0
        accepting.settle(one, "人数以社保为准", by=make.reviewer(), at=late)
        run.refresh_from_db()
        assert run.offer_until > late
        take(one, at=late)

    def test_what_is_not_taken_in_time_lapses_and_the_list_is_closed(self):
        enterprise = make.firm()
        run = make.offered()
        one = make.candidate(run, enterprise)
        assert code_of(offering.close, run, by=make.leader(), at=make.now()) == "too_early"
        assert offering.close_due(run.offer_until) == 1
        one.refresh_from_db()
        assert one.state == CandidateState.LAPSED
        assert code_of(take, one) == "not_offered"

    def test_excluded_after_the_offer_is_told_why(self):
        enterprise = make.firm()
        one = make.candidate(make.offered(), enterprise)
        confirming.exclude(one, "查实停产", by=make.reviewer(), at=make.now())
        relay_outbox()
        told = Message.objects.get(mailbox=enterprise.mailbox, title__startswith="免申即享已取消")
        assert "查实停产" in told.body
        assert code_of(take, one) == "not_offered"
