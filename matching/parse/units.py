"""Units a rule may be written in, and their exact factors to base units.

Base units: fen for money, percentage points for percent, the fact's own unit for everything else.
"""

from fractions import Fraction

from portal.kernel.money import UNITS as MONEY_UNITS

MONEY, PERCENT, NUMBER = "money", "percent", "number"

PERCENT_UNITS = {"%": Fraction(1), "％": Fraction(1), "个百分点": Fraction(1), "‰": Fraction(1, 10)}


def family_of(unit: str) -> str:
    """money, percent or number; a public figure's unit may name what it is per (元/月)."""
    head = unit.split("/")[0]
    if head in MONEY_UNITS:
        return MONEY
    return PERCENT if head in PERCENT_UNITS else NUMBER


def to_base(value: Fraction, unit: str) -> Fraction:
    """The same value in base units."""
    head = unit.split("/")[0]
    return value * MONEY_UNITS.get(head, 1) * PERCENT_UNITS.get(head, Fraction(1))
