"""What became of loans whose bank had seen a score: the one place where monitoring learns of it."""

from __future__ import annotations

from finance.scoring.monitoring import Outcome


def outcomes() -> list[Outcome]:
    """Loans that are repaid or have defaulted, with the points of the score at their application.

    None while no loan has come to an end.
    """
    return []
