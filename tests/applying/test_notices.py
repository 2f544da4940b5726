"""Public notices: read by everybody, objected to while they run, and nobody reads what others object."""

import datetime as dt
from functools import partial

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies.models import Objection, PublicNotice
from policies.notices import views
from policies.notices.objecting import Words, object_to
from policies.reviewing import deciding
from policies.reviewing.objections import answer
from portal.kernel.errors import DomainError
from portal.kernel.models import WorkdayOverride
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory
from tests.applying import factories as make

pytestmark = pytest.mark.django_db
WORDS = Words("李四", "023-74510000", "这台设备去年已经报过")
POSTED = {"name": "李四", "phone": "023-74510000", "text": "这台设备去年已经报过", "website": ""}


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


@pytest.fixture
def notice():
    return make.noticed()[1]


def text(address, status=200, **parameters):
    answered = Client().get(address, parameters)
    assert answered.status_code == status
    return answered.content.decode()


def later(notice):
    """A moment after the notice's days."""
    return notice.closes_at + dt.timedelta(hours=1)


def at_moment(monkeypatch, moment):
    monkeypatch.setattr(views.timezone, "now", lambda: moment)


class TestReading:
    def test_it_says_whose_for_what_how_much_until_when_and_whom_to_ask(self, notice):
        page = text(notice.get_absolute_url())
        application = notice.application
        for words in (application.enterprise.name, application.version.title, "20 万元", "还剩", "问谁"):
            assert words in page, words
        assert application.contact_phone not in page
        assert application.number not in page
        listed = text("/notices/")
        assert application.enterprise.name in listed
        assert "20 万元" in listed

    def test_words_find(self, notice):
        name, title = notice.application.enterprise.name, notice.application.version.title
        code = notice.application.enterprise.uscc
        for words in (name, f"{name[:3]} {title[:2]}", notice.application.item.department.name, code[4:12]):
            assert name in text("/notices/", q=words)
        assert "没有找到" in text("/notices/", q=f"{name} 没有的词")
        assert "没有找到" in text("/notices/", q=code[-5:]), (
            "less than six characters of a code say too little"
        )

    def test_what_is_over_is_folded_and_gone_after_a_year(self, notice, monkeypatch):
        name = notice.application.enterprise.name
        for moment, listed, status in [
            (notice.closes_at - dt.timedelta(seconds=1), True, 200),
            (notice.closes_at, True, 200),
            (notice.closes_at + dt.timedelta(days=364), True, 200),
            (notice.closes_at + dt.timedelta(days=365), False, 404),
        ]:
            at_moment(monkeypatch, moment)
            page = text("/notices/")
            assert (name in page) is listed, moment
            assert ("近一年已结束" in page) is (listed and moment >= notice.closes_at)
            text(notice.get_absolute_url(), status)

    def test_the_archive_has_its_own_pages(self, notice, monkeypatch):
        monkeypatch.setattr(views, "PAST_SHOWN", 0)
        at_moment(monkeypatch, later(notice))
        assert "tab=past" in text("/notices/")
        assert notice.application.enterprise.name in text("/notices/", tab="past")

    def test_what_became_of_it(self, notice, monkeypatch):
        application, leader = notice.application, make.leader()
        at_moment(monkeypatch, later(notice))
        assert "等待审定" in text(notice.get_absolute_url())
        deciding.approve(application, by=leader, at=later(notice))
        assert "已审定通过" in text(notice.get_absolute_url())

    def test_one_that_was_broken_off_keeps_what_it_said_and_tells_no_later_outcome(self, notice, monkeypatch):
        application, leader = notice.application, make.leader()
        deciding.rework(application, "异议成立", by=leader, at=make.now())
        again = deciding.Proposal("approve", 15_000_000, reason="扣除旧设备")
        deciding.propose(application, again, by=application.reviewer, at=make.now())
        second = deciding.post_notice(application, by=leader, at=make.now())
        page = text(notice.get_absolute_url())
        assert "已中止" in page
        assert "20 万元" in page
        assert "异议成立" not in page
        deciding.approve(application, by=leader, at=later(second))
        at_moment(monkeypatch, later(second))
        assert "已中止" in text(notice.get_absolute_url())
        assert "已审定通过" in text(second.get_absolute_url())

    def test_empty(self):
        assert "现在没有正在公示的" in text("/notices/")

    def test_queries(self, notice):
        version = notice.application.version

        def statements():
            with CaptureQueriesContext(connection) as found:
                text("/notices/")
            return len(found)

        few = statements()
        for _one in range(3):
            deciding.post_notice(_proposed_of(version), by=make.leader(), at=make.now())
        assert statements() == few <= 10
        with CaptureQueriesContext(connection) as found:
            text(notice.get_absolute_url())
        assert len(found) <= 8


