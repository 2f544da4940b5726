"""Plans of repayment: what is due when, as far as one can reckon it here, and what was paid of it.

A plan is an estimate: the bank's own books hold, and no state of a loan follows from it. It is laid out by
the method and rate that were agreed, as `finance.cost` reckons, and anew from what is left with whatever goes
out or comes back before it is due; nothing that was due before that changes. Without an agreed method there
is none.

What is paid fills the instalments one after another, principal and interest apart. Banks count days
differently, so an instalment is met when no more than a tenth of it is missing, and that little is not asked
of the payments after it.
"""

from __future__ import annotations

import calendar
import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.db.models import Sum

from finance.cost import schedule
from finance.models import LoanApplication, LoanInstalment, LoanPlan, LoanTarget, Repayment
from finance.models.loan_clock import INSTALMENT
from finance.models.loan_states import PAYING
from finance.models.vocabulary import Repayment as Method

LEEWAY: Final = 10
"""The part of an instalment (one in so many) that may be missing, or come early."""
Moves = Iterable[tuple[dt.date, int]]
"""Days and fen."""


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
    """An instalment and what was paid of it, in fen; `grace`: days in which the bank may still tell of it."""

    instalment: LoanInstalment
    principal_fen: int
    interest_fen: int
    today: dt.date
    grace: int

    @property
    def paid_fen(self) -> int:
        """Principal and interest together."""
        return self.principal_fen + self.interest_fen

    @property
    def missing_fen(self) -> int:
        """What is not paid of it."""
        return self.instalment.fen - self.paid_fen

    @property
    def met(self) -> bool:
        """Whether as good as all of it is paid."""
        one = self.instalment
        return _enough(self.principal_fen, one.principal_fen) and _enough(self.interest_fen, one.interest_fen)

    @property
    def due(self) -> bool:
        """Whether its day has passed and nobody has told of the money."""
        return not self.met and self.instalment.due_on < self.today

    @property
    def late(self) -> bool:
        """Whether the days are over, too, in which the bank may tell of it: somebody is to look."""
        return not self.met and self.instalment.due_on + dt.timedelta(self.grace) <= self.today


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, its last where it has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class _Layout:
    """A plan as it grows with each movement, the earliest first."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.days = [months_later(terms.since, month) for month in range(1, terms.months + 1)]
        self.principal: Counter[dt.date] = Counter()
        self.interest: Counter[dt.date] = Counter()
        self.drawn = self.paid = 0

    def draw(self, on: dt.date, fen: int) -> None:
        """More has gone out."""
        self.drawn += fen
        self._anew(on, fen)

    def pay(self, on: dt.date, fen: int) -> None:
        """Principal that has come back: what is more than is due by the next day counts from its own."""
        self.paid += fen
        after = next((day for day in self.days if day >= on), self.days[-1])
        early = min(self.paid, self.drawn) - sum(one for day, one in self.principal.items() if day <= after)
        if early * LEEWAY > self.principal[after] + self.interest[after]:
            self.principal[on] += early
            self._anew(on, -early)

    def _anew(self, on: dt.date, fen: int) -> None:
        """What is left is laid out over the days that are left; the month it happens in counts by days."""
        place = min(bisect_right(self.days, on), len(self.days) - 1)
        after, since = self.days[place:], (self.terms.since, *self.days)[place]
        part = Fraction(max(0, (after[0] - max(on, since)).days), (after[0] - since).days)
        left = self.drawn - sum(one for day, one in self.principal.items() if day < after[0])
        lump = self.terms.method == Method.LUMP
        charged, months = (after[-1], len(after) - 1 + part) if lump else (after[0], part)
        accrued = self.interest[charged] + round(fen * Fraction(self.terms.rate) / 1200 * months)
        laid_out = schedule(left, len(after), self.terms.rate, self.terms.method).instalments if left else ()
        for day in after:
            self.principal[day] = self.interest[day] = 0
        for day, one in zip(after, laid_out, strict=False):
            self.principal[day], self.interest[day] = one.principal, one.interest
        if part != 1 or left != fen:  # else it is a schedule from its beginning
            self.interest[charged] = max(0, accrued)


def dues_of(drawn: Moves, terms: Terms, paid: Moves = ()) -> list[Due]:
    """What is due when of drawdowns and of principal that was paid back. A day with nothing due is left out.

    What goes out on or after a day is not due on it; what goes out on the last day is due then all the same.
    Interest runs from the day the money went out, a part of a month for its days. Principal that came back
    early is due on its own day, and no interest of it after. All that went out is due, to the fen. Pure.
    Raises DomainError for a sum, a term or a rate that no loan has.
    """
    layout = _Layout(terms)
    moves = [(on, False, fen) for on, fen in drawn] + [(on, True, fen) for on, fen in paid if fen]
    for on, back, fen in sorted(moves):
        (layout.pay if back else layout.draw)(on, fen)
    days = sorted({*layout.principal, *layout.interest})
    dues = (Due(day, layout.principal[day], layout.interest[day]) for day in days)
    return [due for due in dues if due.principal_fen or due.interest_fen]


def lay_out(loan: LoanApplication, *, at: dt.datetime) -> None:
    """The plan for all that counts, where it is another than the one that holds. The caller holds the loan.

    None where nothing has gone out, and where it was not agreed how the loan is paid back.
    """
    drawn = list(loan.drawdowns.standing().values_list("on", "amount_fen"))
    if not drawn or loan.drawn_on is None or loan.approved_rate is None or not loan.method:
        return
    paid = loan.repayments.standing().values_list("on", "principal_fen")
    terms = Terms(loan.drawn_on, loan.approved_months or 1, loan.approved_rate, loan.method)
    dues = dues_of(drawn, terms, paid)
    holds = plan_of(loan)
    if holds is not None and dues == [
        Due(*row) for row in holds.instalments.values_list("due_on", "principal_fen", "interest_fen")
    ]:
        return
    plan = LoanPlan.objects.create(
        loan=loan,
        number=holds.number + 1 if holds else loan.plans.count() + 1,
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
        for number, due in enumerate(dues, 1)
    )


def plan_of(loan: LoanApplication) -> LoanPlan | None:
    """The plan that holds; None of a loan of which nothing has gone out, or without an agreed method."""
    return loan.plans.order_by("-number").first() if loan.drawn_on and loan.method else None


def lines_of(loan: LoanApplication, today: dt.date) -> list[Line]:
    """The instalments of its plan with what was paid of each; none without a plan."""
    return lines_of_each([loan], today).get(loan.pk, [])


def lines_of_each(loans: Iterable[LoanApplication], today: dt.date) -> dict[int, list[Line]]:
    """As `lines_of`, by loan: four queries for any number, none where nothing has gone out."""
    drawn = {loan.pk: loan for loan in loans if loan.drawn_on and loan.method}
    if not drawn:
        return {}
    plans = LoanPlan.objects.filter(loan__in=drawn).order_by("loan_id", "-number").distinct("loan_id")
    paid: dict[int, list[tuple[int, int]]] = {}
    rows = (
        Repayment.objects.standing().filter(loan__in=drawn).order_by("loan_id", "on").values("loan_id", "on")
    )
    for row in rows.annotate(principal=Sum("principal_fen"), interest=Sum("interest_fen")):
        paid.setdefault(row["loan_id"], []).append((row["principal"], row["interest"]))
    grace = LoanTarget.objects.get(key=INSTALMENT).number
    found = {}
    for plan in plans.prefetch_related("instalments"):
        instalments = list(plan.instalments.all())
        whole = [(one.principal_fen, one.interest_fen) for one in instalments]
        of_each = filled(whole, paid.get(plan.loan_id, []) if drawn[plan.loan_id].owed_fen else whole)
        found[plan.loan_id] = [
            Line(one, *parts, today, grace) for one, parts in zip(instalments, of_each, strict=True)
        ]
    return found


def behind_since(loan: LoanApplication, lines: Sequence[Line], today: dt.date) -> dt.date | None:
    """The first day on which something was due, by plan or last day, that is not paid; None: nothing."""
    unmet = (line.instalment.due_on for line in lines if not line.met)
    days = (*unmet, *([loan.matures_on] if loan.matures_on and loan.owed_fen else ()))
    return min((day for day in days if day < today), default=None)


def to_check(loans: Iterable[LoanApplication], today: dt.date) -> set[int]:
    """Those that run by their banks and of which an instalment is late by the plan: somebody is to look."""
    paying = [loan for loan in loans if loan.state in PAYING]
    found = lines_of_each(paying, today)
    return {loan for loan, lines in found.items() if any(line.late for line in lines)}


def filled(dues: Sequence[tuple[int, int]], paid: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of each (principal, interest) is covered by what was paid, a day's payments as one."""
    principal, interest = (
        _poured([due[part] for due in dues], [one[part] for one in paid]) for part in (0, 1)
    )
    return list(zip(principal, interest, strict=True))


def _poured(dues: Sequence[int], paid: Iterable[int]) -> list[int]:
    """One due after another; a payment that leaves as good as nothing missing ends with it."""
    covered, place = [0] * len(dues), 0
    for fen in paid:
        left = fen
        while left and place < len(dues):
            part = min(left, dues[place] - covered[place])
            covered[place] += part
            left -= part
            place += _enough(covered[place], dues[place]) if not left else 1
    return covered


def _enough(paid: int, due: int) -> bool:
    return due - paid <= due // LEEWAY
