"""Points as people read them. Pure."""

from __future__ import annotations


def shown(points: int) -> str:
    """Hundredths of a point as points: 6250 is 62.50."""
    whole, rest = divmod(abs(points), 100)
    return f"{'−' if points < 0 else ''}{whole}.{rest:02}"


def signed(points: int) -> str:
    """With its sign, + or −; nothing gained or lost is 0.00."""
    return f"+{shown(points)}" if points > 0 else shown(points)
