"""Channels in the admin: a department's is added there, no address is shown, failures are sent again."""

import pytest
from django.urls import reverse

from portal.accounts.roles import Role
from portal.notifications.confirming import asked, confirmation_url
from portal.notifications.models import Channel, Delivery, Topic
from portal.notifications.models.channels import MOST_CHANNELS
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory
from tests.notifications.factories import channel, notified

pytestmark = pytest.mark.django_db
LIST = reverse("admin:notifications_channel_changelist")
TOKEN = "f0" * 32


@pytest.fixture
def keeper(client):
    """The county's system administrator."""
    user = StaffFactory()
    PostingFactory(user=user, role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    return client


def add(keeper, **fields):
    return keeper.post(
        reverse("admin:notifications_channel_add"), {"kind": "dingtalk", "label": "", **fields}
    )


def test_a_department_s_robot_is_added_sealed_and_tried(keeper):
    place = DepartmentFactory()
    assert add(keeper, department=place.pk, address=TOKEN, secret="SEC" + "a" * 40).status_code == 302
    made = Channel.objects.get(department=place)
    assert Delivery.objects.get(message=None).channel == made
    for page in (LIST, reverse("admin:notifications_channel_change", args=[made.pk])):
        shown = keeper.get(page).content.decode()
        assert made.hint in shown
        assert not any(word in shown for word in (TOKEN, "SECaaa", made.sealed, made.digest))
    assert "已经添加过" in add(keeper, department=place.pk, address=TOKEN).content.decode()


@pytest.mark.parametrize(
    "fields", [{"address": "x"}, {"department": "", "address": TOKEN}, {"department": "9" * 30}]
)
def test_nonsense_is_said_beside_the_field(keeper, fields):
    fields = {"department": DepartmentFactory().pk, "address": TOKEN} | fields
    assert add(keeper, **fields).status_code == 200
    assert not Channel.objects.exists()


def test_a_department_has_no_more_channels_than_a_person(keeper):
    place = DepartmentFactory()
    made = [channel(department=place, address=f"a{n}@example.com") for n in range(MOST_CHANNELS)]
    assert (
        f"最多添加 {MOST_CHANNELS} 个通道" in add(keeper, department=place.pk, address=TOKEN).content.decode()
    )
    made[0].remove()
    assert add(keeper, department=place.pk, address=TOKEN).status_code == 302
    assert place.channels.present().count() == MOST_CHANNELS


def test_people_s_own_are_only_switched_off(keeper):
    made = channel()
    change = reverse("admin:notifications_channel_change", args=[made.pk])
    keeper.post(change, {"kind": "wecom", "label": "x", "address": TOKEN})
    before = made.sealed
    made.refresh_from_db()
    assert (made.active, made.kind, made.sealed) == (False, "mail", before)
    assert keeper.post(reverse("admin:notifications_channel_delete", args=[made.pk])).status_code == 403


def test_what_somebody_paused_is_not_switched_on_for_them(keeper):
    made = channel(active=False)
    keeper.post(reverse("admin:notifications_channel_change", args=[made.pk]), {"active": "on"})
    made.refresh_from_db()
    assert not made.active


def test_a_department_s_channel_is_confirmed_by_its_people_and_removed_here(keeper, client):
    place = DepartmentFactory()
    made = channel(department=place, confirmed=False)
    token = confirmation_url(made).rstrip("/").rsplit("/", 1)[1]
    colleague, stranger = (PostingFactory(department=at).user for at in (place, DepartmentFactory()))
    assert asked(token, colleague) == made
    assert asked(token, stranger) is None
    own = channel()
    keeper.post(LIST, {"action": "take_away", "_selected_action": [made.pk, own.pk]})
    assert list(Channel.objects.present()) == [own], "people remove their own"


def test_an_auditor_looks_and_sends_nothing(client):
    user = StaffFactory()
    PostingFactory(user=user, role=Role.AUDIT_ADMIN)
    client.force_login(user)
    row = notified()
    row.give_up("没电")
    page = reverse("admin:notifications_delivery_changelist")
    assert client.get(page).status_code == 200
    client.post(page, {"action": "resend", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.state == "given_up"
    message = reverse("admin:notifications_message_change", args=[row.message_id])
    for address in (message, reverse("admin:notifications_message_changelist")):
        shown = client.get(address)
        assert shown.status_code == 200
        assert row.message.title not in shown.content.decode()


def test_what_failed_is_sent_again_and_what_it_says_is_not_told(keeper):
    row = notified()
    row.give_up("没电")
    page = reverse("admin:notifications_delivery_changelist")
    shown = keeper.get(page).content.decode()
    assert "没电" in shown
    one = keeper.get(reverse("admin:notifications_delivery_change", args=[row.pk])).content.decode()
    assert row.message.title not in shown + one
    keeper.post(page, {"action": "resend", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.state == "queued"


def test_tests_are_queued_from_the_list(keeper):
    made = channel(department=DepartmentFactory(), kind="wecom", address="f0" * 16)
    keeper.post(LIST, {"action": "test", "_selected_action": [made.pk]})
    assert Delivery.objects.get().channel == made


def test_topics_come_from_the_apps_and_the_county_decides(keeper):
    assert {"policy", "appeal", "order", "members", "other"} <= set(
        Topic.objects.values_list("key", flat=True)
    )
    assert keeper.get(reverse("admin:notifications_topic_changelist")).status_code == 200
    assert keeper.get(reverse("admin:notifications_topic_add")).status_code == 403


def test_others_stay_out(client):
    user = StaffFactory()
    PostingFactory(user=user, role=Role.EDITOR)
    client.force_login(user)
    for name in ("channel", "delivery", "topic"):
        assert client.get(reverse(f"admin:notifications_{name}_changelist")).status_code == 403
