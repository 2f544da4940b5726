"""The amount, line by line: name, basis, interval, and which branch was taken."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from matching import tree as t
from matching.explaining.amount_words import AmountWords
from matching.explaining.needs import Need, NeedFinder
from matching.explaining.sentences import Phrasing
from matching.explaining.wording import reading_text
from matching.plain.amounts import Block, Interval, split, to_fen
from matching.plain.evaluate import judge_condition
from matching.plain.situation import Situation
from matching.plain.truth import Truth
from portal.kernel.money import money_range


@dataclass(frozen=True)
class AmountRow:
    """One line of the amount table.

    `state`: "taken" (highlighted: it counts), "possible" (hangs on something unknown) or "off" (does
    not count). `year`: of an instalment, years after the event. `shares`: who bears how many fen.
    """

    path: str
    name: str
    basis: str
    amount: str
    interval: Interval
    depth: int = 0
    state: str = "taken"
    clause: str = ""
    detail: str = ""
    year: int | None = None
    total: bool = False
    shares: tuple[tuple[str, int], ...] = ()
    needs: tuple[Need, ...] = ()
    said: tuple[Need, ...] = ()


STATES = {Truth.TRUE: "taken", Truth.UNKNOWN: "possible", Truth.FALSE: "off", None: "taken"}
ORDER = ("off", "possible", "taken")
NAMES = {
    t.Fixed: lazy("定额"),
    t.Range: lazy("幅度"),
    t.Text: lazy("其他支持"),
    t.Rate: lazy("按比例"),
    t.Per: lazy("按数量"),
    t.Bands: lazy("分档"),
    t.Increase: lazy("按增量"),
    t.Received: lazy("已享受"),
    t.Sum: lazy("小计"),
    t.Best: lazy("就高"),
    t.Max: lazy("取高"),
    t.Min: lazy("取低"),
    t.Cap: lazy("封顶"),
    t.Floor: lazy("保底"),
    t.Scale: lazy("按比例上浮或下调"),
    t.Round: lazy("取整"),
    t.Minus: lazy("差额"),
    t.First: lazy("按情形"),
    t.When: lazy("附条件"),
    t.Installments: lazy("分年兑现"),
    t.Share: lazy("分担"),
}


def interval_text(interval: Interval) -> str:
    """`20 万元至 50 万元`, `最高 50 万元`, `金额待定`, `由部门核定`."""
    high = None if interval.high is None else int(interval.high)
    if high is None and not interval.computable:
        return _("由主管部门核定")
    if high is None and not interval.low:
        return _("金额待定")
    return money_range(int(interval.low), high)


def amount_rows(
    block: Block, phrasing: Phrasing, finder: NeedFinder, situation: Situation
) -> tuple[AmountRow, ...]:
    """The parts in document order, then the total."""
    table = Breakdown(phrasing, finder, situation)
    plain_sum = isinstance(block.node, t.Sum) and not block.node.name and not block.node.upto
    parts = block.children if plain_sum else (block,)
    rows = [row for part in parts for row in table.rows(part, 0, "taken")]
    whole = block.interval.map(to_fen)
    if len(rows) > 1:
        rows.append(AmountRow("/amount", _("合计"), "", interval_text(whole), whole, total=True))
    return tuple(rows)


class Breakdown:
    """Flattens a block tree into rows; groups that only wrap one thing show as the basis of it."""

    def __init__(self, phrasing: Phrasing, finder: NeedFinder, situation: Situation) -> None:
        self.phrasing = phrasing
        self.words = AmountWords(phrasing)
        self.finder = finder
        self.situation = situation

    def rows(self, block: Block, depth: int, state: str) -> list[AmountRow]:
        """The row of a block and those below it; a condition and the one thing it gives are one row."""
        hangs_on = block.children[0].taken if isinstance(block.node, t.When) else block.taken
        if state != "off":
            state = min(state, STATES[hangs_on], key=ORDER.index)
        if isinstance(block.node, t.When | t.Branch | t.Installment):
            return self._conditional(block, block.node, depth, state)
        node = block.node
        assert isinstance(node, t.AmountNode)
        name = node.name or str(NAMES[type(node)])
        needs = self.finder.of_readings(block.readings)
        if isinstance(node, t.Installments):
            needs += self.finder.of_event(node.event)
        own = self._with(block, depth, state, (name, self._basis(node)), needs)
        return [own, *(row for child in block.children for row in self.rows(child, depth + 1, state))]

    def _conditional(
        self, block: Block, node: t.When | t.Branch | t.Installment, depth: int, state: str
    ) -> list[AmountRow]:
        (child,) = block.children
        given = child.node
        name, basis = self.phrasing.once(node, "occasion", lambda: self._occasion(node))
        needs = self._missing(node.when)
        if child.children or not isinstance(given, t.AmountNode):
            below = self.rows(replace(child, taken=None), depth + 1, state)
            return [self._with(block, depth, state, (name, basis), needs), *below]
        name = given.name or name
        basis = "；".join(part for part in (basis, self._basis(given)) if part)
        needs += self.finder.of_readings(child.readings)
        merged = replace(block, readings=child.readings)
        return [self._with(merged, depth, state, (name, basis), needs)]

    def _basis(self, node: t.Node) -> str:
        return self.phrasing.once(node, "basis", lambda: self.words.basis(node))

    def _occasion(self, node: t.When | t.Branch | t.Installment) -> tuple[str, str]:
        basis = self.phrasing.inline(node.when) if node.when is not None else ""
        if isinstance(node, t.Installment):
            name = _("事件后第 %(n)d 年") % {"n": node.year} if node.year else _("事件当年")
            return name, basis
        if isinstance(node, t.When):
            return node.name or _("附条件"), basis
        return (_("如果") if basis else _("其他情形")), basis

    def _with(
        self, block: Block, depth: int, state: str, words: tuple[str, str], needs: tuple[Need, ...]
    ) -> AmountRow:
        name, basis = words
        interval = block.interval.map(to_fen)
        shares: tuple[tuple[str, int], ...] = ()
        if isinstance(block.node, t.Share) and interval.low == interval.high:
            shares = split(int(interval.low), block.node.parts)
        detail = "；".join(reading_text(self.phrasing.catalogue, reading) for reading in block.readings)
        return AmountRow(
            block.node.path,
            name,
            basis,
            interval_text(interval),
            interval,
            depth,
            state,
            block.node.clause,
            detail,
            block.year,
            shares=shares,
            needs=needs if state != "off" else (),
            said=self.finder.said(block.readings) if state != "off" else (),
        )

    def _missing(self, condition: t.Condition | None) -> tuple[Need, ...]:
        if condition is None:
            return ()
        result = judge_condition(condition, self.situation)
        return tuple(need for leaf in result.waiting() for need in self.finder.of_leaf(leaf))
