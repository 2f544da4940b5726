"""Quantities: JSON → tree, with the family of units each is in."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from matching.parse.conditions import parse_fact_period
from matching.parse.operands import FAMILY, parse_figure, parse_number
from matching.parse.reader import Reader, check_keys, clause_of, list_of, need, refuse
from matching.parse.units import MONEY, NUMBER, PERCENT, family_of, to_base
from matching.tree import (
    FactQuantity,
    FigureQuantity,
    Number,
    QMax,
    QMin,
    QMinus,
    QSum,
    Quantity,
    Times,
)

HEADS = ("fact", "number", "figure", "times", "sum", "min", "max", "minus")
MAX_DEPTH = 8

Measured = tuple[Quantity, str]
"""A quantity and its family: money (fen), percent (points) or number (own unit)."""


def parse_quantity(reader: Reader, node: Any, path: str, depth: int = 0) -> Measured:
    """A fact, a number, a figure, or `times`, `sum`, `min`, `max`, `minus` of quantities."""
    if not isinstance(node, dict):
        refuse(path, _("这里应是一个数量，如 {“fact”: …} 或 {“number”: …}。"))
    heads = ["figure"] if "figure" in node else [head for head in HEADS if head in node]
    if len(heads) != 1:
        refuse(path, _("数量要有且只有一个：fact、number、figure、times、sum、min、max 或 minus。"))
    head = heads[0]
    if depth >= MAX_DEPTH:
        refuse(path, _("数量最多嵌套 %(depth)d 层。") % {"depth": MAX_DEPTH})
    clause = clause_of(node, path)
    if head == "fact":
        return _fact(reader, node, path, clause)
    if head == "number":
        check_keys(node, path, {"number", "unit"})
        number, unit = parse_number(node["number"], f"{path}/number", node.get("unit"))
        family = family_of(unit)
        return Number(to_base(number, unit), family, path=path, clause=clause), family
    if head == "figure":
        unit = need(node, "unit", path)
        if not isinstance(unit, str):
            refuse(f"{path}/unit", _("单位应是文字。"))
        family = family_of(unit)
        return FigureQuantity(parse_figure(reader, node, path, family), path=path, clause=clause), family
    return _composed(reader, node, path, head, depth)


def _fact(reader: Reader, node: Any, path: str, clause: str) -> Measured:
    check_keys(node, path, {"fact", "period"})
    spec = reader.fact(node["fact"], f"{path}/fact")
    if spec.kind not in FAMILY:
        refuse(f"{path}/fact", _("“%(fact)s”不是数值，不能用来计算。") % {"fact": spec.label})
    period = parse_fact_period(reader, spec, node.get("period"), f"{path}/period")
    return FactQuantity(spec.key, period, path=path, clause=clause), FAMILY[spec.kind]


def _composed(reader: Reader, node: Any, path: str, head: str, depth: int) -> Measured:
    check_keys(node, path, {head})
    place = f"{path}/{head}"
    entries = list_of(node[head], place)
    parts = [parse_quantity(reader, entry, f"{place}/{i}", depth + 1) for i, entry in enumerate(entries)]
    children, families = tuple(part for part, _f in parts), [family for _p, family in parts]
    clause = clause_of(node, path)
    if head == "times":
        if families.count(MONEY) > 1:
            refuse(place, _("金额不能与金额相乘。"))
        factor = Fraction(1, 100) ** families.count(PERCENT)
        return Times(children, factor, path=path, clause=clause), MONEY if MONEY in families else NUMBER
    if len(set(families)) > 1:
        refuse(place, _("各部分的单位不同类（金额、百分比、数量），不能放在一起。"))
    if head == "minus":
        if len(children) != 2:
            refuse(place, _("minus 要写两项：[被减数, 减数]。"))
        return QMinus(*children, path=path, clause=clause), families[0]
    if head == "sum":
        return QSum(children, path=path, clause=clause), families[0]
    node_class = QMin if head == "min" else QMax
    return node_class(children, path=path, clause=clause), families[0]
