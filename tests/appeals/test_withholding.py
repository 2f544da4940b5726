"""What waits to leave is judged again when it leaves: an appeal may have become secret meanwhile."""

import email
import email.policy

import pytest

from appeals.enums import Secrecy
from appeals.models import Appeal
from portal.accounts.models import Posting
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Delivery, WebhookDelivery
from portal.notifications.outgoing import send as send_letter
from portal.notifications.webhooks import send as send_event
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import dispatched, file, officer_with_user
from tests.enterprises.factories import MembershipFactory
from tests.notifications.factories import channel, webhook
from tests.notifications.test_sending import awake

pytestmark = pytest.mark.django_db
HOST, ROBOT = "hooks.example.com", {"kind": "dingtalk", "address": "a1" * 32}
WITHHELD = "内容已不宜外发，不再发送。"
__all__ = ["awake"]  # a fixture of every test here: no quiet hours


def becomes(**secret):
    Appeal.objects.update(**secret)


@pytest.fixture
def queued(reroute, listener):
    """An event of an open appeal, written and not told yet."""
    reroute(listener, HOST)
    webhook(HOST, with_contacts=True)
    file(title="局长吃拿卡要")
    deliver()
    return WebhookDelivery.objects.get()


@pytest.mark.parametrize("secret", [{"secrecy": Secrecy.CONFIDENTIAL}, {"anonymous": True}, {"about": True}])
def test_an_event_is_not_told_when_its_appeal_has_become_secret(queued, listener, secret):
    becomes(**({"about": DepartmentFactory()} if "about" in secret else secret))
    assert not send_event(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.error) == ("given_up", WITHHELD)
    assert listener.got == []


def test_an_event_of_what_is_open_is_told(queued, listener):
    assert send_event(queued.pk)
    assert len(listener.got) == 1


def test_of_what_was_anonymous_from_the_start_the_event_names_nobody_and_goes(reroute, listener):
    reroute(listener, HOST)
    webhook(HOST, with_contacts=True)
    file(anonymous=True)
    deliver()
    assert send_event(WebhookDelivery.objects.get().pk)


@pytest.mark.parametrize("secret", [{"secrecy": Secrecy.CONFIDENTIAL}, {"anonymous": True}, {}])
def test_a_letter_of_what_has_become_secret_says_only_that_there_is_one(letters, secret):
    firm = MembershipFactory()
    channel(firm.user)
    dispatched(enterprise=firm.enterprise, title="局长吃拿卡要")
    deliver()
    row = Delivery.objects.order_by("pk").last()
    becomes(**secret or {"urgent": True})
    assert send_letter(row.pk)
    said = email.message_from_bytes(letters.kept[0].content, policy=email.policy.default)
    assert ("吃拿卡要" in said.get_content()) == (not secret)
    assert ("请登录查看" in said.get_content()) == bool(secret)


def test_the_accused_are_not_told_what_waited_for_them(letters, reroute, listener):
    reroute(listener, "oapi.dingtalk.com")
    place = DepartmentFactory()
    moved = officer_with_user(DepartmentFactory())
    channel(moved.user)
    channel(department=place, **ROBOT)
    dispatched(moved.department, title="局长吃拿卡要")
    officer_with_user(place)
    dispatched(place, title="局长吃拿卡要")
    deliver()
    rows = list(Delivery.objects.all())
    assert {row.channel.kind for row in rows} == {"mail", "dingtalk"}
    Posting.objects.create(user=moved.user, department=place, role=Role.HANDLER)
    becomes(about=place)
    for row in rows:
        assert not send_letter(row.pk)
        row.refresh_from_db()
        assert (row.state, row.error) == ("given_up", WITHHELD)
    assert (letters.kept, listener.got) == ([], [])
