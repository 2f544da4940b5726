"""Talks: published, signed up for, no more guests than seats, topics handed in."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appeals.models import Talk, TalkGuest
from appeals.talks import holding, signing
from enterprises.actors import Actor
from enterprises.models import MemberRole
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import official
from tests.appeals.messages import told
from tests.enterprises.factories import EnterpriseFactory, actor_of
from tests.field.factories import TalkFactory, coming, over, topic_of
from tests.races import race
from tests.rows import change

pytestmark = pytest.mark.django_db


class TestHolding:
    def test_a_draft_is_for_its_host_alone(self, host, keeper, firm):
        made = TalkFactory(host=host)
        made.attending.add(DepartmentFactory())
        attends = official(Role.HANDLER, made.attending.get())
        assert not Talk.objects.visible_to(attends).exists()
        assert not Talk.objects.all().of(firm).exists()
        holding.publish(made, by=keeper)
        assert list(Talk.objects.visible_to(attends)) == [made]
        assert list(Talk.objects.all().of(firm)) == [made]
        assert told(attends) == ["请贵单位参加恳谈会"]

    def test_what_is_over_is_only_for_those_who_had_a_part(self, talk, firm):
        stranger = actor_of()
        coming(firm, talk)
        over(talk)
        assert list(Talk.objects.all().of(firm)) == [talk]
        assert not Talk.objects.all().of(stranger).exists()

    def test_a_change_of_time_is_told_and_of_the_title_not(self, talk, firm, keeper):
        coming(firm, talk)
        talk.title = "新题目"
        holding.keep(talk, [], by=keeper)
        assert told(firm.enterprise) == []
        talk.place = "二楼"
        holding.keep(talk, [], by=keeper)
        assert told(firm.enterprise) == ["恳谈会时间或地点有变，请留意"]

    def test_no_fewer_seats_than_are_taken(self, talk, keeper):
        change(talk, seats=2)
        for _time in range(2):
            coming(actor_of(), talk)
        talk.seats = 1
        with pytest.raises(DomainError, match="名额不能少于"):
            holding.keep(talk, [], by=keeper)

    def test_called_off_with_a_reason_and_told(self, talk, firm, keeper):
        coming(firm, talk)
        declined = actor_of()
        signing.answer(declined, talk, coming=False, name="王", phone="1")
        with pytest.raises(DomainError, match="原因"):
            holding.call_off(talk, " ", by=keeper)
        holding.call_off(talk, "防汛", by=keeper)
        assert told(firm.enterprise) == ["恳谈会取消：防汛"]
        assert told(declined.enterprise) == []

    def test_minutes_come_after_the_talk(self, talk, keeper):
        with pytest.raises(DomainError, match="还没到"):
            holding.hold(talk, "谈了", by=keeper)
        change(talk, held_at=timezone.now() - dt.timedelta(hours=1))
        talk.refresh_from_db()
        with pytest.raises(DomainError, match="纪要"):
            holding.hold(talk, " ", by=keeper)
        holding.hold(talk, "谈了", by=keeper)
        with pytest.raises(DomainError, match="不能再改"):
            holding.keep(talk, [], by=keeper)

    def test_a_day_that_is_over_is_not_published(self, host, keeper):
        made = TalkFactory(host=host, held_at=timezone.now() - dt.timedelta(hours=1))
        with pytest.raises(DomainError, match="已过"):
            holding.publish(made, by=keeper)


class TestSigning:
    def test_the_last_seat_is_given_once(self, talk, firm):
        coming(firm, talk)
        with pytest.raises(DomainError, match="名额已满"):
            coming(actor_of(), talk)
        coming(firm, talk, "换人来")
        signing.answer(firm, talk, coming=False, name="陈", phone="1")
        coming(actor_of(), talk)

    def test_raw_sql_takes_no_seat_that_is_not_there(self, talk, firm):
        coming(firm, talk)
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            TalkGuest.objects.create(talk=talk, enterprise=EnterpriseFactory(), state="coming", name="x")
        assert refusal.value.__cause__.diag.constraint_name == "appeals_talkguest_seats"
        change(talk, seats=2)
        TalkGuest.objects.create(talk=talk, enterprise=EnterpriseFactory(), state="coming", name="x")
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            change(talk, seats=1)
        assert refusal.value.__cause__.diag.constraint_name == "appeals_talk_seats_taken"

    def test_invited_once_and_told(self, talk):
        firms = [EnterpriseFactory(), EnterpriseFactory()]
        assert signing.invite(talk, firms[:1]) == 1
        assert signing.invite(talk, firms) == 1
        assert told(firms[0]) == ["邀请您参加恳谈会，请回复是否到会"]

    def test_an_answer_is_told_to_the_host_once(self, talk, firm, keeper):
        coming(firm, talk)
        coming(firm, talk, "换人来")
        assert len(told(keeper)) == 1

    def test_topics_while_they_are_collected(self, talk, firm, keeper):
        with pytest.raises(DomainError, match="先填写"):
            signing.hand_in(firm, talk, "题", "文")
        first = topic_of(firm, talk)
        with pytest.raises(DomainError, match="已经提交过"):
            signing.hand_in(firm, talk, first.title, "又一次")
        with pytest.raises(DomainError):
            signing.hand_in(firm, talk, " ", "文")
        for number in range(signing.MOST_TOPICS - 1):
            signing.hand_in(firm, talk, f"题{number}", "文")
        with pytest.raises(DomainError, match="最多"):
            signing.hand_in(firm, talk, "再一个", "文")
        signing.take_back(firm, first)
        assert talk.topics.count() == signing.MOST_TOPICS - 1

    @pytest.mark.parametrize("days", [(1, 3), (-5, -1)])
    def test_not_before_and_not_after(self, talk, firm, days):
        coming(firm, talk)
        today = timezone.localdate()
        first, last = (today + dt.timedelta(days=number) for number in days)
        change(talk, opens_on=first.isoformat(), closes_on=last.isoformat())
        with pytest.raises(DomainError, match="现在不收题"):
            signing.hand_in(firm, talk, "题", "文")

    def test_nothing_of_a_draft(self, host, firm):
        made = TalkFactory(host=host)
        for work in (lambda: coming(firm, made), lambda: signing.invite(made, [])):
            with pytest.raises(DomainError, match="没有发布"):
                work()


@pytest.mark.django_db(transaction=True)
def test_two_take_the_last_seat_at_once(host, keeper):
    talk = TalkFactory(host=host, seats=1)
    holding.publish(talk, by=keeper)
    actors = [actor_of(), actor_of()]
    assert all(isinstance(actor, Actor) and actor.role == MemberRole.MANAGER for actor in actors)
    results = race([lambda actor=actor: coming(actor, talk) for actor in actors])
    assert sum(isinstance(each, DomainError) for each, _seconds in results) == 1
    assert talk.guests.filter(state="coming").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_answers_once(host, keeper, firm):
    talk = TalkFactory(host=host)
    holding.publish(talk, by=keeper)
    results = race([lambda: coming(firm, talk) for _tap in range(4)])
    assert [error for error, _seconds in results if isinstance(error, Exception)] == []
    assert talk.guests.filter(state="coming").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_list_is_invited_once_by_two(host, keeper):
    talk, firms = TalkFactory(host=host), [EnterpriseFactory(), EnterpriseFactory()]
    holding.publish(talk, by=keeper)
    results = race([lambda: signing.invite(talk, firms) for _tap in range(4)])
    assert sorted(count for count, _seconds in results) == [0, 0, 0, 2]
