"""Derived facts for all rows at once: what ``enterprises.derived`` says of one enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Catalogue, FactSpec, Kind
from enterprises.derived import Derived
from enterprises.sizes import FEN_PER_WAN, SIZES, size_rule
from matching.batch.columns import INAPPLICABLE, PRESENT, UNKNOWN, Column, column_of
from matching.batch.exact import safely

_EPOCH_ORDINAL = 719_163
"""Ordinal of 1970-01-01, where ``datetime64`` begins."""


def derive(derived: Derived, inputs: Sequence[Column], catalogue: Catalogue, as_of: dt.date) -> Column:
    """The column of a derived fact from those of its inputs (in the order it names them) on a day."""
    if derived.key == "size":
        return _sizes(inputs)
    state = _state(inputs)
    if derived.key == "age_months":
        return Column(_months(inputs[0].values, as_of), state)
    if derived.ratio is not None:
        return _ratio(derived, inputs, state)
    values = _row_by_row(derived, inputs, catalogue, as_of)
    return _column(catalogue[derived.key], values, state)


def _state(inputs: Sequence[Column]) -> NDArray[np.uint8]:
    """Unknown where an input is, else inapplicable where an input is."""
    least = np.minimum.reduce([column.state for column in inputs])
    return least.astype(np.uint8)


def _ratio(derived: Derived, inputs: Sequence[Column], state: NDArray[np.uint8]) -> Column:
    assert derived.ratio is not None
    above, below = safely(derived.ratio, *(np.where(column.present, column.values, 0) for column in inputs))
    told = np.where((state == PRESENT) & ~(below > 0), UNKNOWN, state).astype(np.uint8)
    return Column(above, told, None, 1, np.where(below > 0, below, 1))


def _months(ordinals: Any, as_of: dt.date) -> NDArray[np.int64]:
    """Whole months from each day to the day judged; 0 before it."""
    days = (ordinals.astype(np.int64) - _EPOCH_ORDINAL).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64) + 1
    since = (as_of.year - 1970) * 12 + as_of.month - 1 - months.astype(np.int64)
    return np.maximum(0, since - (as_of.day < day))


def _sizes(inputs: Sequence[Column]) -> Column:
    """The size class: rows grouped by the row of the table that their industry falls in."""
    industry, indicators = (
        inputs[0],
        dict(zip(("employees", "revenue", "total_assets"), inputs[1:], strict=True)),
    )
    state = np.where(industry.state == INAPPLICABLE, INAPPLICABLE, UNKNOWN).astype(np.uint8)
    values = np.zeros(len(state), np.int64)
    rules = [size_rule(str(code)) for code in industry.labels or ()]
    for rule in {id(rule): rule for rule in rules if rule is not None}.values():
        of_rule = np.array([other is rule for other in rules], bool)
        rows = np.flatnonzero(industry.present & of_rule[industry.values])
        asked = {key: indicators[key].take(rows) for key in rule.inputs}
        bounds = {"employees": rule.employees, "revenue": rule.revenue, "total_assets": rule.assets}
        state[rows] = np.minimum.reduce([column.state for column in asked.values()])
        for grade in range(3):
            reached = np.ones(len(rows), bool)
            for key, column in asked.items():
                unit = column.factor if key == "employees" else FEN_PER_WAN
                limit = bounds[key]
                assert limit is not None
                reached &= column.values >= limit[2 - grade] * unit
            values[rows] = np.where(reached, grade + 1, values[rows])
    return Column(values, state, SIZES)


def _row_by_row(
    derived: Derived, inputs: Sequence[Column], catalogue: Catalogue, as_of: dt.date
) -> list[Any]:
    """For a derived fact that has no vector form: its plain function, a row at a time."""
    specs = [catalogue[needed.key] for needed in derived.inputs]
    values: list[Any] = [None] * len(inputs[0].state)
    for row in np.flatnonzero(_state(inputs) == PRESENT).tolist():
        told = [column.at(row, spec) for column, spec in zip(inputs, specs, strict=True)]
        values[row] = derived.plain(*told, as_of)
    return values


def _column(spec: FactSpec, values: Sequence[Any], state: NDArray[np.uint8]) -> Column:
    """Computed values as a column; where the inputs are not all present, ``state`` says what is known."""
    if spec.kind in (Kind.CHOICE, Kind.CHOICES, Kind.CODE, Kind.BOOL, Kind.DATE):
        made = column_of(spec, values)
    else:
        above = np.array([0 if value is None else value.numerator for value in values], object)
        below = np.array([1 if value is None else value.denominator for value in values], object)
        known = np.array([UNKNOWN if value is None else PRESENT for value in values], np.uint8)
        made = Column(above, known, None, 1, below)
    return Column(
        made.values,
        np.where(state == PRESENT, made.state, state).astype(np.uint8),
        made.labels,
        made.factor,
        made.below,
    )
