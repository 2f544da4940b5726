"""Other systems: signed as the standard says, told once, tried again, switched off when they take nothing."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import time

import pytest
from django.conf import settings as project
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.roles import Role
from portal.kernel.models import OutboxEntry
from portal.kernel.sending import LEASE, NotSent
from portal.notifications.models import AllowedHost, Webhook, WebhookDelivery
from portal.notifications.signing import new_secret, sign
from portal.notifications.tasks import forget_bodies, ring_waiting
from portal.notifications.webhooks import Event, ping, publish, send
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.notifications.factories import webhook
from tests.notifications.test_sending import until

pytestmark = pytest.mark.django_db
HOST = "hooks.example.com"


@pytest.fixture
def receiver(reroute, listener):
    listener.body = b""
    return reroute(listener, HOST)


def event(key="e-1", **fields):
    return Event("appeal.filed", key, timezone.now(), {"number": "SQ-1"}, **fields)


def test_the_signature_is_that_of_the_standard():
    """Example of the reference libraries (github.com/standard-webhooks/standard-webhooks)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == wanted


def test_what_arrives_can_be_verified(receiver):
    hook = webhook()
    assert publish([event()]) == 1
    row = WebhookDelivery.objects.get()
    assert send(row.pk)
    (got,) = receiver.got
    headers = got.headers
    assert (got.path, headers["webhook-id"], headers["Host"]) == ("/in", "e-1", HOST)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"e-1.{headers['webhook-timestamp']}.".encode() + got.body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert got.json["type"] == "appeal.filed"
    assert got.json["data"] == {"number": "SQ-1"}
    row.refresh_from_db()
    assert (row.state, row.status) == ("sent", 200)
    assert not send(row.pk)


def test_an_event_is_told_once_to_each_that_wants_it():
    webhook()
    webhook("b.example.com", topics=["appeal.closed"])
    webhook("c.example.com", active=False)
    publish([event(), event()])
    publish([event()])
    assert [row.webhook.name for row in WebhookDelivery.objects.all()] == [HOST]


def test_contacts_only_where_they_are_configured():
    plain, full = webhook(), webhook("b.example.com", with_contacts=True)
    publish([event(contact={"name": "张三", "phone": "13800000000"})])
    bodies = {row.webhook: json.loads(row.body)["data"] for row in WebhookDelivery.objects.all()}
    assert "contact" not in bodies[plain]
    assert bodies[full]["contact"]["name"] == "张三"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 429, 500, 503])
def test_all_but_200_is_tried_again_with_its_reason(receiver, status):
    receiver.status, receiver.headers = status, {"Location": f"http://{receiver.address}/else"}
    webhook()
    row = ping(Webhook.objects.get())
    assert not send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.status, row.error) == ("failed", status, f"对方答复 HTTP {status}。")
    assert len(receiver.got) == 1
    assert Webhook.objects.get().failing_since is not None
    receiver.status = 204
    WebhookDelivery.objects.update(due_at=timezone.now())
    assert send(row.pk)
    assert Webhook.objects.get().failing_since is None


def test_an_inner_address_is_refused_at_the_call(settings, monkeypatch):
    import socket

    def inner(*args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", inner)
    row = ping(webhook())
    assert not send(row.pk)
    row.refresh_from_db()
    assert "内部地址" in row.error


def test_one_that_takes_nothing_for_days_is_switched_off_and_its_keepers_told(receiver):
    keeper = PostingFactory(role=Role.SYSTEM_ADMIN).user
    receiver.status = 500
    hook = webhook()
    rows = [ping(hook) for _ in range(2)]
    almost = timezone.now() - dt.timedelta(days=project.WEBHOOK_FAILING_DAYS) + dt.timedelta(minutes=1)
    Webhook.objects.update(failing_since=almost)
    assert not send(rows[0].pk)
    assert Webhook.objects.get().active
    Webhook.objects.update(failing_since=almost - dt.timedelta(minutes=2))
    WebhookDelivery.objects.update(due_at=timezone.now())
    assert not send(rows[0].pk)
    hook.refresh_from_db()
    assert (hook.active, hook.disabled_at is not None) == (False, True)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"given_up"}
    told = OutboxEntry.objects.get(payload__mailbox=keeper.mailbox.pk)
    assert "已自动停用" in told.payload["title"]
    rows[1].resend()
    assert not send(rows[1].pk)
    assert len(receiver.got) == 2


