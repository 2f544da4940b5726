"""What became of loans, with the score of before: the one place where monitoring learns of it."""

from __future__ import annotations

from typing import Final

from django.db.models import OuterRef, Subquery

from finance.models import LoanApplication, LoanState, ScoreSheet
from finance.scoring.monitoring import Outcome
from finance.scoring.sheets import Points
from portal.kernel.models import Progress

DEFAULTED: Final = (LoanState.OVERDUE, LoanState.WRITTEN_OFF)
"""Counted as a default; a loan that was overdue and is repaid since is none."""
ENDED: Final = (LoanState.REPAID, *DEFAULTED)
"""Loans of which it is known how they went."""


def outcomes() -> list[Outcome]:
    """Loans that went well or did not, by the last run that judged a day before their first money.

    Runs alone count: they reckon every enterprise from all that is known, as the distribution beside does.
    What a bank saw was reckoned from what it was let know, and says more of the consent than of the loan.
    Loans that no run came before are left out. Two queries.
    """
    before = ScoreSheet.objects.filter(
        run__state=Progress.DONE,
        run__as_of__lte=OuterRef("drawn_on"),
        first__lte=OuterRef("enterprise_id"),
        last__gte=OuterRef("enterprise_id"),
    ).order_by("-run__as_of", "-run")
    loans = LoanApplication.objects.filter(state__in=ENDED).annotate(sheet=Subquery(before.values("pk")[:1]))
    ended = list(loans.exclude(sheet=None).values_list("sheet", "enterprise", "state"))
    sheets = ScoreSheet.objects.filter(pk__in={sheet for sheet, *_loan in ended})
    scored = {pk: Points.from_bytes(bytes(payload)) for pk, payload in sheets.values_list("pk", "payload")}
    found = ((scored[sheet].of(enterprise), state) for sheet, enterprise, state in ended)
    return [Outcome(points[0], state in DEFAULTED) for points, state in found if points is not None]
