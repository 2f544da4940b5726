"""Who is told, what they are told, and that they are told once."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.models import Status
from enterprises.services import record_registry
from policies import push as pushing
from policies import services
from policies.enums import PushKind
from policies.models import Push
from policies.nightly import match_versions_in_force
from policies.tasks import work_push
from portal.kernel.models import Progress
from portal.kernel.outbox import OutboxEntry, deliver
from portal.notifications.models import Message
from tests.applying import factories as make_applying
from tests.enterprises.factories import EnterpriseFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db
ASKING = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {"fact": "hire_count", "op": ">=", "value": "5", "unit": "人"},
    ]
}


def enterprises(number=3, **columns):
    made = EnterpriseFactory.create_batch(number, **columns)
    record_registry(made, as_of=timezone.localdate() - dt.timedelta(days=10))
    return made


def work_off(version, kind=PushKind.PUBLICATION):
    push = Push.objects.get(version=version, kind=kind)
    work_push(push.pk)
    while deliver():
        pass
    push.refresh_from_db()
    return push


def told(version):
    return set(
        Message.objects.filter(key=pushing.push_key(version)).values_list("mailbox__enterprise", flat=True)
    )


def test_the_enterprises_that_fit_are_told():
    fitting, elsewhere = enterprises(3), enterprises(2, industry="51")
    version = make.published(rule_conditions=make.OF_FACTORIES)
    push = work_off(version)
    assert told(version) == {enterprise.pk for enterprise in fitting}
    assert not told(version) & {enterprise.pk for enterprise in elsewhere}
    assert (push.state, push.total, push.done, push.told) == (Progress.DONE, 3, 3, 3)
    assert push.run.results.get().eligible == 3


def test_a_message_names_item_amount_and_page():
    (enterprise,) = enterprises(1)
    version = make.published(window_to=timezone.localdate() + dt.timedelta(days=40))
    work_off(version)
    message = Message.objects.get(mailbox=enterprise.mailbox)
    assert message.title == "您符合“专精特新中小企业认定奖励”"
    assert message.body.startswith("可得约 10 万元。")
    assert version.window_to.isoformat() in message.body
    assert message.url == f"/e/{enterprise.pk}/policies/{version.item.code}/"
    assert message.kind == "policy"


def test_an_open_item_says_how_many_questions_are_left():
    (enterprise,) = enterprises(1)
    work_off(make.published(rule_conditions=ASKING))
    message = Message.objects.get(mailbox=enterprise.mailbox)
    assert message.title == "“专精特新中小企业认定奖励”对您开放"
    assert "再答 1 题" in message.body


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.REVOKED])
def test_the_struck_off_are_not_told(status):
    (living,) = enterprises(1)
    enterprises(1, status=status)
    version = make.published()
    work_off(version)
    assert told(version) == {living.pk}


def test_one_struck_off_between_match_and_message_is_not_told():
    living, gone = enterprises(2)
    version = make.published()
    push = Push.objects.get(version=version)
    pushing.match_and_record(push.run, [version.rule_version])
    type(gone).objects.filter(pk=gone.pk).update(status=Status.CANCELLED)
    work_off(version)
    assert told(version) == {living.pk}


def test_money_that_comes_to_nothing_is_not_pushed():
    enterprises(2)
    nothing = {"when": {"fact": "industry", "op": "within", "value": ["A"]}, "then": make.TEN_WAN}
    version = make.published(rule_amount=nothing)
    assert work_off(version).told == 0
    assert not told(version)


def test_a_benefit_that_is_no_money_is_pushed_without_an_amount():
    enterprises(2)
    version = make.published(benefit="right", gain="优先办理", rule_amount=None)
    assert work_off(version).told == 2
    assert Message.objects.first().body == "优先办理。"


def test_a_delivery_repeated_tells_nobody_twice():
    enterprises(3)
    version = make.published()
    push = work_off(version)
    Push.objects.filter(pk=push.pk)
    for _time in range(2):
        work_push(push.pk)
    while deliver():
        pass
    assert Message.objects.count() == 3
    assert OutboxEntry.objects.count() == 3


def test_a_push_killed_between_chunks_goes_on_where_it_stood(monkeypatch):
    monkeypatch.setattr(pushing, "CHUNK", 2)
    enterprises(5)
    version = make.published()
    push = Push.objects.get(version=version)
    chunk, calls = pushing._match_chunk, []

    def dies_after_one(*arguments):
        if calls:
            raise SystemExit
        calls.append(1)
        return chunk(*arguments)

    monkeypatch.setattr(pushing, "_match_chunk", dies_after_one)
    with pytest.raises(SystemExit):
        work_push(push.pk)
    push.refresh_from_db()
    assert (push.state, push.done, push.told) == (Progress.RUNNING, 2, 2)
    monkeypatch.setattr(pushing, "_match_chunk", chunk)
    push = work_off(version)
    assert (push.state, push.done, push.told) == (Progress.DONE, 5, 5)
    assert Message.objects.count() == 5


def test_the_sweeper_rings_for_what_was_left_lying(monkeypatch):
    rung = []
    monkeypatch.setattr(pushing, "ring", rung.append)
    push = Push.objects.get(version=make.published())
    assert pushing.ring_stuck() == 0
    assert pushing.ring_stuck(timezone.now() + dt.timedelta(minutes=2)) == 1
    assert rung == [push.pk]
    work_push(push.pk)
    assert pushing.ring_stuck(timezone.now() + dt.timedelta(minutes=2)) == 0


def test_withdrawing_tells_exactly_those_who_were_told():
    fitting, _elsewhere = enterprises(3), enterprises(2, industry="51")
    version = make.published(rule_conditions=make.OF_FACTORIES)
    work_off(version)
    late = enterprises(1)
    services.withdraw(version, by=make.publisher(), reason="金额有误")
    push = work_off(version, PushKind.WITHDRAWAL)
    withdrawn = Message.objects.filter(key=pushing.withdrawal_key(version))
    assert set(withdrawn.values_list("mailbox__enterprise", flat=True)) == {one.pk for one in fitting}
    assert late[0].pk not in told(version)
    assert "金额有误" in withdrawn[0].body
    assert push.told == 3
    work_push(push.pk)
    while deliver():
        pass
    assert withdrawn.count() == 3


def test_withdrawing_before_the_push_tells_nobody():
    enterprises(3)
    version = make.published()
    services.withdraw(version, by=make.publisher(), reason="发错了")
    work_off(version)
    assert work_off(version, PushKind.WITHDRAWAL).told == 0
    assert not Message.objects.exists()


def test_what_waits_in_the_outbox_is_taken_back():
    enterprises(3)
    version = make.published()
    work_push(Push.objects.get(version=version).pk)
    assert OutboxEntry.objects.filter(delivered_at=None).count() == 3
    services.withdraw(version, by=make.publisher(), reason="发错了")
    work_off(version, PushKind.WITHDRAWAL)
    assert not Message.objects.exists()


def test_withdrawing_half_way_through_the_push(monkeypatch):
    monkeypatch.setattr(pushing, "CHUNK", 2)
    enterprises(5)
    version = make.published()
    push = Push.objects.get(version=version)
    chunk = pushing._match_chunk

    def withdraws_after_one(row, *arguments):
        going = chunk(row, *arguments)
        if row.position and version.state == "published":
            services.withdraw(version, by=make.publisher(), reason="发错了")
            deliver()
        return going

    monkeypatch.setattr(pushing, "_match_chunk", withdraws_after_one)
    work_push(push.pk)
    work_off(version, PushKind.WITHDRAWAL)
    assert Message.objects.filter(key=pushing.push_key(version)).count() == 2
    assert Message.objects.filter(key=pushing.withdrawal_key(version)).count() == 2


def test_every_night_only_the_newly_fitting_are_told():
    early = enterprises(2)
    version = make.published()
    work_off(version)
    assert match_versions_in_force(timezone.localdate()) == 0
    late = enterprises(1)
    assert match_versions_in_force(timezone.localdate()) == 1
    push = Push.objects.get(version=version, kind=PushKind.NIGHTLY)
    work_push(push.pk)
    while deliver():
        pass
    push.refresh_from_db()
    assert push.told == 1
    assert told(version) == {one.pk for one in early + late}
    assert Message.objects.count() == 3


def test_a_version_of_tomorrow_is_pushed_when_it_comes_into_force():
    enterprises(2)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    version = make.published(rule_valid=make.DateRange(tomorrow, None))
    assert match_versions_in_force(timezone.localdate()) == 0
    assert match_versions_in_force(tomorrow) == 1
    work_off(version, PushKind.NIGHTLY)
    assert len(told(version)) == 2


def test_the_writing_of_a_push_takes_few_queries(django_assert_max_num_queries):
    enterprises(30)
    push = Push.objects.get(version=make.published())
    with django_assert_max_num_queries(45):
        work_push(push.pk)


def test_the_page_and_the_list_ask_as_many_questions_as_the_message_says(client):
    enterprise = make_applying.applicant().enterprise
    version = make_applying.version(
        rule_conditions={"all": make_applying.CONDITIONS["all"][:2]},
        rule_amount={"per": "1000", "unit": "元", "of": {"fact": "hire_count"}},
    )
    work_off(version)
    assert "再答 2 题" in Message.objects.get(mailbox=enterprise.mailbox).body
    client.force_login(enterprise.memberships.get().user)
    page = client.get(f"/e/{enterprise.pk}/policies/{version.item.code}/")
    assert "再答 2 题" in page.content.decode()
    assert len(page.context["questions"]) == 2
    assert "再答 2 题" in client.get(f"/e/{enterprise.pk}/policies/?tab=open").content.decode()