def test_giving_up_all_that_waits_is_one_statement(django_assert_num_queries):
    hook, other = webhook(), webhook("b.example.com")
    for each in (hook, hook, hook, other):
        ping(each)
    with django_assert_num_queries(1):
        assert hook.deliveries.all().give_up("对接已停用。") == 3
    states = {row.webhook: row.state for row in WebhookDelivery.objects.select_related("webhook")}
    assert states == {hook: "given_up", other: "queued"}


def test_a_batch_of_events_asks_for_the_webhooks_once(django_assert_num_queries):
    webhook(), webhook("b.example.com", topics=["appeal.closed"])
    with django_assert_num_queries(2):
        assert publish([event(f"e-{n}") for n in range(20)]) == 20


def told_long_ago(state):
    row = ping(webhook(f"{state.replace('_', '-')}.example.com"))
    if state in ("sent", "failed"):
        row.claim()
    if state == "sent":
        row.succeed()
    elif state == "failed":
        row.fail(NotSent("x"))
    elif state == "given_up":
        row.give_up("x")
    old = timezone.now() - dt.timedelta(days=project.WEBHOOK_BODIES_KEPT_DAYS, seconds=1)
    WebhookDelivery.objects.filter(pk=row.pk).update(created_at=old)
    return row


def test_bodies_are_forgotten_when_it_is_over_and_long_ago(monkeypatch):
    monkeypatch.setattr("portal.notifications.webhooks.FORGET_AT_ONCE", 1)
    sent, given_up, failed, _queued = map(told_long_ago, ("sent", "given_up", "failed", "queued"))
    recent = ping(webhook())
    recent.give_up("x")
    kept = {row.pk: row.body for row in WebhookDelivery.objects.all()}
    assert forget_bodies() == 2
    assert forget_bodies() == 0
    for row in WebhookDelivery.objects.all():
        assert row.body == ("" if row.pk in (sent.pk, given_up.pk) else kept[row.pk])
        assert row.event.startswith("ping-")
    sent.refresh_from_db()
    assert (sent.state, sent.attempts) == ("sent", 1)
    given_up.refresh_from_db()
    assert not given_up.may_resend
    assert not given_up.resend()
    for row in (failed, recent):
        row.refresh_from_db()
        assert row.resend()


def test_a_receiver_that_drips_is_left_and_its_status_counts(receiver, monkeypatch):
    monkeypatch.setattr("portal.kernel.outbound.DEADLINE", 0.6)
    receiver.body, receiver.drip = b"x" * 50, 0.2
    assert send(ping(webhook()).pk)


def test_a_try_that_kills_its_worker_every_time_ends():
    row = ping(webhook())
    for _ in range(12):
        if row.claim():
            WebhookDelivery.objects.update(claimed_at=timezone.now() - LEASE - dt.timedelta(seconds=1))
            WebhookDelivery.objects.free_stuck("中断")
        row.refresh_from_db()
    assert (row.state, row.attempts) == ("given_up", len(row.PAUSES) + 1)


def violated(constraint, make):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make()
    return refusal.value.__cause__.diag.constraint_name == constraint


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "a@b.com",
        "A.example.com",
        "a..com",
        "a.com\n",
        "",
    ],
)
def test_the_database_refuses_hosts_that_are_no_names(host):
    assert violated(
        "notifications_allowedhost_name", lambda: AllowedHost.objects.create(host=host, reason="x")
    )


def test_the_database_refuses_other_nonsense():
    hook = webhook()
    of = Webhook.objects.filter(pk=hook.pk)
    for changes, constraint in (
        ({"topics": []}, "topics"),
        ({"sealed": ""}, "secret"),
        ({"path": "in"}, "path"),
        ({"path": "/a b"}, "path"),
        ({"path": "/#x"}, "path"),
        ({"path": "/\\x"}, "path"),
        ({"disabled_at": timezone.now()}, "disabled"),
    ):
        assert violated(f"notifications_webhook_{constraint}", lambda changes=changes: of.update(**changes))
    row = ping(hook)
    again = {"webhook": hook, "event": row.event, "topic": "x", "body": "{}"}
    assert violated("notifications_webhookdelivery_once", lambda: WebhookDelivery.objects.create(**again))
    assert violated(
        "notifications_webhookdelivery_state_transitions",
        lambda: WebhookDelivery.objects.update(state="sent", sent_at=timezone.now()),
    )
    port = {"host": "a.example.com", "reason": "x", "port": 70_000}
    assert violated("notifications_allowedhost_port", lambda: AllowedHost.objects.create(**port))


