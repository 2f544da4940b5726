"""What the page of an enterprise's own score shows, put in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue
from enterprises.knowledge import Knowledge
from finance.scoring.enums import Dimension
from finance.scoring.figures import shown, signed
from finance.scoring.reckoning import Part, Reckoned, Standing
from finance.scoring.records import source_words, value_words
from finance.scoring.tips import Gap, Tip, gaps, tips


@dataclass(frozen=True, slots=True)
class Line:
    """One reason. ``points`` with its sign; ``state`` colours it as good, bad or open."""

    label: str
    value: str
    source: str
    period: int | None
    as_of: dt.date | None
    points: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class DimensionView:
    """A dimension as points out of its weight. What all four have makes the score."""

    label: str
    weight: int
    points: str
    bar: int
    """Out of a hundred."""
    start: str
    """What it begins with before anything is known; with the lines it sums to the points."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, and what it brings."""

    label: str
    said: str
    now: str
    target: str
    gain: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class ScoreView:
    """The score for its page."""

    points: str
    low: str
    high: str
    settled: bool
    place: int
    """Hundredths of a point, for the drawing: 0 to 10,000."""
    begin: int
    width: int
    dimensions: tuple[DimensionView, ...]
    tips: tuple[Advice, ...]
    gaps: tuple[Advice, ...]


def view_of(reckoned: Reckoned, knowledge: Knowledge, enterprise: int) -> ScoreView:
    """The score in words for the enterprise itself."""
    catalogue = knowledge.catalogue
    return ScoreView(
        shown(reckoned.points),
        shown(reckoned.low),
        shown(reckoned.high),
        reckoned.settled,
        reckoned.points,
        reckoned.low,
        reckoned.high - reckoned.low,
        tuple(_dimension(reckoned, dimension, catalogue) for dimension in Dimension),
        tuple(_tip(tip) for tip in tips(reckoned)),
        tuple(_gap(gap, enterprise) for gap in gaps(reckoned, catalogue) if gap.spread),
    )


def _dimension(reckoned: Reckoned, dimension: Dimension, catalogue: Catalogue) -> DimensionView:
    parts = reckoned.of_dimension(dimension)
    weight = reckoned.card.weights[dimension]
    reached = sum(part.points - part.characteristic.least for part in parts)
    bar = reached // weight if weight else 0
    start = signed(-sum(part.characteristic.least for part in parts))
    lines = tuple(line_of(part, catalogue) for part in parts)
    return DimensionView(str(dimension.label), weight, shown(reached), bar, start, lines)


def line_of(part: Part, catalogue: Catalogue) -> Line:
    """One reason in words."""
    value = {
        Standing.MISSING: _("暂无资料"),
        Standing.WITHHELD: _("未授权查阅"),
        Standing.INAPPLICABLE: _("不适用"),
    }.get(part.standing) or value_words(part, catalogue)
    state = "done" if part.points > 0 else "late" if part.points < 0 else ""
    return Line(
        part.characteristic.label,
        value or (part.bin.label if part.bin is not None else ""),
        source_words(part, catalogue),
        part.period,
        part.as_of,
        signed(part.points),
        "due" if part.standing is Standing.MISSING and part.low != part.high else state,
        _reason(part),
    )


def _reason(part: Part) -> str:
    if part.low != part.high:
        return _("资料到齐后在 %(low)s 到 %(high)s 之间") % {
            "low": signed(part.low),
            "high": signed(part.high),
        }
    return part.reason or _("不加分也不减分")


def _tip(tip: Tip) -> Advice:
    now = tip.part.bin.label if tip.part.bin is not None else ""
    return Advice(tip.part.characteristic.label, tip.text, now, tip.target.label, signed(tip.gain))


def _gap(gap: Gap, enterprise: int) -> Advice:
    one = gap.part.characteristic
    said = _("由%(keeper)s提供，归集后自动计入。") % {"keeper": gap.keeper or _("有关部门")}
    url = link = ""
    if gap.declarable:
        said = _("可以自己补报，补报后马上计入。")
        url, link = reverse("enterprise_fact", args=[enterprise, one.fact]), _("现在补报")
    most = _("最多 %(points)s") % {"points": signed(gap.part.high)}
    return Advice(one.label, said, "", "", most, url, link)


@dataclass(frozen=True, slots=True)
class Change:
    """One reason that counts otherwise than at the last run."""

    label: str
    before: str
    after: str
    moved: str
    state: str


def changes(before: Reckoned, now: Reckoned, catalogue: Catalogue) -> list[Change]:
    """What moved the score between two reckonings by one version; their moves add up to the difference."""
    found = []
    for old, new in zip(before.parts, now.parts, strict=True):
        if moved := new.points - old.points:
            words = (line_of(old, catalogue).value, line_of(new, catalogue).value)
            state = "done" if moved > 0 else "late"
            found.append(Change(new.characteristic.label, *words, signed(moved), state))
    return found
