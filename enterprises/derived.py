"""Facts computed from other facts. Never stored: one place says how each is made.

A ratio is one integer function using only ``+ - *``, returning (numerator, denominator), so that the
same function serves Python ints here and NumPy ``int64`` arrays in the matching engine.
A derived value is unknown when an input is unknown or the denominator is not positive, and not
applicable when an input is; it has the worst tier and the oldest date of what it is made from.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from enterprises.catalogue import Plain
from enterprises.sizes import size_class, size_inputs


@dataclass(frozen=True, slots=True)
class Input:
    """One fact a derived fact is made from; ``offset`` counts years from the period asked."""

    key: str
    offset: int = 0
    periodic: bool = True


@dataclass(frozen=True, slots=True)
class Derived:
    """How one derived fact is made.

    ``plain`` takes the inputs' canonical values in order, then the day judged, and returns the value or
    ``None`` (unknown). ``ratio``, where there is one, takes the inputs as stored integers.
    ``needed`` names the inputs that matter given the first one; all of them when it is ``None``.
    """

    key: str
    inputs: tuple[Input, ...]
    plain: Callable[..., Plain | None]
    ratio: Callable[..., tuple[Any, Any]] | None = None
    needed: Callable[[Plain], tuple[str, ...] | None] | None = None
    periodic: bool = True


def growth(now: Any, before: Any) -> tuple[Any, Any]:
    """Growth in percentage points: (now − before) ÷ before × 100."""
    return (now - before) * 100, before


def share(part: Any, whole: Any) -> tuple[Any, Any]:
    """Share in percentage points: part ÷ whole × 100."""
    return part * 100, whole


def per_mu(tax_fen: Any, land_hundredths: Any) -> tuple[Any, Any]:
    """Fen of tax per mu of land; the land is stored in hundredths of a mu."""
    return tax_fen * 100, land_hundredths


def age_months(established_on: dt.date, as_of: dt.date) -> int:
    """Whole months from registration to the day judged; 0 before it."""
    months = (as_of.year - established_on.year) * 12 + as_of.month - established_on.month
    return max(0, months - (as_of.day < established_on.day))


def _of_ratio(ratio: Callable[..., tuple[Any, Any]], *scales: int) -> Callable[..., Plain | None]:
    """Plain form of a ratio: canonical values scaled to the integers the ratio is defined on."""

    def plain(*values_and_day: Any) -> Plain | None:
        values = [int(value * 10**scale) for value, scale in zip(values_and_day[:-1], scales, strict=True)]
        numerator, denominator = ratio(*values)
        return Fraction(numerator, denominator) if denominator > 0 else None

    return plain


def _ratio(
    key: str, ratio: Callable[..., tuple[Any, Any]], *inputs: Input, scales: tuple[int, ...]
) -> Derived:
    return Derived(key, inputs, _of_ratio(ratio, *scales), ratio)


DERIVED: dict[str, Derived] = {
    derived.key: derived
    for derived in (
        Derived("age_months", (Input("established_on", periodic=False),), age_months, periodic=False),
        Derived(
            "size",
            (Input("industry", periodic=False), Input("employees"), Input("revenue"), Input("total_assets")),
            lambda industry, employees, revenue, assets, _day: size_class(
                industry, employees, revenue, assets
            ),
            needed=size_inputs,
        ),
        _ratio("revenue_growth", growth, Input("revenue"), Input("revenue", -1), scales=(0, 0)),
        _ratio("rd_ratio", share, Input("rd_expense"), Input("revenue"), scales=(0, 0)),
        _ratio("debt_ratio", share, Input("total_liabilities"), Input("total_assets"), scales=(0, 0)),
        _ratio("tax_per_mu", per_mu, Input("tax_paid"), Input("land_mu", periodic=False), scales=(0, 2)),
    )
}
"""Derived facts by key; the catalogue holds their labels, units and dimensions."""


def sources_of(keys: Iterable[str]) -> set[str]:
    """These facts, and all that the derived ones among them are made from."""
    found: set[str] = set()
    pending = list(keys)
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending += [needed.key for needed in DERIVED[key].inputs] if key in DERIVED else []
    return found
