"""Random points tables over the small catalogue of `tests.matching.strategies`."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from enterprises.catalogue import Kind
from finance.scoring.card import CREDENTIALS, SCORED_KINDS, Bin, Card, Characteristic
from finance.scoring.enums import Dimension, Monotone
from tests.matching.strategies import CATALOGUE

BOUNDS = [
    Fraction(bound) for bound in ("-10000000", "0", "3", "9.99", "10", "10.01", "50", "10000000", "33333333")
]
"""Figures of that catalogue crowd around these."""
POINTS = st.integers(-500, 500)
SCORABLE = [spec for spec in CATALOGUE.values() if spec.kind in SCORED_KINDS and spec.scope == "enterprise"]
FIGURES = [spec.key for spec in SCORABLE if spec.numeric]
LABELLED = [spec.key for spec in SCORABLE if not spec.numeric]


def neutral(points: list[int]) -> list[int]:
    """Moved so that some bin adds nothing or less, and some takes away nothing or less."""
    off = min(points) if min(points) > 0 else max(points) if max(points) < 0 else 0
    return [one - off for one in points]


def bins_of_figures(bounds: list[Fraction], points: list[int]) -> tuple[Bin, ...]:
    ends = [None, *sorted(bounds), None]
    return tuple(
        Bin(f"{lower}–{upper}", given, lower, upper, reason="x")
        for (lower, upper), given in zip(pairwise(ends), points, strict=True)
    )


@st.composite
def figures(draw: st.DrawFn, key: str | None = None, monotone: str = "") -> Characteristic:
    bounds = draw(st.lists(st.sampled_from(BOUNDS), max_size=4, unique=True))
    points = draw(st.lists(POINTS, min_size=len(bounds) + 1, max_size=len(bounds) + 1))
    if monotone:
        points.sort(reverse=monotone == Monotone.FALLING)
    fact = key or draw(st.sampled_from(FIGURES))
    dimension = draw(st.sampled_from(list(Dimension)))
    years = draw(st.integers(0, 3))
    return Characteristic(
        fact, fact, dimension, fact, bins_of_figures(bounds, neutral(points)), monotone, years
    )


@st.composite
def labelled(draw: st.DrawFn) -> Characteristic:
    fact = draw(st.sampled_from([*LABELLED, CREDENTIALS]))
    if fact == CREDENTIALS:
        values = list(CATALOGUE.credential_kinds)
    elif CATALOGUE[fact].kind is Kind.BOOL:
        values = ["true", "false"]
    else:
        values = list(CATALOGUE[fact].choice_values)
    cut = draw(st.integers(1, len(values)))
    groups = [frozenset(values[:cut])] + ([frozenset(values[cut:])] if cut < len(values) else [])
    if draw(st.booleans()):
        groups.append(frozenset())
    points = neutral(draw(st.lists(POINTS, min_size=len(groups), max_size=len(groups))))
    bins = tuple(
        Bin("x", given, values=group, reason="x", tip="y")
        for group, given in zip(groups, points, strict=True)
    )
    return Characteristic(
        fact, fact, draw(st.sampled_from(list(Dimension))), fact, bins, "", draw(st.integers(0, 3))
    )


@st.composite
def cards(draw: st.DrawFn) -> Card:
    told = draw(st.lists(st.one_of(figures(), labelled()), max_size=8))
    return Card(5_000, dict.fromkeys(Dimension, 25), tuple(told))