class TestAdmin:
    @pytest.fixture
    def keeper(self, client):
        user = StaffFactory()
        PostingFactory(user=user, role=Role.SYSTEM_ADMIN)
        client.force_login(user)
        return client

    def test_a_secret_is_shown_once_and_sealed(self, keeper):
        host = AllowedHost.objects.create(host=HOST, reason="县大数据局")
        given = {"name": "大数据局", "host": host.pk, "path": "/in", "topics": ["ping"], "active": "on"}
        answer = keeper.post(reverse("admin:notifications_webhook_add"), given, follow=True)
        hook = Webhook.objects.get()
        assert hook.secret in answer.content.decode()
        listed = reverse("admin:notifications_webhook_changelist")
        page = keeper.get(reverse("admin:notifications_webhook_change", args=[hook.pk])).content.decode()
        assert hook.secret not in page + keeper.get(listed).content.decode() + hook.sealed
        before = hook.secret
        renewed = keeper.post(listed, {"action": "renew", "_selected_action": [hook.pk]}, follow=True)
        hook.refresh_from_db()
        assert before != hook.secret
        assert hook.secret in renewed.content.decode()
        keeper.post(listed, {"action": "test", "_selected_action": [hook.pk]})
        assert WebhookDelivery.objects.get().topic == "ping"

    def test_without_a_host_the_form_says_what_to_do(self, keeper):
        add = reverse("admin:notifications_webhook_add")
        assert "请安全管理员先在“允许对接的域名”里登记对方系统的域名" in keeper.get(add).content.decode()
        AllowedHost.objects.create(host=HOST, reason="x")
        page = keeper.get(add).content.decode()
        assert "还没有可选的域名" not in page
        assert "没有要对接的域名？" in page

    def test_one_switched_on_again_begins_anew(self, keeper):
        hook = webhook(active=False, failing_since=timezone.now(), disabled_at=timezone.now())
        given = {"name": "x", "host": hook.host_id, "path": "/in", "topics": ["ping"], "active": "on"}
        keeper.post(reverse("admin:notifications_webhook_change", args=[hook.pk]), given)
        hook.refresh_from_db()
        assert (hook.active, hook.failing_since, hook.disabled_at) == (True, None, None)

    @pytest.mark.parametrize(
        "wrong", [{"path": "//x y"}, {"path": "x"}, {"topics": ["nonsense"]}, {"topics": []}, {"host": "9"}]
    )
    def test_nonsense_is_refused(self, keeper, wrong):
        host = AllowedHost.objects.create(host=HOST, reason="x")
        given = {"name": "x", "host": host.pk, "path": "/in", "topics": ["ping"]} | wrong
        assert keeper.post(reverse("admin:notifications_webhook_add"), given).status_code == 200
        assert not Webhook.objects.exists()

    def test_hosts_are_for_the_security_administrator(self, keeper, client):
        add = reverse("admin:notifications_allowedhost_add")
        assert keeper.get(add).status_code == 403
        user = StaffFactory()
        PostingFactory(user=user, role=Role.SECURITY_ADMIN)
        client.force_login(user)
        assert client.post(add, {"host": "x 127.0.0.1", "port": 443, "reason": "x"}).status_code == 200
        assert client.post(add, {"host": "evil x.example.com", "port": 443, "reason": "x"}).status_code == 200
        assert client.post(add, {"host": HOST, "port": 443, "reason": "x"}).status_code == 302
        assert client.get(reverse("admin:notifications_webhook_add")).status_code == 403


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_tells_once_however_often_it_is_rung(receiver, celery_worker_process):
    row = ping(webhook())
    for _ in range(6):
        ring_waiting()
    assert until(lambda: WebhookDelivery.objects.get(pk=row.pk).state == "sent")
    time.sleep(1)
    assert len(receiver.got) == 1


def test_secrets_are_32_random_bytes():
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32
