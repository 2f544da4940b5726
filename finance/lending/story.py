"""What happened to a loan, in words: for the enterprise what is public, for its bank all of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import LoanApplication
from finance.models.loan_states import TRANSITIONS

NAMES: Final = {
    **{transition.name: transition.label for transition in TRANSITIONS},
    "note": gettext_lazy("记录"),
    "consent": gettext_lazy("重新授权"),
    "remind": gettext_lazy("提醒"),
    "escalate": gettext_lazy("升级提醒"),
}
OF_THE_FIRM: Final = ("submit", "open_up", "withdraw", "consent")
"""What the enterprise does itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words; `who` is empty where nobody is named."""

    label: str
    at: dt.datetime
    who: str
    comment: str
    internal: bool


def story_of(loan: LoanApplication, *, internal: bool) -> list[Told]:
    """The newest first. The other side's people are not named: the bank's word is the bank's."""
    events = loan.events.select_related("actor").order_by("-at", "-pk")
    found = events if internal else events.filter(public=True)
    return [
        Told(
            str(NAMES.get(event.name, event.name)),
            event.at,
            _who(loan, event.name, event.actor, internal=internal),
            event.comment,
            not event.public,
        )
        for event in found
    ]


def _who(loan: LoanApplication, name: str, actor: object, *, internal: bool) -> str:
    if actor is None:
        return _("系统")
    if name in OF_THE_FIRM:
        return _("企业") if internal else str(actor)
    return str(actor) if internal else _("银行")
