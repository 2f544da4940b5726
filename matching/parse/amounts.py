"""Amounts: JSON → tree."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from enterprises.catalogue import FactSpec, Kind
from matching import tree as t
from matching.parse.conditions import parse_condition, parse_fact_period
from matching.parse.operands import FAMILY, parse_fen, parse_number, parse_ratio
from matching.parse.quantities import Measured, parse_quantity
from matching.parse.reader import (
    RESERVED,
    Reader,
    check_keys,
    clause_of,
    flag,
    list_of,
    need,
    refuse,
    whole_number,
)
from matching.parse.units import MONEY, MONEY_UNITS, family_of, to_base

MAX_DEPTH = 12
MARKS = ("upto", "name")


def parse_amount(reader: Reader, node: Any, path: str, depth: int = 0) -> t.Amount:
    """Any amount node."""
    if not isinstance(node, dict):
        refuse(path, _("金额应是一个对象，如 {“fixed”: “10”, “unit”: “万元”}。"))
    head = _head(node, path)
    if depth >= MAX_DEPTH:
        refuse(path, _("金额最多嵌套 %(depth)d 层。") % {"depth": MAX_DEPTH})
    name = node.get("name", "")
    if not isinstance(name, str):
        refuse(f"{path}/name", _("名称应是文字。"))
    marks = {"path": path, "clause": clause_of(node, path), "name": name, "upto": flag(node, "upto", path)}
    return PARSERS[head](reader, node, path, depth + 1, marks)


def _head(node: dict[str, Any], path: str) -> str:
    for key in node:
        if key in RESERVED:
            refuse(f"{path}/{key}", str(RESERVED[key]))
    heads = [head for head in PARSERS if head in node]
    if "increase" in heads:
        heads = ["increase"]
    if len(heads) != 1:
        refuse(path, _("金额要有且只有一种：%(heads)s。") % {"heads": "、".join(PARSERS)})
    return heads[0]


def _keys(node: Any, path: str, *allowed: str) -> None:
    check_keys(node, path, {*allowed, *MARKS})


def _fixed(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "fixed", "unit")
    return t.Fixed(parse_fen(node["fixed"], f"{path}/fixed", node.get("unit")), **marks)


def _range(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "range", "unit")
    place = f"{path}/range"
    if len(list_of(node["range"], place)) != 2:
        refuse(place, _("range 要写两个金额：[最低, 最高]。"))
    low, high = (parse_fen(part, f"{place}/{i}", node.get("unit")) for i, part in enumerate(node["range"]))
    if low > high:
        refuse(place, _("最低金额大于最高金额。"))
    return t.Range(low, high, **marks)


def _text(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "text")
    text = node["text"]
    if not isinstance(text, str) or not text.strip():
        refuse(f"{path}/text", _("请写明给予什么。"))
    return t.Text(text.strip(), **marks)


def _rate(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "rate", "of")
    quantity, family = parse_quantity(reader, need(node, "of", path), f"{path}/of")
    if family != MONEY:
        refuse(f"{path}/of", _("rate 的基数应是金额；按人数、件数计算请用 per。"))
    return t.Rate(parse_ratio(node["rate"], f"{path}/rate"), quantity, **marks)


def _per(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "per", "unit", "of")
    quantity, family = parse_quantity(reader, need(node, "of", path), f"{path}/of")
    if family == MONEY:
        refuse(f"{path}/of", _("per 的基数应是人数、件数等数量；按金额的比例请用 rate。"))
    return t.Per(parse_fen(node["per"], f"{path}/per", node.get("unit")), quantity, **marks)


def _bands(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "bands", "unit", "of", "whole")
    measured = parse_quantity(reader, need(node, "of", path), f"{path}/of")
    place = f"{path}/bands"
    entries = list_of(node["bands"], place)
    bands = tuple(_band(entry, f"{place}/{i}", measured, node.get("unit")) for i, entry in enumerate(entries))
    ends = [band.up_to for band in bands]
    if None in ends[:-1]:
        refuse(place, _("只有最后一档可以不写 up_to。"))
    bounded = [end for end in ends if end is not None]
    if any(a >= b for a, b in zip(bounded, bounded[1:], strict=False)) or (bounded and bounded[0] <= 0):
        refuse(place, _("各档的 up_to 应从小到大。"))
    return t.Bands(bands, measured[0], flag(node, "whole", path), **marks)


def _band(entry: Any, path: str, measured: Measured, unit: Any) -> t.Band:
    check_keys(entry, path, {"up_to", "rate", "per", "unit"})
    money = measured[1] == MONEY
    if ("rate" in entry) is not money or ("per" in entry) is money:
        refuse(path, _("基数是金额时每档写 rate，是人数、件数时每档写 per。"))
    rate = (
        parse_ratio(entry["rate"], f"{path}/rate")
        if money
        else parse_fen(entry["per"], f"{path}/per", entry.get("unit"))
    )
    if "up_to" not in entry:
        return t.Band(None, rate)
    number, name = parse_number(entry["up_to"], f"{path}/up_to", unit)
    if family_of(name) != measured[1]:
        refuse(f"{path}/up_to", _("up_to 的单位与基数不符，请写明 unit。"))
    return t.Band(to_base(number, name), rate)


def _first(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "first")
    place = f"{path}/first"
    entries = list_of(node["first"], place)
    branches = []
    for index, entry in enumerate(entries):
        here = f"{place}/{index}"
        last = isinstance(entry, dict) and "else" in entry
        if last and index < len(entries) - 1:
            refuse(here, _("else 只能放在最后。"))
        branches.append(reader.attempt(_branch, entry, here, depth))
    return t.First(tuple(branches), **marks)


def _branch(reader: Reader, entry: Any, path: str, depth: int) -> t.Branch:
    if isinstance(entry, dict) and "else" in entry:
        check_keys(entry, path, {"else"})
        then = parse_amount(reader, entry["else"], f"{path}/else", depth)
        return t.Branch(None, then, path=path, clause=clause_of(entry, path))
    check_keys(entry, path, {"when", "then"})
    when = parse_condition(reader, need(entry, "when", path), f"{path}/when")
    then = parse_amount(reader, need(entry, "then", path), f"{path}/then", depth)
    return t.Branch(when, then, path=path, clause=clause_of(entry, path))


def _when(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "when", "then")
    when = parse_condition(reader, node["when"], f"{path}/when")
    return t.When(when, parse_amount(reader, need(node, "then", path), f"{path}/then", depth), **marks)


def _many(head: str, node_class: Callable[..., t.Amount]) -> Callable[..., t.Amount]:
    def parse(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
        _keys(node, path, head)
        place = f"{path}/{head}"
        children = tuple(
            reader.attempt(parse_amount, entry, f"{place}/{index}", depth)
            for index, entry in enumerate(list_of(node[head], place))
        )
        return node_class(children, **marks)

    return parse


def _limit(head: str, node_class: Callable[..., t.Amount]) -> Callable[..., t.Amount]:
    def parse(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
        _keys(node, path, head, "of")
        place = f"{path}/{head}"
        limit = check_keys(node[head], place, {"value", "unit"})
        fen = parse_fen(need(limit, "value", place), f"{place}/value", limit.get("unit"))
        return node_class(fen, parse_amount(reader, need(node, "of", path), f"{path}/of", depth), **marks)

    return parse


def _scale(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "scale", "of")
    factor = parse_ratio(node["scale"], f"{path}/scale")
    return t.Scale(factor, parse_amount(reader, need(node, "of", path), f"{path}/of", depth), **marks)


def _round(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "round", "of")
    place = f"{path}/round"
    options = check_keys(node["round"], place, {"to", "mode"})
    to = need(options, "to", place)
    if isinstance(to, dict):
        check_keys(to, f"{place}/to", {"value", "unit"})
        step = parse_fen(need(to, "value", place), f"{place}/to/value", to.get("unit"))
    elif isinstance(to, str) and to in {**MONEY_UNITS, "角": 10, "百元": 10_000}:
        step = Fraction({**MONEY_UNITS, "角": 10, "百元": 10_000}[to])
    else:
        refuse(f"{place}/to", _("请写取整到的单位，如 元、百元、万元，或 {“value”: “5”, “unit”: “万元”}。"))
    mode = options.get("mode", t.Rounding.HALF_UP.value)
    if step <= 0 or mode not in set(t.Rounding):
        refuse(place, _("取整单位应大于 0，方式应是 half_up、down 或 up。"))
    of = parse_amount(reader, need(node, "of", path), f"{path}/of", depth)
    return t.Round(step, t.Rounding(mode), of, **marks)


def _minus(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "minus")
    place = f"{path}/minus"
    if len(list_of(node["minus"], place)) != 2:
        refuse(place, _("minus 要写两项：[被减数, 减数]。"))
    left, right = (parse_amount(reader, part, f"{place}/{i}", depth) for i, part in enumerate(node["minus"]))
    return t.Minus(left, right, **marks)


def _increase(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "increase", "from", "to", "rate", "per", "unit")
    place = f"{path}/increase"
    spec = reader.fact(need(check_keys(node["increase"], place, {"fact"}), "fact", place), f"{place}/fact")
    if spec.kind not in FAMILY or not spec.periodic:
        refuse(f"{place}/fact", _("increase 要用按年度的数值指标。"))
    start, end = (
        parse_fact_period(reader, spec, need(node, key, path), f"{path}/{key}") for key in ("from", "to")
    )
    money = spec.kind is Kind.MONEY
    if ("rate" in node) is not money or ("per" in node) is money:
        refuse(path, _("金额的增量写 rate，数量的增量写 per 和 unit。"))
    rate = (
        parse_ratio(node["rate"], f"{path}/rate")
        if money
        else parse_fen(node["per"], f"{path}/per", node.get("unit"))
    )
    return t.Increase(spec.key, start, end, rate, **marks)  # type: ignore[arg-type]


def _installments(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "installments", "event")
    event = reader.event_fact
    if "event" in node:
        place = f"{path}/event"
        event = need(check_keys(node["event"], place, {"fact"}), "fact", place)
    if event is None:
        refuse(path, _("分年兑现要写明事件：“event”: {“fact”: …}，或为规则选择事件指标。"))
    spec = check_event(reader, event, f"{path}/event/fact")
    place = f"{path}/installments"
    entries = tuple(
        reader.attempt(_installment, entry, f"{place}/{i}", depth)
        for i, entry in enumerate(list_of(node["installments"], place))
    )
    years = [entry.year for entry in entries if entry is not None]
    if len(set(years)) < len(years):
        refuse(place, _("同一年只能有一笔。"))
    return t.Installments(entries, spec.key, **marks)


def _installment(reader: Reader, entry: Any, path: str, depth: int) -> t.Installment:
    check_keys(entry, path, {"year", "when", "then"})
    year = whole_number(need(entry, "year", path), f"{path}/year")
    if not -20 <= year <= 50:
        refuse(f"{path}/year", _("year 是事件之后的第几年，如 0、1、2。"))
    when = parse_condition(reader, entry["when"], f"{path}/when") if "when" in entry else None
    then = parse_amount(reader, need(entry, "then", path), f"{path}/then", depth)
    return t.Installment(year, when, then, path=path, clause=clause_of(entry, path))


def check_event(reader: Reader, key: Any, path: str) -> FactSpec:
    """An event fact is a date, or an integer that is a year; one value, not one a year."""
    spec = reader.fact(key, path)
    is_year = spec.kind is Kind.INTEGER and spec.unit == "年"
    if spec.periodic or not (spec.kind is Kind.DATE or is_year):
        refuse(path, _("事件指标应是一个日期或年份，“%(fact)s”不是。") % {"fact": spec.label})
    return spec


def _received(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "received")
    if node["received"] not in ("item", "group"):
        refuse(f"{path}/received", _("received 只能是 item（本事项）或 group（互斥组）。"))
    return t.Received(node["received"], **marks)


def _share(reader: Reader, node: Any, path: str, depth: int, marks: Any) -> t.Amount:
    _keys(node, path, "share", "of")
    place = f"{path}/share"
    if not isinstance(node["share"], dict) or not node["share"]:
        refuse(place, _("share 写成 {“市”: “60%”, “县”: “40%”}。"))
    parts = tuple((payer, parse_ratio(part, f"{place}/{payer}")) for payer, part in node["share"].items())
    if sum(fraction for _payer, fraction in parts) != 1:
        refuse(place, _("各方比例合计应为 100%。"))
    return t.Share(parts, parse_amount(reader, need(node, "of", path), f"{path}/of", depth), **marks)


PARSERS: dict[str, Callable[..., t.Amount]] = {
    "fixed": _fixed,
    "range": _range,
    "text": _text,
    "rate": _rate,
    "per": _per,
    "bands": _bands,
    "first": _first,
    "best": _many("best", t.Best),
    "sum": _many("sum", t.Sum),
    "min": _many("min", t.Min),
    "max": _many("max", t.Max),
    "minus": _minus,
    "cap": _limit("cap", t.Cap),
    "floor": _limit("floor", t.Floor),
    "scale": _scale,
    "round": _round,
    "when": _when,
    "increase": _increase,
    "installments": _installments,
    "received": _received,
    "share": _share,
}
