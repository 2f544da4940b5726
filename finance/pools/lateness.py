"""Since when a loan is overdue, by what is known of it here, and from which day on its bank may claim."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.lending.plans import behind_since, lines_of
from finance.models import LoanApplication, LoanEvent
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finance.lending.plans import Line
    from finance.models import RiskPool


@dataclass(frozen=True)
class Lateness:
    """What speaks for a loan being overdue.

    `due_on` is the first day on which something was due, by the plan or the last day, that is not paid; None:
    nothing is. `said` is what the bank last said of it, `planned` whether there is a plan at all.
    """

    due_on: dt.date | None
    said: LoanEvent | None
    planned: bool

    @classmethod
    def of(cls, loan: LoanApplication, lines: Sequence[Line], today: dt.date) -> Lateness:
        """By its plan as it is filled on a day."""
        said = loan.events.filter(name="miss").order_by("-at", "-pk").first()
        return cls(behind_since(loan, lines, today), said, bool(lines))

    @property
    def said_on(self) -> dt.date | None:
        """When the bank said so."""
        return timezone.localdate(self.said.at) if self.said else None

    @property
    def since(self) -> dt.date | None:
        """By what was due, else as the bank said."""
        return self.due_on or self.said_on

    @property
    def against_plan(self) -> bool:
        """Whether the bank says so of a loan of which by its plan nothing due is unpaid."""
        return self.planned and self.due_on is None and self.said is not None


def claimable_from(loan: LoanApplication, pool: RiskPool, today: dt.date) -> dt.date | None:
    """The day from which on the bank may claim of a loan that is overdue; None of one that is not."""
    since = Lateness.of(loan, lines_of(loan, today), today).since
    return None if since is None else since + dt.timedelta(pool.claim_days)


def require_long_overdue(loan: LoanApplication, pool: RiskPool, today: dt.date) -> None:
    """Raises DomainError before that day, and names it."""
    day = claimable_from(loan, pool, today)
    if day is not None and today < day:
        raise DomainError(too_early(day, pool), code="too_early")


def too_early(day: dt.date, pool: RiskPool) -> str:
    """Why nothing is claimed yet."""
    said = {"days": pool.claim_days, "day": f"{day:%Y-%m-%d}"}
    return _("逾期满 %(days)d 天才能申请代偿，这笔贷款 %(day)s 起可以申请。请继续催收，保留催收记录。") % said
