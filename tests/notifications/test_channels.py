"""From the mailbox to the channels: to whom, what, when, once; and what the database refuses."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from appeals.telling import outward
from enterprises.models import Membership
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry, deliver
from portal.kernel.sealing import seal, unseal
from portal.notifications.addresses import Address, address_of, parse
from portal.notifications.models import Channel, Delivery, Preference, QuietHours, Topic
from portal.notifications.quiet import quiet_until
from portal.notifications.services import Draft, send_messages
from portal.notifications.wording import compose
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals.factories import dispatched, file, official
from tests.enterprises.factories import MembershipFactory
from tests.notifications.factories import channel

pytestmark = pytest.mark.django_db
ROBOT = {"kind": "dingtalk", "address": "a1" * 32}


def tell(*boxes, key="k", kind="system", **fields):
    send_messages(Draft(box.pk, key, kind, "标题", "正文", "/help/", **fields) for box in boxes)
    deliver()


@pytest.fixture
def awake(settings):
    """No quiet hours."""
    now = timezone.localtime()
    later = now + dt.timedelta(hours=3)
    settings.QUIET_HOURS = (later.time(), (later + dt.timedelta(minutes=1)).time())


def test_a_message_goes_to_the_working_channels_of_its_reader_in_the_same_transaction(awake):
    user = UserFactory()
    mail, robot = channel(user), channel(user, **ROBOT)
    channel(user, address="b@example.com", confirmed=False)
    channel(user, address="c@example.com", active=False)
    channel(user, address="d@example.com").remove()
    channel()
    tell(user.mailbox)
    assert {row.channel for row in Delivery.objects.all()} == {mail, robot}
    assert {row.state for row in Delivery.objects.all()} == {"queued"}
    OutboxEntry.objects.update(delivered_at=None)
    deliver()
    assert Delivery.objects.count() == 2


def test_members_of_today_read_for_their_enterprise(awake):
    membership = MembershipFactory()
    firm = membership.enterprise
    mine = channel(membership.user)
    gone = MembershipFactory(enterprise=firm, until=timezone.localdate() - dt.timedelta(days=1))
    channel(gone.user, address="gone@example.com")
    off = MembershipFactory(enterprise=firm, user=UserFactory(is_active=False))
    channel(off.user, address="off@example.com")
    tell(firm.mailbox)
    assert Delivery.objects.get().channel == mine


def test_a_department_s_channel_is_told_once_for_all_its_people(awake):
    place = DepartmentFactory()
    group = channel(department=place, **ROBOT)
    people = [UserFactory() for _ in range(3)]
    tell(*(one.mailbox for one in people), payload={"department": place.pk})
    assert Delivery.objects.get().channel == group
    tell(*(one.mailbox for one in people), key="k2", payload={"department": place.pk})
    assert Delivery.objects.count() == 2
    tell(people[0].mailbox, key="k3", payload={"department": DepartmentFactory().pk})
    assert Delivery.objects.count() == 2


def test_preferences_outrank_the_county_s_default(awake):
    user = UserFactory()
    wanting, other = channel(user), channel(user, address="b@example.com")
    topic = Topic.objects.get(key="system")
    Topic.objects.filter(pk=topic.pk).update(outside=False)
    Preference.objects.create(channel=wanting, topic=topic, wanted=True)
    tell(user.mailbox)
    assert [row.channel for row in Delivery.objects.all()] == [wanting]
    Preference.objects.create(channel=other, topic=Topic.objects.get(key="other"), wanted=False)
    tell(user.mailbox, key="k2", kind="unheard-of")
    assert [row.channel for row in Delivery.objects.order_by("pk")] == [wanting, wanting]


def test_many_messages_take_few_statements(awake, django_assert_max_num_queries):
    users = [UserFactory() for _ in range(30)]
    for number, user in enumerate(users):
        channel(user, address=f"u{number}@example.com")
    send_messages(Draft(user.mailbox.pk, f"k{n}", "system", "t") for user in users for n in range(5))
    with django_assert_max_num_queries(30):
        deliver()
    assert Delivery.objects.count() == 150


def at(hour, minute=0, day=22):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=timezone.get_current_timezone())


NIGHT = (dt.time(21), dt.time(7, 30))


@pytest.mark.parametrize(
    ("now", "hours", "until"),
    [
        (at(20, 59), NIGHT, None),
        (at(21), NIGHT, at(7, 30, 23)),
        (at(23, 59), NIGHT, at(7, 30, 23)),
        (at(0), NIGHT, at(7, 30)),
        (at(7, 29), NIGHT, at(7, 30)),
        (at(7, 30), NIGHT, None),
        (at(12), (dt.time(12), dt.time(14)), at(14)),
        (at(14), (dt.time(12), dt.time(14)), None),
        (at(11, 59), (dt.time(12), dt.time(14)), None),
    ],
)
def test_quiet_hours(now, hours, until):
    assert quiet_until(timezone.localtime(now), *hours) == until


@given(st.datetimes().filter(lambda at: (at.month, at.day) != (2, 29)), st.times(), st.times())
def test_after_the_quiet_hours_none_begin(now, starts, ends):
    now = now.replace(year=2026, tzinfo=timezone.get_current_timezone())
    until = quiet_until(now, starts, ends)
    if until is not None and starts != ends:
        assert now < until <= now + dt.timedelta(days=1)
        assert quiet_until(until, starts, ends) is None


def test_a_message_of_the_night_waits_unless_it_breaks_through():
    user = UserFactory()
    channel(user)
    now = timezone.localtime()
    around = {"starts": (now - dt.timedelta(hours=1)).time(), "ends": (now + dt.timedelta(hours=1)).time()}
    hours = QuietHours.objects.create(user=user, **around)
    tell(user.mailbox)
    row = Delivery.objects.get()
    assert dt.timedelta(minutes=58) < row.due_at - timezone.now() < dt.timedelta(minutes=61)
    Topic.objects.filter(key="system").update(breaks_through=True)
    tell(user.mailbox, key="urgent")
    assert Delivery.objects.first().due_at <= timezone.now()
    Topic.objects.filter(key="system").update(breaks_through=False)
    QuietHours.objects.filter(pk=hours.pk).update(active=False)
    tell(user.mailbox, key="off")
    assert Delivery.objects.first().due_at <= timezone.now()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("mail", " li@example.com ", "li@example.com"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=" + "f0" * 32, "f0" * 32),
        ("dingtalk", "f0" * 32, "f0" * 32),
        (
            "wecom",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0",
            "693a91f6-7xxx-4bc4-97a0",
        ),
    ],
)
def test_addresses_are_taken_as_people_paste_them(kind, text, value):
    assert parse(kind, text).value == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mail", "li"),
        ("mail", "li@example.com\nBcc: all@example.com"),
        ("dingtalk", ""),
        ("dingtalk", "https://oapi.dingtalk.com.evil.com/robot/send?access_token=" + "f0" * 32),
        ("dingtalk", "http://127.0.0.1/robot/send?access_token=" + "f0" * 32),
        ("dingtalk", "https://x@oapi.dingtalk.com/?access_token=" + "f0" * 32),
        ("dingtalk", "https://[oapi.dingtalk.com/?access_token=" + "f0" * 32),
        ("dingtalk", "../../../etc/passwd"),
        ("wecom", "https://oapi.dingtalk.com/robot/send?access_token=" + "f0" * 32),
        ("wecom", "k&x=1" * 5),
    ],
)
def test_other_addresses_are_refused(kind, text):
    with pytest.raises(DomainError):
        parse(kind, text)


def test_a_signing_secret_is_dingtalk_s_alone():
    assert parse("dingtalk", "f0" * 32, "SEC" + "a" * 61).secret.startswith("SEC")
    for kind, text, secret in (("wecom", "f0" * 16, "SEC" + "a" * 61), ("dingtalk", "f0" * 32, "a/b" * 9)):
        with pytest.raises(DomainError, match="加签"):
            parse(kind, text, secret)


def test_the_address_lies_sealed_and_goes_when_the_channel_goes(settings):
    made = channel(address="zhang@example.com")
    assert "zhang" not in made.sealed
    assert (address_of(made), made.hint) == (Address("zhang@example.com"), "zh***@example.com")
    made.remove()
    assert Channel.objects.filter(sealed="", digest="", active=False).get() == made
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    sealed = seal("x")
    assert unseal(sealed) == "x"
    settings.SECRET_KEY = settings.SECRET_KEY_FALLBACKS.pop()
    with pytest.raises(DomainError, match="重新填写"):
        unseal(sealed)


def violated(constraint, make):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make()
    return refusal.value.__cause__.diag.constraint_name == constraint


def test_the_database_refuses_nonsense(awake):
    user = UserFactory()
    made = channel(user)
    assert violated("notifications_channel_once", lambda: channel(user))
    assert violated(
        "notifications_channel_owner",
        lambda: channel(user, address="x@example.com", department=DepartmentFactory()),
    )
    of = Channel.objects.filter(pk=made.pk)
    assert violated("notifications_channel_address", lambda: of.update(sealed=""))
    assert violated("notifications_channel_address", lambda: of.update(removed_at=timezone.now()))
    eight = dt.time(8)
    assert violated(
        "notifications_quiethours_last",
        lambda: QuietHours.objects.create(user=user, starts=eight, ends=eight),
    )
    preference = {"channel": made, "topic": Topic.objects.first(), "wanted": True}
    Preference.objects.create(**preference)
    assert violated("notifications_preference_once", lambda: Preference.objects.create(**preference))
    tell(user.mailbox)
    row = Delivery.objects.get()
    again = {"channel": made, "message": row.message}
    assert violated("notifications_delivery_once", lambda: Delivery.objects.create(**again, key=row.key))
    assert violated("notifications_delivery_per_channel", lambda: Delivery.objects.create(**again, key="x"))
    rows = Delivery.objects.all()
    assert violated(
        "notifications_delivery_state_transitions", lambda: rows.update(state="sent", sent_at=timezone.now())
    )
    assert violated("notifications_delivery_claimed", lambda: rows.update(state="sending"))
    assert violated("notifications_delivery_reason", lambda: rows.update(state="given_up"))
    assert violated("notifications_delivery_sent_at", lambda: rows.update(sent_at=timezone.now()))


SECRETS = ("张三丰", "13911112222", "局长吃拿卡要", "办事员刁难", "渝东")


@pytest.mark.parametrize("secret", [{"secrecy": "confidential"}, {"anonymous": True}, {"about": True}])
def test_of_what_is_secret_only_number_and_link_leave_the_portal(awake, secret):
    if "about" in secret:
        secret = {"about": DepartmentFactory()}
    membership = MembershipFactory(enterprise__name="渝东轮毂制造有限公司")
    place = DepartmentFactory()
    channel(membership.user)
    channel(department=place, **ROBOT)
    official(Role.HANDLER, place)
    words = {
        "title": "局长吃拿卡要",
        "text": "办事员刁难",
        "contact_name": "张三丰",
        "contact_phone": "13911112222",
    }
    order = dispatched(place, enterprise=membership.enterprise, **words, **secret)
    deliver()
    letters = [compose(row) for row in Delivery.objects.all()]
    assert {row.channel.kind for row in Delivery.objects.all()} == {"mail", "dingtalk"}
    for letter in letters:
        assert order.appeal.number in letter.body
        assert letter.link.startswith("http")
        assert not any(word in f"{letter.title}{letter.text}" for word in SECRETS)


def test_the_department_complained_of_hears_nothing(awake):
    place, other = DepartmentFactory(), DepartmentFactory()
    for each in (place, other):
        channel(department=each, **ROBOT)
        official(Role.DISPATCHER, each)
    appeal = file(about=place)
    deliver()
    assert {row.channel.department for row in Delivery.objects.all()} == {other}
    assert "department" not in outward(appeal, place.pk)


def test_an_open_appeal_is_told_by_its_title(awake):
    membership = MembershipFactory()
    channel(membership.user)
    order = dispatched(enterprise=membership.enterprise, title="厂区频繁停电")
    deliver()
    letter = compose(Delivery.objects.first())
    assert "厂区频繁停电" in letter.text
    assert letter.link.endswith(f"/e/{membership.enterprise_id}/appeals/{order.appeal.number}/")
    assert Membership.objects.count() == 1


def test_of_a_guarded_topic_nothing_goes_out_that_the_sender_did_not_allow(awake):
    user = UserFactory()
    channel(user)
    tell(user.mailbox, kind="appeal")
    tell(user.mailbox, key="k2", kind="appeal", payload={"outside": ""})
    closed, opened = (compose(row) for row in Delivery.objects.order_by("pk"))
    assert "正文" not in closed.text + closed.title
    assert "正文" in opened.text
