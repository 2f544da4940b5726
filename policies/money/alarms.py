"""Alarms of the money part: a line in the log at error, and a message to those who pay.

They are told whose page shows it: the department's whose money it is, else all.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from policies.money.duties import PAYING
from portal.accounts.models import Posting
from portal.kernel.language import in_language_of_record
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

KIND: Final = "payment"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong. `key` is told once to each; `page` is where they look, below their payment desk.

    `department` is whose money it is about, by id; None: everybody's, or nobody knows.
    """

    key: str
    title: str
    body: str = ""
    page: str = ""
    department: int | None = None


@in_language_of_record()
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
        for mailbox, department in (_paying(alarm.department) or _paying(None)).items()
    )


def _paying(department: int | None) -> dict[int, int]:
    """Mailboxes of those who pay, for one department or any, each with a department in which they do."""
    posted = Posting.objects.filter(role__in=PAYING, user__is_active=True).order_by("-pk")
    if department is not None:
        posted = posted.filter(department=department)
    desks = dict(posted.values_list("user", "department"))
    boxes = Mailbox.objects.filter(user__in=desks).values_list("user", "pk")
    return {box: desks[user] for user, box in boxes}
