"""Plans of repayment: what is due when, what was paid of it, and whether the enterprise is behind.

Every drawdown is paid back over what is left of the loan's time, by its method and rate, as `finance.cost`
reckons it; the plan is their sum. It follows from the drawdowns that count, so a drawdown more, or one set
right, changes nothing that was due before it.

What is paid, principal and interest together, fills the instalments one after another. Banks count days
differently, so an instalment is met when no more than a tenth of it is missing; the loan's last day asks for
the last fen of principal.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Sum

from finance.cost import schedule
from finance.models import LoanApplication, LoanInstalment, LoanPlan
from finance.models.vocabulary import Repayment

LEEWAY: Final = 10
"""The part of an instalment (one in so many) that may be missing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """From which day a loan runs for how many months, at which rate (percent a year), by which method."""

    since: dt.date
    months: int
    rate: Decimal
    method: str


@dataclass(frozen=True, slots=True)
class Due:
    """What is due on a day, in fen."""

    on: dt.date
    principal_fen: int
    interest_fen: int


@dataclass(frozen=True, slots=True)
class Line:
    """An instalment and what was paid of it, in fen."""

    instalment: LoanInstalment
    paid_fen: int
    today: dt.date

    @property
    def missing_fen(self) -> int:
        """What is not paid of it."""
        return self.instalment.fen - self.paid_fen

    @property
    def met(self) -> bool:
        """Whether as good as all of it is paid."""
        return self.missing_fen <= self.instalment.fen // LEEWAY

    @property
    def late(self) -> bool:
        """Whether its day has passed without."""
        return not self.met and self.instalment.due_on < self.today


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, its last where it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def dues_of(drawn: Iterable[tuple[dt.date, int]], terms: Terms) -> list[Due]:
    """What is due when of drawdowns (day, fen). A day of the loan's months with nothing due is left out.

    What goes out on or after a day is not due on it; what goes out on the last day is due then all the same.
    Pure. Raises DomainError for a sum, a term or a rate that no loan has.
    """
    days = [months_later(terms.since, month) for month in range(1, terms.months + 1)]
    principal, interest = [0] * terms.months, [0] * terms.months
    for on, fen in drawn:
        passed = min(sum(day <= on for day in days), terms.months - 1)
        for one in schedule(fen, terms.months - passed, terms.rate, terms.method).instalments:
            principal[passed + one.month - 1] += one.principal
            interest[passed + one.month - 1] += one.interest
    return [Due(*due) for due in zip(days, principal, interest, strict=True) if due[1] or due[2]]


def method_of(loan: LoanApplication) -> str:
    """As agreed; of a loan from before that was asked the first that its product has."""
    version = loan.product_version
    return loan.method or next(iter(version.repayments if version else []), Repayment.INTEREST_ONLY.value)


def lay_out(loan: LoanApplication, *, at: dt.datetime) -> LoanPlan | None:
    """The plan for all that has gone out and counts; None where nothing has. The caller holds the loan."""
    drawn = list(loan.drawdowns.standing().values_list("on", "amount_fen"))
    if not drawn or loan.drawn_on is None or loan.approved_rate is None:
        return None
    terms = Terms(loan.drawn_on, loan.approved_months or 1, loan.approved_rate, method_of(loan))
    plan = LoanPlan.objects.create(
        loan=loan,
        number=loan.plans.count() + 1,
        method=terms.method,
        rate=terms.rate,
        principal_fen=sum(fen for _on, fen in drawn),
        at=at,
    )
    LoanInstalment.objects.bulk_create(
        LoanInstalment(
            plan=plan,
            number=number,
            due_on=due.on,
            principal_fen=due.principal_fen,
            interest_fen=due.interest_fen,
        )
        for number, due in enumerate(dues_of(drawn, terms), 1)
    )
    return plan


def plan_of(loan: LoanApplication) -> LoanPlan | None:
    """The plan that holds; None of a loan of which nothing has gone out, or did before there were plans."""
    return loan.plans.order_by("-number").first() if loan.drawn_on else None


def lines_of(loan: LoanApplication, today: dt.date) -> list[Line]:
    """The instalments of its plan with what was paid of each; none without a plan. Three queries."""
    plan = plan_of(loan)
    if plan is None:
        return []
    interest = loan.repayments.standing().aggregate(fen=Sum("interest_fen", default=0))["fen"]
    instalments = list(plan.instalments.order_by("number"))
    owed = sum(one.fen for one in instalments)
    return filled(instalments, loan.repaid_fen + interest if loan.owed_fen else owed, today)


def filled(instalments: Sequence[LoanInstalment], paid_fen: int, today: dt.date) -> list[Line]:
    """The instalments, one after another, with what so much paid covers of each."""
    lines, left = [], paid_fen
    for one in instalments:
        paid = min(left, one.fen)
        lines.append(Line(one, paid, today))
        left -= paid
    return lines


def behind(loan: LoanApplication, today: dt.date) -> Line | None:
    """The first instalment whose day has passed without its money; None while the enterprise keeps up."""
    return next((line for line in lines_of(loan, today) if line.late), None)
