"""Derived facts for all rows at once: what ``enterprises.derived`` says of one enterprise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from enterprises.catalogue import Kind
from enterprises.derived import Derived
from enterprises.sizes import FEN_PER_WAN, SIZES, size_rule
from matching.batch.columns import INAPPLICABLE, PRESENT, UNKNOWN, Column, column_of
from matching.batch.exact import safely

if TYPE_CHECKING:
    from matching.batch.columns import Frame

_EPOCH_ORDINAL = 719_163
"""Ordinal of 1970-01-01, where ``datetime64`` begins."""


def derive(frame: Frame, derived: Derived, period: int | None) -> Column:
    """The column of a derived fact in a period."""
    if derived.periodic and period is None:
        return Column.blank(len(frame))
    inputs = [_input(frame, needed, period) for needed in derived.inputs]
    if derived.key == "size":
        return _sizes(inputs)
    state = _state(inputs)
    if derived.key == "age_months":
        return Column(_months(inputs[0].values, frame.as_of), state)
    if derived.ratio is not None:
        return _ratio(derived, inputs, state)
    return _row_by_row(frame, derived, inputs, state)


def _input(frame: Frame, needed: Any, period: int | None) -> Column:
    if needed.key not in frame.catalogue or (needed.periodic and period is None):
        return Column.blank(len(frame))
    return frame.value(needed.key, period + needed.offset if needed.periodic and period is not None else None)


def _state(inputs: Sequence[Column]) -> NDArray[np.uint8]:
    """Unknown where an input is, else inapplicable where an input is."""
    least = np.minimum.reduce([column.state for column in inputs])
    return least.astype(np.uint8)


def _ratio(derived: Derived, inputs: Sequence[Column], state: NDArray[np.uint8]) -> Column:
    assert derived.ratio is not None
    above, below = safely(derived.ratio, *(np.where(column.present, column.values, 0) for column in inputs))
    told = np.where((state == PRESENT) & ~(below > 0), UNKNOWN, state).astype(np.uint8)
    return Column(above, told, None, 1, np.where(below > 0, below, 1))


def _months(ordinals: Any, as_of: Any) -> NDArray[np.int64]:
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


def _row_by_row(frame: Frame, derived: Derived, inputs: Sequence[Column], state: NDArray[np.uint8]) -> Column:
    """For a derived fact that has no vector form: its plain function, a row at a time."""
    specs = [frame.catalogue[needed.key] for needed in derived.inputs]
    values: list[Any] = [None] * len(frame)
    for row in np.flatnonzero(state == PRESENT).tolist():
        told = [column.at(row, spec) for column, spec in zip(inputs, specs, strict=True)]
        values[row] = derived.plain(*told, frame.as_of)
    spec = frame.catalogue[derived.key]
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
