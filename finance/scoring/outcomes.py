"""What became of loans whose bank had seen a score: the one place where monitoring learns of it."""

from __future__ import annotations

from typing import Final

from django.db.models import OuterRef, Subquery

from finance.models import LoanApplication, LoanState, Score
from finance.scoring.monitoring import Outcome

DEFAULTED: Final = (LoanState.OVERDUE, LoanState.WRITTEN_OFF)
"""Counted as a default; a loan that was overdue and is repaid since is none."""
ENDED: Final = (LoanState.REPAID, *DEFAULTED)
"""Loans of which it is known how they went."""


def outcomes() -> list[Outcome]:
    """Loans that went well or did not, with the last score that was written down before their first money.

    None while no loan has come so far. One query.
    """
    before = Score.objects.filter(enterprise=OuterRef("enterprise"), as_of__lte=OuterRef("drawn_on"))
    loans = LoanApplication.objects.filter(state__in=ENDED).annotate(
        scored=Subquery(before.order_by("-as_of", "-pk").values("points")[:1])
    )
    told = loans.exclude(scored=None).values_list("scored", "state")
    return [Outcome(points, state in DEFAULTED) for points, state in told]
