"""Sending one delivery: may it go, is it time, is it mine; then out with it, and how it went."""

import logging
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.kernel.sending import WAITING, NotSent
from portal.notifications.audience import readers_of
from portal.notifications.carrying import carry
from portal.notifications.confirming import confirm
from portal.notifications.fanout import Rules
from portal.notifications.models import Channel, Delivery
from portal.notifications.withholding import WITHHELD, Say, told_of
from portal.notifications.wording import compose

A_MINUTE: Final = timedelta(minutes=1)
MOST_A_MINUTE: Final = 18
"""To one robot, by however many channels; DingTalk and WeCom shut theirs up at 20."""
MOST_TESTS: Final = 5
"""Of one channel in a day: nobody's letter box is flooded by somebody who types its address."""
MOST_TESTS_OF_ONE: Final = 20
"""Of all channels of one owner in a day, those removed again included."""
logger = logging.getLogger(__name__)


def send(pk: int) -> bool:
    """Try a delivery once; False when there is nothing to be done now, or it did not get out."""
    found = Delivery.objects.select_related("channel__user", "message")
    delivery: Delivery | None = found.filter(pk=pk, state__in=WAITING, due_at__lte=Now()).first()
    if delivery is None:
        return False
    if reason := _obstacle(delivery):
        delivery.give_up(reason)
        return False
    if not _take(delivery):
        return False
    try:
        carry(delivery.channel, compose(delivery))
    except NotSent as error:
        delivery.fail(error)
        return False
    except Exception as error:  # whatever a library throws: the row must say that it did not get out
        logger.exception("Delivery %s was not sent", pk)
        delivery.fail(NotSent(_("系统内部错误：%(why)s") % {"why": type(error).__name__}))
        return False
    delivery.succeed()
    if delivery.message_id is None and delivery.channel.kind != Channel.Kind.MAIL:
        confirm(delivery.channel)
    return True


def send_test(channel: Channel) -> Delivery:
    """Queue a test of a channel. Raises DomainError when there were too many today."""
    today = Delivery.objects.filter(message=None, created_at__gt=timezone.now() - timedelta(days=1))
    own = today.filter(channel__user=channel.user_id, channel__department=channel.department_id)
    if today.filter(channel=channel).count() >= MOST_TESTS or own.count() >= MOST_TESTS_OF_ONE:
        raise DomainError(_("今天已测试多次，请明天再试。"), code="too_many_tests")
    moment = timezone.now()
    return Delivery.objects.create(channel=channel, key=f"test:{moment.isoformat()}", due_at=moment)


def _obstacle(delivery: Delivery) -> str:
    """Why it is not to go out any more; things change while it waits."""
    channel, message = delivery.channel, delivery.message
    if channel.removed_at is not None or not channel.active:
        return _("通道已停用或移除。")
    if channel.user is not None and not channel.user.is_active:
        return _("账号已停用。")
    if message is None:
        return ""
    if channel.confirmed_at is None:
        return _("通道还没有确认。")
    if channel.user_id and channel.user_id not in readers_of([message.mailbox_id])[message.mailbox_id]:
        return _("您已不是该企业的成员。")
    return str(WITHHELD) if told_of(delivery) == Say.NOTHING else ""


def _take(delivery: Delivery) -> bool:
    """Claim it, or put it off when its time has not come. Who counts for a robot holds all its channels."""
    with transaction.atomic():
        if (until := _not_before(delivery)) is not None:
            delivery.postpone(until)
            return False
        return delivery.claim()


def _not_before(delivery: Delivery) -> object:
    """When it may go, if that is not now: after the quiet hours, or when the robot can take more."""
    channel, now = delivery.channel, timezone.now()
    if delivery.message is not None:
        due = Rules.of([channel]).due(channel, delivery.message.kind, now)
        if due > now:
            return due
    if channel.kind == Channel.Kind.MAIL:
        return None
    robot = Channel.objects.present().filter(kind=channel.kind, digest=channel.digest).order_by("pk")
    same = list(robot.select_for_update(no_key=True).values_list("pk", flat=True))
    lately = Delivery.objects.filter(channel__in=same, claimed_at__gt=now - A_MINUTE).count()
    return now + A_MINUTE if lately >= MOST_A_MINUTE else None
