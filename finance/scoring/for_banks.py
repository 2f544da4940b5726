"""A score as a bank's desk shows it: from the row that was written down, reason by reason."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from finance.models import Score
from finance.scoring.enums import Dimension
from finance.scoring.figures import shown, signed
from finance.scoring.reckoning import Standing


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the score. ``state`` colours it as good, bad or open."""

    label: str
    value: str
    points: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class BankScore:
    """The score, its range in hundredths of a point for the drawing, and the reasons by dimension."""

    score: Score
    groups: tuple[tuple[str, tuple[Reason, ...]], ...]

    @property
    def points(self) -> str:
        """The score itself."""
        return shown(self.score.points)

    @property
    def bounds(self) -> tuple[str, str]:
        """Between what it lies, whatever the missing turns out to be."""
        return shown(self.score.low), shown(self.score.high)

    @property
    def settled(self) -> bool:
        """Whether nothing is missing that could move it."""
        return self.score.low == self.score.high

    @property
    def width(self) -> int:
        """Of the range."""
        return self.score.high - self.score.low


def of(score: Score) -> BankScore:
    """What the desk shows of a score that was reckoned under a consent."""
    labels = {str(one): str(one.label) for one in Dimension}
    groups = groupby(score.parts, key=lambda part: part["dimension"])
    return BankScore(
        score, tuple((labels[key], tuple(_reason(part) for part in parts)) for key, parts in groups)
    )


def _reason(part: dict[str, Any]) -> Reason:
    open_ = part["low"] != part["high"]
    state = "due" if open_ else "done" if part["points"] > 0 else "late" if part["points"] < 0 else "plain"
    return Reason(part["label"], _value(part), signed(part["points"]), state, _words(part, open_))


def _value(part: dict[str, Any]) -> str:
    standing = {
        Standing.MISSING: _("暂无资料"),
        Standing.WITHHELD: _("未授权查阅"),
        Standing.INAPPLICABLE: _("不适用"),
    }.get(part["standing"])
    return standing or part["value"] or part["bin"]


def _words(part: dict[str, Any], open_: bool) -> str:
    if open_:
        bounds = {"low": signed(part["low"]), "high": signed(part["high"])}
        return _("资料到齐后在 %(low)s 到 %(high)s 之间") % bounds
    return part["reason"] or _("不加分也不减分")