def _proposed_of(version):
    return make.proposed(of=version)


class TestObjecting:
    def test_anybody_may_and_who_reviews_is_told(self, notice):
        reviewer, other = make.reviewer(), make.reviewer(DepartmentFactory())
        answered = Client().post(notice.get_absolute_url(), POSTED, follow=True)
        assert "异议已收到" in answered.content.decode()
        assert (Objection.objects.get().name, Objection.objects.get().answer) == ("李四", "")
        while deliver():
            pass
        told = Message.objects.filter(title="公示收到异议，请核实处理")
        assert told.filter(mailbox=reviewer.mailbox).count() == 1
        assert not told.filter(mailbox=other.mailbox).exists()
        assert not told.filter(mailbox=notice.application.enterprise.mailbox).exists()
        assert not notice.application.events.filter(name="objection", public=True).exists()

    def test_nobody_reads_what_others_object(self, notice):
        object_to(notice, WORDS, at=make.now())
        page = text(notice.get_absolute_url())
        assert not any(words in page for words in (WORDS.name, WORDS.phone, WORDS.text))

    @pytest.mark.parametrize(
        "change",
        [
            {"name": ""},
            {"phone": ""},
            {"text": " "},
            {"phone": "不告诉你"},
            {"name": "长" * 51},
            {"text": "a\x00"},
        ],
    )
    def test_unsigned_or_without_a_reason_is_not_taken_and_stays_in_the_form(self, notice, change):
        answered = Client().post(notice.get_absolute_url(), POSTED | {"text": "理由在此"} | change)
        assert answered.status_code == 422
        if "text" not in change:
            assert "理由在此" in answered.content.decode()
        assert not Objection.objects.exists()

    def test_what_is_typed_is_shown_as_text(self, notice):
        answered = Client().post(
            notice.get_absolute_url(), POSTED | {"name": "<script>x</script>", "phone": ""}
        )
        assert "<script>x" not in answered.content.decode()

    def test_a_machine_believes_to_have_been_heard(self, notice):
        answered = Client().post(notice.get_absolute_url(), POSTED | {"website": "http://spam.example"})
        assert answered.status_code == 302
        assert not Objection.objects.exists()

    def test_the_same_twice_is_one_and_one_telephone_has_few(self, notice):
        assert object_to(notice, WORDS, at=make.now()) == object_to(notice, WORDS, at=make.now())
        for number in range(2):
            object_to(notice, Words("李四", WORDS.phone, f"又一条 {number}"), at=make.now())
        with pytest.raises(DomainError, match="几次") as caught:
            object_to(notice, Words("王五", WORDS.phone, "第四条"), at=make.now())
        assert caught.value.code == "too_many"
        assert Objection.objects.count() == 3

    def test_a_flood_is_stopped_for_an_hour(self, notice, monkeypatch):
        monkeypatch.setattr("policies.notices.objecting.MOST_IN_AN_HOUR", 2)
        say = [partial(object_to, notice, Words("某", f"1380000000{number}", "理由")) for number in range(3)]
        say[0](at=make.now())
        say[1](at=make.now())
        with pytest.raises(DomainError, match="一小时"):
            say[2](at=make.now())
        say[2](at=make.now() + dt.timedelta(hours=1, minutes=1))

    def test_one_network_address_has_few_and_nothing_of_it_is_stored(self, notice, settings):
        settings.ACCOUNT_RATE_LIMITS = {"objection": "2/h/ip"}

        def say(number, address="203.0.113.7"):
            words = POSTED | {"phone": f"1380000000{number}"}
            return Client(REMOTE_ADDR=address).post(notice.get_absolute_url(), words)

        assert [say(number).status_code for number in range(3)] == [302, 302, 422]
        refused = say(3)
        assert "您所在的网络" in refused.content.decode()
        assert POSTED["text"] in refused.content.decode()
        assert say(4, "203.0.113.8").status_code == 302
        assert Objection.objects.count() == 3

    def test_not_after_its_days_and_not_once_it_has_ended(self, notice):
        with pytest.raises(DomainError, match="已经结束"):
            object_to(notice, WORDS, at=notice.closes_at)
        object_to(notice, WORDS, at=notice.closes_at - dt.timedelta(seconds=1))
        PublicNotice.objects.update(ended_at=timezone.now())
        with pytest.raises(DomainError, match="已经结束"):
            object_to(notice, Words("王五", "13900000000", "理由"), at=make.now())
        assert Client().post(notice.get_absolute_url(), POSTED | {"name": "赵六"}).status_code == 422


