"""What happened to a loan, in words: for the enterprise what is public, for its bank all of its own time.

A loan that no bank took on and that was opened to all begins anew for the bank that takes it: notes, files
and people of the one before are not its business.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import LoanApplication
from finance.models.loan_states import TRANSITIONS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from finance.models import LoanEvent, LoanFile

NAMES: Final = {
    **{transition.name: transition.label for transition in TRANSITIONS},
    "note": gettext_lazy("记录"),
    "revoke": gettext_lazy("撤回授权"),
    "consent_over": gettext_lazy("授权到期"),
    "consent": gettext_lazy("重新授权"),
    "remind": gettext_lazy("提醒"),
    "escalate": gettext_lazy("升级提醒"),
    "reverse": gettext_lazy("冲正"),
    "mark": gettext_lazy("类别更正"),
    "check": gettext_lazy("待核对"),
}
OF_THE_FIRM: Final = ("submit", "open_up", "withdraw", "revoke", "consent")
"""What the enterprise does itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words; `who` is empty where nobody is named."""

    label: str
    at: dt.datetime
    who: str
    comment: str
    internal: bool


def bank_events(loan: LoanApplication) -> QuerySet[LoanEvent]:
    """What the loan's bank may know of what happened: all since it was last opened to all banks."""
    opening = loan.events.filter(name="open_up").order_by("-pk").first()
    return loan.events.filter(pk__gt=opening.pk) if opening else loan.events.all()


def bank_files(loan: LoanApplication) -> QuerySet[LoanFile]:
    """What the loan's bank brought itself, and not another one before it."""
    return loan.files.filter(bank=loan.bank_id)


def story_of(loan: LoanApplication, *, internal: bool) -> list[Told]:
    """The newest first. The other side's people are not named: the bank's word is the bank's."""
    events = bank_events(loan) if internal else loan.events.filter(public=True)
    found = events.select_related("actor").order_by("-at", "-pk")
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
