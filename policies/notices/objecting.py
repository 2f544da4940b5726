"""Objecting to a notice: by anybody, with a name and a telephone number, while it runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from policies.applying.sending import hold
from policies.applying.telling import tell_reviewers
from policies.models import EnjoyNotice, Objection, PublicNotice
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.numbers import plain_characters

MOST_OF_A_PHONE: Final = 3
"""Objections of one telephone number to one notice."""
MOST_IN_AN_HOUR: Final = 20
"""Objections to one notice: what comes faster comes from no neighbour, and reviewers are to read each."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says, and how to reach them."""

    name: str
    phone: str
    text: str

    def stripped(self) -> dict[str, str]:
        """By field, trimmed, the telephone in plain digits. Raises DomainError when one is empty."""
        phone = plain_characters(self.phone)
        given = {"name": self.name.strip(), "phone": phone, "text": self.text.strip()}
        if not all(given.values()):
            raise DomainError(_("请写明姓名、电话和理由，以便核实。"), code="unsigned")
        return given


def object_to(notice: PublicNotice, words: Words, *, at: dt.datetime) -> Objection:
    """Take an objection and tell who reviews. The same one sent twice is one. Raises DomainError."""
    given = words.stripped()
    with transaction.atomic():
        held = hold(notice.application)
        notice.refresh_from_db()
        same = notice.objections.filter(**given).first()
        if same is not None:
            return same
        require_room(notice, given["phone"], at)
        objection = notice.objections.create(**given, at=at)
        event = held.events.create(at=at, name="objection", source=held.state, target=held.state)
        with in_language_of_record():
            tell_reviewers(held, event, _("公示收到异议，请核实处理"))
    return objection


def require_room(notice: PublicNotice | EnjoyNotice, phone: str, at: dt.datetime) -> None:
    """Raises DomainError when a notice takes no more objections: over, or too many come at once."""
    if not notice.is_running(at):
        raise DomainError(_("公示已经结束，不再接收异议；有情况请打电话反映。"), code="notice_over")
    if notice.objections.filter(phone=phone).count() >= MOST_OF_A_PHONE:
        raise DomainError(_("这个电话已经提过几次异议，我们会一并核实；补充情况请打电话。"), code="too_many")
    if notice.objections.filter(at__gt=at - dt.timedelta(hours=1)).count() >= MOST_IN_AN_HOUR:
        raise DomainError(_("提交的人太多，请过一小时再提，或者打电话反映。"), code="too_many")
