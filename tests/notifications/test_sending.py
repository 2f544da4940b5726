"""Deliveries on their way: real mail and robots' servers, tries, duplicates, dead workers, a wiped Redis."""

import base64
import datetime as dt
import email
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from django.conf import settings as project
from django.db import close_old_connections, connection
from django.utils import timezone

from appeals.models import Suggestion
from portal.kernel.sending import LEASE, NotSent, SendingState
from portal.notifications import outgoing
from portal.notifications.models import Channel, Delivery, QuietHours
from portal.notifications.outgoing import MOST_A_MINUTE, MOST_TESTS, send, send_test
from portal.notifications.tasks import ring_waiting
from tests.accounts.factories import UserFactory
from tests.appeals.factories import file
from tests.enterprises.factories import MembershipFactory
from tests.notifications.factories import MessageFactory, channel

pytestmark = pytest.mark.django_db
SECRET = "SEC" + "ab" * 30
ROBOT = {"kind": "dingtalk", "address": "a1" * 32}


def delivery(to=None, **fields):
    to = to or channel()
    mailbox = to.user.mailbox if to.user else UserFactory().mailbox
    message = MessageFactory(mailbox=mailbox, kind="system", title="有新进展", body="请看", url="/help/")
    return Delivery.objects.create(channel=to, message=message, key=f"message:{message.pk}", **fields)


@pytest.fixture(autouse=True)
def awake(settings):
    later = timezone.localtime() + dt.timedelta(hours=3)
    settings.QUIET_HOURS = (later.time(), (later + dt.timedelta(minutes=1)).time())


@pytest.fixture
def robots(reroute, listener):
    """Both robots' hosts lead to a server of this test, in workers too."""
    return reroute(listener, "oapi.dingtalk.com", "qyapi.weixin.qq.com")


def test_a_letter_arrives_by_smtp(letters):
    row = delivery(channel(address="zhang@example.com"))
    assert send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("sent", 1, "")
    (envelope,) = letters.kept
    assert envelope.rcpt_tos == ["zhang@example.com"]
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert mail["Subject"] == "有新进展"
    assert mail["Message-ID"].startswith(f"<delivery-{row.pk}@")
    assert mail.get_content().split() == ["请看", "http://127.0.0.1:8000/help/"]
    assert not send(row.pk)
    assert len(letters.kept) == 1


def test_an_address_that_is_refused_for_good_is_given_up_and_one_for_now_tried_again(letters):
    gone, busy = (delivery(channel(address=f"{name}@example.com")) for name in ("nobody", "busy"))
    for row in (gone, busy):
        assert not send(row.pk)
        row.refresh_from_db()
    assert (gone.state, gone.error) == ("given_up", "邮件服务器拒收这个地址（550）。")
    assert (busy.state, busy.error) == ("failed", "邮件服务器拒收这个地址（451）。")
    assert busy.due_at > timezone.now() + dt.timedelta(seconds=50)


def test_no_mail_server_is_a_failure_with_a_reason(settings, letters):
    settings.EMAIL_PORT = 1
    row = delivery()
    assert not send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "连不上邮件服务器，稍后重试。")


def test_a_title_cannot_write_headers(letters):
    row = delivery()
    message = MessageFactory(mailbox=row.channel.user.mailbox, title="甲\r\nBcc: all@example.com")
    other = Delivery.objects.create(channel=row.channel, message=message, key="x")
    assert send(other.pk)
    assert letters.kept[0].rcpt_tos == ["zhang@example.com"]


def test_dingtalk_gets_a_signature_that_dingtalk_accepts(robots):
    """Reckoned as its documents tell (robot security settings): apprise by itself quotes it twice."""
    for _ in range(5):
        assert send(delivery(channel(**ROBOT, secret=SECRET)).pk)
    for got in robots.got:
        query = {name: values[0] for name, values in parse_qs(urlsplit(got.path).query).items()}
        assert query["access_token"] == "a1" * 32
        assert abs(int(query["timestamp"]) / 1000 - time.time()) < 60
        words = f"{query['timestamp']}\n{SECRET}".encode()
        expected = base64.b64encode(hmac.new(SECRET.encode(), words, hashlib.sha256).digest()).decode()
        assert query["sign"] == expected
        content = got.json["text"]["content"]
        assert content.split() == ["【垫小二】有新进展", "请看", "http://127.0.0.1:8000/help/"]


def test_wecom_gets_a_text_within_its_limit(robots):
    row = delivery(channel(kind="wecom", address="693a91f6-7xxx-4bc4-97a0"))
    long = MessageFactory(mailbox=row.channel.user.mailbox, title="长" * 200, body="文" * 3_000)
    row = Delivery.objects.create(channel=row.channel, message=long, key="x")
    assert send(row.pk)
    (got,) = robots.got
    assert got.path == "/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0"
    assert got.json["msgtype"] == "text"
    assert len(got.json["text"]["content"].encode()) <= 2_048