class TestTheReceipt:
    def ask(self, notice, number, phone=WORDS.phone):
        answered = Client().post(f"{notice.get_absolute_url()}objection/", {"number": number, "phone": phone})
        return answered.content.decode()

    def test_what_was_typed_in_full_width_is_found(self, notice):
        kept = object_to(notice, Words("李四", "１３８００１３８０００", "去年已经报过"), at=make.now())
        assert kept.phone == "13800138000"
        wide = "".join(chr(ord(one) + 0xFEE0) for one in kept.number)
        for number, phone in ((kept.number, "13800138000"), (wide, "１３８００１３８０００")):
            assert "去年已经报过" in self.ask(notice, number, phone)

    def test_a_number_to_keep_that_shows_the_answer_with_the_telephone(self, notice):
        answered = Client().post(notice.get_absolute_url(), POSTED, follow=True)
        objection = Objection.objects.get()
        page = answered.content.decode()
        assert "异议已收到" in page
        assert objection.number in page
        assert "3 个工作日内审定" in page
        assert WORDS.text not in page
        assert "正在核实" in self.ask(notice, objection.number)
        answer(objection, "核过发票，是新购设备", by=notice.application.reviewer, at=make.now())
        assert "核过发票，是新购设备" in self.ask(notice, f" {objection.number.lower()} ")

    def test_who_does_not_know_both_reads_nothing(self, notice):
        objection, other = object_to(notice, WORDS, at=make.now()), make.noticed()[1]
        for number, phone, where in [
            (objection.number, "13800000000", notice),
            (f"YY{objection.pk}-00000000", WORDS.phone, notice),
            (f"YY{'9' * 20}-00000000", WORDS.phone, notice),
            ("a\x00", WORDS.phone, notice),
            (objection.number, WORDS.phone, other),
        ]:
            page = self.ask(where, number, phone)
            assert WORDS.text not in page, (number, phone)
        receipt = Client().get(f"{notice.get_absolute_url()}objection/", {"number": "YY1-假的"})
        assert "异议已收到" not in receipt.content.decode()

    def test_one_network_address_asks_few_times(self, notice, settings):
        settings.ACCOUNT_RATE_LIMITS = {"objection_answer": "1/h/ip"}
        objection = object_to(notice, WORDS, at=make.now())
        assert WORDS.text in self.ask(notice, objection.number)
        assert "您所在的网络" in self.ask(notice, objection.number)


class TestAnswering:
    def test_decided_only_once_each_is_answered(self, notice):
        application, leader = notice.application, make.leader()
        objection = object_to(notice, WORDS, at=make.now())
        with pytest.raises(DomainError, match="异议"):
            deciding.approve(application, by=leader, at=later(notice))
        answer(objection, "核过发票，是新购设备", by=application.reviewer, at=make.now())
        assert (objection.answered_by, objection.answer) == (application.reviewer, "核过发票，是新购设备")
        assert application.events.get(name="objection_answered").comment == "核过发票，是新购设备"
        deciding.approve(application, by=leader, at=later(notice))

    def test_not_twice_not_empty_not_by_others(self, notice):
        objection = object_to(notice, WORDS, at=make.now())
        reviewer = notice.application.reviewer
        for by, words, code in [
            (make.reviewer(DepartmentFactory()), "核过", "no_role"),
            (reviewer, " ", "says_nothing"),
        ]:
            with pytest.raises(DomainError) as caught:
                answer(objection, words, by=by, at=make.now())
            assert caught.value.code == code
        answer(objection, "核过", by=reviewer, at=make.now())
        with pytest.raises(DomainError, match="已经处理"):
            answer(objection, "又核过", by=reviewer, at=make.now())
        objection.refresh_from_db()
        assert objection.answer == "核过"


class TestDays:
    def test_a_notice_ends_when_its_clock_does_however_often_it_is_reckoned(self, notice):
        clock = notice.application.clocks.get(target="notice")
        assert clock.due_at == notice.closes_at
        last = timezone.localdate(notice.closes_at) - dt.timedelta(days=1)
        WorkdayOverride.objects.create(day=last, is_workday=False, reason="台风")
        clock.reckon()
        notice.refresh_from_db()
        assert clock.due_at == notice.closes_at > timezone.now()
        assert timezone.localdate(notice.closes_at) > last + dt.timedelta(days=1)

    def test_one_that_has_ended_stays_as_it_was(self, notice):
        clock = notice.application.clocks.get(target="notice")
        before = notice.closes_at
        PublicNotice.objects.update(ended_at=timezone.now())
        last = timezone.localdate(before) - dt.timedelta(days=1)
        WorkdayOverride.objects.create(day=last, is_workday=False, reason="台风")
        clock.reckon()
        notice.refresh_from_db()
        assert notice.closes_at == before
