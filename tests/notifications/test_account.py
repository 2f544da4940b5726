"""The page of channels: one's own alone, nothing of the address shown, every button does what it says."""

import datetime as dt

import pytest
from django.core import signing
from django.utils import timezone

from portal.notifications.confirming import SALT, confirmation_url
from portal.notifications.models import Channel, Delivery, Preference, QuietHours, Topic
from portal.notifications.models.channels import MOST_CHANNELS
from tests.accounts.factories import UserFactory
from tests.notifications.factories import MessageFactory, channel

pytestmark = pytest.mark.django_db
PAGE = "/account/notifications/"
TOKEN = "f0" * 32


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


def do(page, step, **fields):
    return page.post(PAGE, {"do": step, **fields})


def test_strangers_are_sent_to_sign_in(client):
    assert client.get(PAGE).status_code == 302


def test_a_mail_channel_is_added_confirmed_by_its_letter_and_used(page, user):
    assert do(page, "add", kind="mail", address="zhang@example.com", label="我的").status_code == 302
    made = Channel.objects.get(user=user)
    assert (made.confirmed_at, made.label) == (None, "我的")
    assert Delivery.objects.get(message=None).channel == made
    shown = page.get(PAGE).content.decode()
    assert "zh***@example.com" in shown
    assert "zhang@example.com" not in shown
    link = confirmation_url(made)
    assert page.get(link).status_code == 200
    made.refresh_from_db()
    assert made.confirmed_at is None
    assert page.post(link).status_code == 302
    made.refresh_from_db()
    assert made.confirmed_at is not None


def test_a_confirmation_is_of_use_to_its_owner_alone_and_for_that_address(page, user, client):
    theirs = channel(confirmed=False)
    wrong = signing.dumps([theirs.pk, theirs.digest], salt="another")
    odd = signing.dumps(7, salt=SALT)
    own = channel(user, address="a@example.com", confirmed=False)
    old = confirmation_url(own)
    own.remove()
    for link in (
        confirmation_url(theirs),
        f"{PAGE}confirm/{wrong}/",
        f"{PAGE}confirm/{odd}/",
        old,
        f"{PAGE}confirm/x/",
    ):
        assert page.get(link).status_code == 404
        assert page.post(link).status_code == 404
    theirs.refresh_from_db()
    assert theirs.confirmed_at is None


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "mail", "address": "nonsense"},
        {"kind": "dingtalk", "address": "http://127.0.0.1:6379/?access_token=" + TOKEN},
        {"kind": "wecom", "address": "f0" * 16, "secret": "SEC" + "a" * 40},
        {"kind": "pigeon", "address": "x"},
        {},
    ],
)
def test_what_is_no_address_is_said_beside_the_field(page, fields):
    answer = do(page, "add", **fields)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not Channel.objects.exists()


def test_the_same_address_and_too_many_are_refused(page, user):
    channel(user, address="a0@example.com")
    assert "已经添加过" in do(page, "add", kind="mail", address="a0@example.com").content.decode()
    for number in range(1, MOST_CHANNELS):
        channel(user, address=f"a{number}@example.com")
    assert "最多添加" in do(page, "add", kind="mail", address="one@example.com").content.decode()


def test_switch_remove_and_topics(page, user):
    made = channel(user)
    do(page, "switch", channel=made.pk)
    assert not Channel.objects.get(pk=made.pk).active
    do(page, "switch", channel=made.pk)
    topic = Topic.objects.get(key="appeal")
    do(page, "topics", channel=made.pk, topics=[topic.pk])
    assert Preference.objects.get(channel=made, wanted=True).topic == topic
    do(page, "topics", channel=made.pk)
    assert not Preference.objects.filter(channel=made, wanted=True).exists()
    assert do(page, "topics", channel=made.pk, topics=["x"]).status_code == 302
    do(page, "remove", channel=made.pk)
    made.refresh_from_db()
    assert (made.sealed, made.active) == ("", False)
    assert do(page, "remove", channel=made.pk).status_code == 404


def test_quiet_hours(page, user):
    do(page, "quiet", active="on", starts="22:00", ends="08:00")
    hours = QuietHours.objects.get(user=user)
    assert (hours.active, hours.starts, hours.ends) == (True, dt.time(22), dt.time(8))
    do(page, "quiet", starts="22:00", ends="08:00")
    assert not QuietHours.objects.get(user=user).active
    answer = do(page, "quiet", active="on", starts="22:00", ends="22:00")
    assert "不能相同" in answer.content.decode()


def test_what_did_not_arrive_is_shown_with_its_reason_and_sent_again(page, user):
    made = channel(user)
    message = MessageFactory(mailbox=user.mailbox, title="要紧的事")
    row = Delivery.objects.create(channel=made, message=message, key="x")
    row.claim()
    row.give_up("邮件服务器拒收")
    shown = page.get(PAGE).content.decode()
    assert all(words in shown for words in ("要紧的事", "未送达", "邮件服务器拒收", "重发"))
    do(page, "resend", delivery=row.pk)
    row.refresh_from_db()
    assert row.state == "queued"
    do(page, "resend", delivery=row.pk)
    assert Delivery.objects.get().state == "queued"


def test_others_channels_and_deliveries_are_not_found(page):
    theirs = channel()
    row = Delivery.objects.create(channel=theirs, message=MessageFactory(), key="x")
    row.give_up("x")
    for step in ("test", "switch", "remove", "topics"):
        assert do(page, step, channel=theirs.pk).status_code == 404
    assert do(page, "resend", delivery=row.pk).status_code == 404
    for step, fields in (("test", {"channel": "x"}), ("nonsense", {}), ("resend", {"delivery": "9" * 40})):
        assert do(page, step, **fields).status_code == 404


def test_the_page_asks_few_questions(page, user, django_assert_max_num_queries):
    for number in range(8):
        made = channel(user, address=f"a{number}@example.com")
        for _ in range(3):
            message = MessageFactory(mailbox=user.mailbox)
            Delivery.objects.create(channel=made, message=message, key=str(message.pk), due_at=timezone.now())
    page.get(PAGE)
    with django_assert_max_num_queries(13):
        page.get(PAGE)