@pytest.mark.parametrize(
    ("status", "body", "state", "reason"),
    [
        (200, b'{"errcode":310000,"errmsg":"sign not match"}', "failed", "sign not match（310000）"),
        (200, b'{"errcode":300005,"errmsg":"token is not exist"}', "given_up", "机器人不存在"),
        (200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "given_up", "机器人不存在"),
        (200, b"<html>ok</html>", "failed", "没有说明结果"),
        (200, b'{"errcode":"x"}', "failed", "没有说明结果"),
        (200, b"[]", "failed", "没有说明结果"),
        (500, b'{"errcode":0}', "failed", "拒收"),
    ],
)
def test_what_a_robot_answers_is_believed_not_its_status(robots, status, body, state, reason):
    robots.status, robots.body = status, body
    row = delivery(channel(**ROBOT))
    assert not send(row.pk)
    row.refresh_from_db()
    assert row.state == state
    assert reason in row.error
    assert "a1a1" not in row.error


def test_tries_end_after_growing_pauses(monkeypatch):
    def carry(*args):
        raise NotSent("没电")

    monkeypatch.setattr(outgoing, "carry", carry)
    row = delivery()
    pauses = []
    for _ in range(10):
        Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
        send(row.pk)
        row.refresh_from_db()
        if row.state == "given_up":
            break
        pauses.append(round((row.due_at - row.claimed_at).total_seconds() / 60))
    assert pauses == [1, 5, 15, 60, 240]
    assert (row.attempts, row.error) == (6, "没电")
    assert row.resend()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("queued", 0, "")


def test_whatever_a_library_throws_the_row_says_so(monkeypatch):
    def carry(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(outgoing, "carry", carry)
    row = delivery()
    assert not send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "系统内部错误：ZeroDivisionError")


def test_only_one_of_two_may_have_it_and_a_late_one_is_not_heard():
    row, again = delivery(), None
    again = Delivery.objects.get(pk=row.pk)
    assert row.claim()
    assert not again.claim()
    Delivery.objects.filter(pk=row.pk).update(claimed_at=timezone.now() - LEASE - dt.timedelta(seconds=1))
    assert Delivery.objects.free_stuck("中断") == 1
    again.refresh_from_db()
    assert again.claim()
    assert not row.succeed()
    assert not row.fail(NotSent("x"))
    assert again.succeed()


def test_things_change_while_it_waits(letters):
    left = MembershipFactory()
    theirs = channel(left.user, address="left@example.com")
    message = MessageFactory(mailbox=left.enterprise.mailbox)
    gone = Delivery.objects.create(channel=theirs, message=message, key="x")
    left.delete()
    removed, off, shut = (delivery(channel(address=f"{n}@example.com")) for n in range(3))
    removed.channel.remove()
    Channel.objects.filter(pk=off.channel.pk).update(active=False)
    shut.channel.user.is_active = False
    shut.channel.user.save()
    for row, reason in ((gone, "成员"), (removed, "移除"), (off, "停用"), (shut, "账号")):
        assert not send(row.pk)
        row.refresh_from_db()
        assert row.state == "given_up"
        assert reason in row.error
    assert letters.kept == []


def test_quiet_hours_set_meanwhile_hold(letters):
    row, now = delivery(), timezone.localtime()
    hours = {"starts": (now - dt.timedelta(hours=1)).time(), "ends": (now + dt.timedelta(hours=1)).time()}
    QuietHours.objects.create(user=row.channel.user, **hours)
    assert not send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
    assert row.due_at > timezone.now() + dt.timedelta(minutes=50)


def test_a_robot_gets_no_more_than_it_takes_in_a_minute(robots):
    group = channel(**ROBOT)
    rows = [delivery(group) for _ in range(MOST_A_MINUTE + 2)]
    assert [send(row.pk) for row in rows].count(True) == MOST_A_MINUTE
    left = Delivery.objects.filter(state="queued")
    assert {row.attempts for row in left} == {0}
    assert left.count() == 2


def test_channels_to_one_robot_share_its_minute(robots):
    mine, theirs, other = channel(**ROBOT), channel(**ROBOT), channel(kind="dingtalk", address="b2" * 32)
    for n in range(MOST_A_MINUTE):
        assert send(delivery((mine, theirs)[n % 2]).pk)
    assert not send(delivery(mine).pk)
    assert not send(delivery(theirs).pk)
    assert send(delivery(other).pk)
    assert send(delivery(channel(address="zhang@example.com")).pk)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_do_not_pass_a_robot_s_limit(robots, monkeypatch):
    """Each counts before it takes: they have to wait for one another."""
    monkeypatch.setattr(outgoing, "MOST_A_MINUTE", 2)
    group, again = channel(**ROBOT), channel(**ROBOT)
    rows = [delivery(each) for each in (group, again) * 3]

    def sent(pk):
        try:
            return send(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(sent, [row.pk for row in rows])).count(True) == 2
    assert len(robots.got) == 2


