"""The plan of a loan as both sides read and print it: what is due when, and what was paid of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from finance.acting import act
from finance.lending.plans import Line, lines_of, plan_of
from finance.models import LoanApplication, LoanPlan


@dataclass(frozen=True)
class Shown:
    """A plan on a page."""

    plan: LoanPlan | None
    lines: list[Line]

    @property
    def next(self) -> Line | None:
        """The first instalment that is to be paid, late or not."""
        return next((line for line in self.lines if not line.met), None)

    @property
    def late(self) -> list[Line]:
        """Those whose day has passed."""
        return [line for line in self.lines if line.late]

    @property
    def late_fen(self) -> int:
        """What is missing of those."""
        return sum(line.missing_fen for line in self.late)

    @property
    def met(self) -> int:
        """How many are paid."""
        return sum(line.met for line in self.lines)

    @property
    def interest_fen(self) -> int:
        """Of all instalments together."""
        return sum(line.instalment.interest_fen for line in self.lines)

    @property
    def total_fen(self) -> int:
        """Of all instalments together, principal and interest."""
        return sum(line.instalment.fen for line in self.lines)

    @property
    def paid_fen(self) -> int:
        """What was paid of all."""
        return sum(line.paid_fen for line in self.lines)


def shown(loan: LoanApplication, today: dt.date) -> Shown:
    """The plan that holds, for the page of the loan and for its own."""
    return Shown(plan_of(loan), lines_of(loan, today))


@require_safe
def page(request: HttpRequest, bank: int, number: str) -> HttpResponse:
    """The bank's: 404 where there is none."""
    actor = act(request, bank)
    loan = get_object_or_404(LoanApplication.objects.visible_to(actor).for_lists(), number=number)
    plan = shown(loan, timezone.localdate())
    if not plan.lines:
        raise Http404
    context = {"actor": actor, "bank": actor.bank, "loan": loan, "plan": plan}
    return render(request, "finance/desk/plan.html", context)
