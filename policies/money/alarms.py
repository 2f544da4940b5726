"""Alarms of the money part: a line in the log at error, and a message to everybody who pays."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from policies.money.duties import PAYING
from portal.accounts.models import Posting
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

KIND: Final = "payment"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong. `key` is told once to each; `page` is where they look, below their payment desk."""

    key: str
    title: str
    body: str = ""
    page: str = ""


def sound(alarm: Alarm) -> int:
    """Write it to the log each time, tell people once; returns how many are told now."""
    logger.error("money: %s: %s", alarm.key, alarm.title)
    return send_messages(
        Draft(
            mailbox=mailbox,
            key=f"money:{alarm.key}",
            kind=KIND,
            title=alarm.title,
            body=alarm.body,
            url=f"/desk/{department}/money/{alarm.page}",
        )
        for mailbox, department in _paying().items()
    )


def _paying() -> dict[int, int]:
    """Mailboxes of those who pay, each with a department in which they do."""
    posted = Posting.objects.filter(role__in=PAYING, user__is_active=True).order_by("-pk")
    desks = dict(posted.values_list("user", "department"))
    boxes = Mailbox.objects.filter(user__in=desks).values_list("user", "pk")
    return {box: desks[user] for user, box in boxes}