def test_a_test_confirms_a_robot_not_a_letter_box_and_comes_a_few_times_a_day(robots, letters):
    group, mail = channel(**ROBOT, confirmed=False), channel(confirmed=False)
    for each in (group, mail):
        assert send(send_test(each).pk)
        each.refresh_from_db()
    assert group.confirmed_at is not None
    assert mail.confirmed_at is None
    assert b"/account/notifications/confirm/" in email.message_from_bytes(
        letters.kept[0].content
    ).get_payload(decode=True)
    for _ in range(MOST_TESTS - 1):
        send_test(mail)
    with pytest.raises(Exception, match="今天已测试多次"):
        send_test(mail)
    for number in range(3):
        each = channel(mail.user, address=f"other{number}@example.com", confirmed=False)
        for _ in range(MOST_TESTS):
            send_test(each)
        each.remove()
    with pytest.raises(Exception, match="今天已测试多次"):
        send_test(channel(mail.user, address="last@example.com", confirmed=False))
    unconfirmed = delivery(mail)
    assert not send(unconfirmed.pk)


def test_the_sweeper_rings_for_what_is_due(monkeypatch):
    rung = []

    def ring(args, expires):
        assert expires, "a bell that nobody answers falls silent: the next sweep rings anew"
        rung.append(args[0])

    monkeypatch.setattr("portal.notifications.tasks.send_delivery.apply_async", ring)
    row = delivery()
    delivery(due_at=timezone.now() + dt.timedelta(hours=1))
    stuck = delivery()
    stuck.claim()
    Delivery.objects.filter(pk=stuck.pk).update(claimed_at=timezone.now() - LEASE - dt.timedelta(seconds=1))
    done = delivery()
    done.claim()
    done.succeed()
    assert ring_waiting() == 2
    assert sorted(rung) == [row.pk, stuck.pk]


def test_web_processes_do_not_load_the_plugins():
    import subprocess
    import sys

    code = """
import sys, portal.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print('apprise' in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        close_old_connections()
        if condition():
            return True
        time.sleep(0.1)
    return False


def state(row):
    return Delivery.objects.values_list("state", flat=True).get(pk=row.pk)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
class TestRealWorkers:
    @pytest.fixture
    def row(self, robots):
        return delivery(self.robot())

    @staticmethod
    def robot():
        user = UserFactory()
        now = timezone.localtime()
        QuietHours.objects.create(user=user, active=False, starts=now.time(), ends=dt.time(now.hour))
        return channel(user, **ROBOT)

    def test_a_task_delivered_many_times_sends_once(self, robots, celery_worker_process):
        from portal.notifications.tasks import send_delivery

        robots.wait = 0.5
        row = delivery(self.robot())
        for _ in range(12):
            send_delivery.delay(row.pk)
        assert until(lambda: state(row) == SendingState.SENT)
        time.sleep(1.5)
        assert len(robots.got) == 1

    def test_a_worker_killed_in_the_midst_is_followed_by_another(self, robots, celery_worker_process):
        from portal.notifications.tasks import send_delivery

        robots.wait = 20
        row = delivery(self.robot())
        send_delivery.delay(row.pk)
        assert until(lambda: state(row) == SendingState.SENDING)
        celery_worker_process.kill()
        assert state(row) == SendingState.SENDING
        robots.wait = 0
        redis.Redis.from_url(project.REDIS_URL).flushdb()
        Delivery.objects.update(claimed_at=timezone.now() - LEASE - dt.timedelta(seconds=1))
        celery_worker_process.start()
        ring_waiting()
        assert until(lambda: state(row) == SendingState.SENT)
        row.refresh_from_db()
        assert row.attempts == 2

    def test_a_receiver_that_hangs_keeps_no_other_work_waiting(self, robots, workers_of_each_queue):
        robots.wait = 60
        for _ in range(8):  # a minute's work for two processes, each call left after 15 seconds
            delivery(self.robot())
        assert ring_waiting() == 8
        assert until(lambda: Delivery.objects.filter(state=SendingState.SENDING).count() == 2)
        appeal = file(text="厂区频繁停电，生产线停了三次")
        assert until(lambda: Suggestion.objects.filter(appeal=appeal).exists(), 40)
        assert Delivery.objects.filter(state=SendingState.QUEUED).count() >= 2

    def test_a_wiped_redis_loses_nothing(self, robots, celery_worker_process):
        celery_worker_process.kill()
        rows = [delivery(self.robot()) for _ in range(3)]
        assert ring_waiting() == 3
        redis.Redis.from_url(project.REDIS_URL).flushdb()
        celery_worker_process.start()
        assert ring_waiting() == 3
        assert until(lambda: all(state(row) == SendingState.SENT for row in rows))
        assert len(robots.got) == 3
        assert json.loads(robots.got[0].body)["msgtype"] == "text"
