"""Pages of talks: the desk's and the enterprise's."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.models import Appeal, Talk, TalkTopic
from appeals.talks import following, signing
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import lead, official
from tests.clients import signed_in
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, actor_of
from tests.field.factories import coming, over, topic_of
from tests.rows import change

pytestmark = pytest.mark.django_db


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
