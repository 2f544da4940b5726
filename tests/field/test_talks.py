"""Talks: published, signed up for, no more guests than seats, topics handed over with two clocks."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appeals.dispatching import add_co, dispatch, open_grab, undo
from appeals.enums import Source
from appeals.grabbing import grab
from appeals.handling import accept, answer
from appeals.models import Appeal, OrderClock, Talk, TalkGuest, TalkTopic
from appeals.placing import Target
from appeals.talks import following, holding, signing
from enterprises.actors import Actor
from enterprises.models import MemberRole
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.workdays import Calendar
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import CategoryFactory, ProviderFactory, ProviderMemberFactory, lead, official
from tests.appeals.messages import told
from tests.appeals.races import race
from tests.appeals.standing import change
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, actor_of
from tests.field.factories import TalkFactory

pytestmark = pytest.mark.django_db


def signed_in(user):
    cache.clear()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def host():
    return DepartmentFactory(short_name="工商联（测试）")


@pytest.fixture
def keeper(host):
    return official(Role.DISPATCHER, host)


@pytest.fixture
def talk(host, keeper):
    made = TalkFactory(host=host, seats=1)
    holding.publish(made, by=keeper)
    return made


@pytest.fixture
def firm():
    return actor_of()


def coming(actor, talk, name="陈明远"):
    return signing.answer(actor, talk, coming=True, name=name, phone="13800000000")


def topic_of(actor, talk, title="升规奖励何时兑现"):
    coming(actor, talk)
    return signing.hand_in(actor, talk, title, "去年入统，奖励还没到。")


def over(talk, state="held"):
    """The talk took place yesterday."""
    held = timezone.now() - dt.timedelta(days=1)
    change(talk, held_at=held, state=state, minutes="谈了用工。")
    talk.refresh_from_db()


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


class TestDeskPages:
    def there(self, talk, name="desk_talk", *more):
        return reverse(name, args=[talk.host_id, talk.pk, *more])

    def test_a_talk_from_the_form_to_its_minutes(self, host, keeper, firm):
        client = signed_in(keeper)
        day = timezone.localdate()
        given = {
            "title": "用工恳谈会",
            "theme": "节后用工",
            "held_at": (timezone.localtime() + dt.timedelta(days=5)).strftime("%Y-%m-%dT%H:%M"),
            "place": "三楼",
            "seats": "10",
            "opens_on": day.isoformat(),
            "closes_on": (day + dt.timedelta(days=3)).isoformat(),
            "attending": [DepartmentFactory().pk],
        }
        new = reverse("desk_talk_new", args=[host.pk])
        late = given | {"closes_on": (day + dt.timedelta(days=9)).isoformat()}
        assert client.post(new, late).status_code == 422
        assert client.post(new, given).status_code == 302
        talk = Talk.objects.get()
        assert (talk.host, talk.state, talk.attending.count()) == (host, "draft", 1)
        client.post(self.there(talk, "desk_talk_step", "publish"))
        wrong = client.post(self.there(talk, "desk_talk_step", "invite"), {"firms": "没有这家"})
        assert wrong.status_code == 422
        assert "没有这家" in wrong.content.decode()
        client.post(
            self.there(talk, "desk_talk_step", "invite"),
            {"firms": f"{firm.enterprise.name}\n{EnterpriseFactory().uscc.lower()}"},
        )
        assert talk.guests.count() == 2
        topic = topic_of(firm, talk)
        change(talk, held_at=timezone.now() - dt.timedelta(hours=1))
        client.post(self.there(talk, "desk_talk_step", "hold"), {"minutes": "谈了用工。"})
        page = client.get(self.there(talk)).content.decode()
        assert "把剩下的 1 个都转为诉求" in page
        place = DepartmentFactory()
        client.post(self.there(talk, "desk_topic_over", topic.pk), {"target": f"d{place.pk}"})
        appeal = Appeal.objects.get()
        assert lead(appeal).department == place
        page = client.get(reverse("desk_talks_follow", args=[host.pk])).content.decode()
        assert appeal.number in page

    def test_the_rest_goes_over_at_once(self, talk, firm, keeper):
        topic = topic_of(firm, talk)
        answered = signing.hand_in(firm, talk, "另一题", "文")
        over(talk)
        following.answer_on_the_spot(answered, "好", by=keeper)
        signed_in(keeper).post(self.there(talk, "desk_talk_all"))
        topic.refresh_from_db()
        answered.refresh_from_db()
        assert (topic.appeal is not None, answered.appeal) == (True, None)

    def test_who_may(self, talk, host):
        handler, stranger = official(Role.HANDLER, host), official(Role.LEADER)
        assert signed_in(handler).get(self.there(talk)).status_code == 200
        for name, more in (("desk_talk_step", ["publish"]), ("desk_talk_all", [])):
            assert signed_in(handler).post(self.there(talk, name, *more)).status_code == 404
        own = reverse("desk_talk", args=[stranger.postings.get().department_id, talk.pk])
        assert signed_in(stranger).get(own).status_code == 404
        desk = official(Role.SUPERVISOR)
        place = desk.postings.get().department_id
        assert signed_in(desk).get(reverse("desk_talk", args=[place, talk.pk])).status_code == 200
        assert signed_in(desk).post(reverse("desk_talk_all", args=[place, talk.pk])).status_code == 404
        assert signed_in(official(Role.PAIRED, host)).get(self.there(talk)).status_code == 404

    def test_pages_cost_the_same_for_many(self, host, keeper, talk, django_assert_max_num_queries):
        change(talk, seats=20)
        for _time in range(6):
            topic_of(actor_of(), talk)
        over(talk)
        for topic in talk.topics.all()[:4]:
            following.hand_over(topic, None, by=keeper)
        client = signed_in(keeper)
        with django_assert_max_num_queries(18):
            client.get(self.there(talk))
        for name in ("desk_talks", "desk_talks_follow"):
            with django_assert_max_num_queries(14):
                assert client.get(reverse(name, args=[host.pk])).status_code == 200


class TestFirmPages:
    def there(self, firm, talk, name="enterprise_talk", *more):
        return reverse(name, args=[firm.enterprise.pk, talk.pk, *more])

    def test_signed_up_a_topic_handed_in_and_taken_back(self, talk, firm):
        client = signed_in(firm.user)
        assert (
            talk.title in client.get(reverse("enterprise_talks", args=[firm.enterprise.pk])).content.decode()
        )
        page = client.get(self.there(firm, talk)).content.decode()
        assert "还剩 1 个" in page
        assert "交一个题目" not in page
        answer = {"coming": "yes", "name": "陈明远", "phone": "13800000000"}
        client.post(self.there(firm, talk, "enterprise_talk_answer"), answer)
        given = {"title": "题", "text": "文"}
        assert client.post(self.there(firm, talk, "enterprise_talk_topic"), given).status_code == 302
        again = client.post(self.there(firm, talk, "enterprise_talk_topic"), given)
        assert (again.status_code, "已经提交过" in again.content.decode()) == (422, True)
        topic = TalkTopic.objects.get()
        client.post(self.there(firm, talk, "enterprise_topic_back", topic.pk))
        assert not TalkTopic.objects.exists()

    def test_full(self, talk, firm):
        coming(actor_of(), talk)
        client = signed_in(firm.user)
        answer = {"coming": "yes", "name": "陈", "phone": "1"}
        page = client.post(self.there(firm, talk, "enterprise_talk_answer"), answer)
        assert (page.status_code, "名额已满" in page.content.decode()) == (422, True)

    def test_only_own_topics_are_shown_and_taken_back(self, talk, firm):
        change(talk, seats=2)
        secret = topic_of(actor_of(), talk, "别人的题目")
        client = signed_in(firm.user)
        assert "别人的题目" not in client.get(self.there(firm, talk)).content.decode()
        assert client.post(self.there(firm, talk, "enterprise_topic_back", secret.pk)).status_code == 404

    def test_a_talk_that_is_over_without_us_is_not_found(self, talk, firm):
        over(talk)
        client = signed_in(firm.user)
        assert client.get(self.there(firm, talk)).status_code == 404
        other = MembershipFactory(user=firm.user)
        assert client.get(reverse("enterprise_talk", args=[other.enterprise_id, talk.pk])).status_code == 404


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
