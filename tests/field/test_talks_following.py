"""What follows a talk: answers on the spot, topics handed over with two clocks."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appeals.dispatching import add_co, dispatch, open_grab, undo
from appeals.enums import Source
from appeals.grabbing import grab
from appeals.handling import accept, answer
from appeals.intake import share
from appeals.models import OrderClock, Talk
from appeals.placing import Target
from appeals.talks import following, holding
from portal.kernel.errors import DomainError
from portal.kernel.workdays import Calendar
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import CategoryFactory, ProviderFactory, ProviderMemberFactory, file, lead
from tests.appeals.messages import told
from tests.field.factories import over, topic_of
from tests.rows import change

pytestmark = pytest.mark.django_db


class TestFollowing:
    def test_handed_over_in_two_working_days_and_answered_in_two_weeks(self, talk, firm, keeper):
        topic = topic_of(firm, talk)
        with pytest.raises(DomainError, match="还没开完"):
            following.hand_over(topic, None, by=keeper)
        over(talk)
        appeal = following.hand_over(topic, None, by=keeper)
        assert following.hand_over(topic, None, by=keeper) == appeal
        assert (appeal.source, appeal.contact_name) == (Source.TALK, "陈明远")
        clocks = {clock.target: clock for clock in OrderClock.objects.filter(order__appeal=appeal)}
        assert set(clocks) == {"receive", "handover", "reply"}
        today, calendar = timezone.localdate(), Calendar.load()
        last = timezone.localdate(clocks["handover"].due_at - dt.timedelta(seconds=1))
        assert last == calendar.add_workdays(today, 2)
        last = timezone.localdate(clocks["reply"].due_at - dt.timedelta(seconds=1))
        assert last >= today + dt.timedelta(days=14)

        order = lead(appeal)
        dispatch(order, Target(DepartmentFactory()), by=keeper)
        running = OrderClock.objects.filter(order=order, met_at=None).values_list("target", flat=True)
        assert set(running) == {"accept", "reply"}  # no third clock for the work
        undo(order, by=keeper)
        assert OrderClock.objects.filter(order=order, target="handover", met_at=None).exists()
        dispatch(order, Target(DepartmentFactory()), by=keeper)
        undo(order, by=keeper)  # a second time: it waits to be handed over all the same
        assert OrderClock.objects.filter(order=order, target="handover", met_at=None).exists()
        dispatch(order, Target(DepartmentFactory()), by=keeper)
        accept(order, by=keeper)
        add_co(order, Target(DepartmentFactory()), by=keeper)
        answer(order, "solved", "已兑现。", by=keeper)
        assert not OrderClock.objects.filter(order=order, target="reply", met_at=None).exists()
        assert following.followed(Talk.objects.all()).get().solved

    def test_several_departments_do_not_begin_the_two_weeks_anew(self, talk, firm, keeper):
        topic = topic_of(firm, talk)
        over(talk)
        order = lead(following.hand_over(topic, None, by=keeper))
        before = OrderClock.objects.get(order=order, target="reply")
        dispatch(order, Target(DepartmentFactory()), by=keeper, co=[Target(DepartmentFactory())])
        assert OrderClock.objects.get(order=order, target="reply").pk == before.pk

    def test_handed_to_a_department_at_once(self, talk, firm, keeper):
        topic, place = topic_of(firm, talk), DepartmentFactory()
        over(talk)
        order = lead(following.hand_over(topic, Target(place), by=keeper))
        assert (order.state, order.department) == ("offered", place)
        assert not OrderClock.objects.filter(order=order, target="handover", met_at=None).exists()

    def test_grabbed_in_the_hall_it_is_handed_over(self, talk, firm, keeper):
        topic, category = topic_of(firm, talk), CategoryFactory(market=True)
        over(talk)
        appeal = following.hand_over(topic, None, by=keeper)
        type(appeal).objects.filter(pk=appeal.pk).update(category=category)
        order = lead(appeal)
        open_grab(order, by=keeper)
        running = OrderClock.objects.filter(order=order, target="handover", met_at=None)
        assert running.exists()  # nobody has it yet
        member = ProviderMemberFactory(provider=ProviderFactory(categories=[category]))
        assert grab(order.pk, member.provider, by=member.user).won
        assert not running.exists()

    def test_an_answer_on_the_spot_is_told_and_a_handed_over_topic_stays(self, talk, firm, keeper):
        topic = topic_of(firm, talk)
        over(talk)
        following.answer_on_the_spot(topic, "下周到账。", by=keeper)
        assert "您的恳谈题目有现场答复" in told(firm.enterprise)
        following.hand_over(topic, None, by=keeper)
        with pytest.raises(DomainError, match="已转为诉求"):
            following.answer_on_the_spot(topic, "又", by=keeper)
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            change(topic, title="x")
        assert refusal.value.__cause__.diag.constraint_name == "appeals_talktopic_sealed"

    def test_topics_of_a_cancelled_talk_are_not_lost(self, talk, firm, keeper):
        topic = topic_of(firm, talk)
        holding.call_off(talk, "防汛", by=keeper)
        assert following.hand_over(topic, None, by=keeper).source == Source.TALK

    def test_every_other_answer_is_told(self, talk, firm, keeper):
        topic = topic_of(firm, talk)
        over(talk)
        for note in ("下周到账。", "下周到账。", "改为下月到账。", "下周到账。"):
            following.answer_on_the_spot(topic, note, by=keeper)
        heard = [title for title in told(firm.enterprise) if "恳谈题目" in title]
        assert sorted(heard) == ["您的恳谈题目有新的答复"] * 2 + ["您的恳谈题目有现场答复"]

    def test_with_a_shared_problem_it_is_handed_over(self, talk, firm, keeper):
        other, topic = file(), topic_of(firm, talk)
        over(talk)
        appeal = following.hand_over(topic, None, by=keeper)
        waits = OrderClock.objects.filter(order=lead(appeal), target="handover", met_at=None)
        share([other, appeal], "路灯", by=keeper)
        assert waits.exists()
        dispatch(lead(other), Target(DepartmentFactory()), by=keeper)
        assert lead(appeal).state == "offered"
        assert not waits.exists()
        undo(lead(other), by=keeper)
        assert waits.exists()

    def test_joined_to_a_problem_that_somebody_has_it_is_handed_over(self, talk, firm, keeper):
        other, topic = file(), topic_of(firm, talk)
        dispatch(lead(other), Target(DepartmentFactory()), by=keeper)
        over(talk)
        appeal = following.hand_over(topic, None, by=keeper)
        share([other, appeal], "路灯", by=keeper)
        assert not OrderClock.objects.filter(order=lead(appeal), target="handover", met_at=None).exists()
