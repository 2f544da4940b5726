"""Conditions: JSON → tree."""

from __future__ import annotations

from typing import Any as Json

from django.utils.translation import gettext as _

from enterprises.catalogue import FactSpec, Kind, Scope
from matching.parse.operands import parse_period, parse_set, parse_single
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
from matching.tree import (
    All,
    Any,
    AtLeast,
    Compare,
    Condition,
    CredentialTest,
    How,
    Not,
    Op,
    Operand,
    Over,
    Period,
    Review,
)
from portal.kernel.nearness import hint

MAX_DEPTH = 6
MAX_YEARS = 20
CREDENTIALS = "credentials"
HEADS = ("all", "any", "not", "at_least", "fact", "review")

ORDERED = frozenset({Op.EQ, Op.NE, Op.GE, Op.GT, Op.LE, Op.LT, Op.BETWEEN})
CHOICE = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN})
SETS = frozenset({Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE})
CODES = frozenset({Op.WITHIN, Op.NOT_WITHIN})
OPERATORS: dict[Kind, frozenset[Op]] = {
    Kind.MONEY: ORDERED,
    Kind.NUMBER: ORDERED,
    Kind.PERCENT: ORDERED,
    Kind.INTEGER: ORDERED,
    Kind.DATE: ORDERED,
    Kind.BOOL: frozenset({Op.EQ}),
    Kind.CHOICE: CHOICE,
    Kind.CHOICES: SETS,
    Kind.CODE: CODES,
}


def operators_of(spec: FactSpec) -> frozenset[Op]:
    """What may be asked of a fact."""
    ops = OPERATORS[spec.kind] | {Op.KNOWN}
    return ops | ORDERED if spec.kind is Kind.CHOICE and spec.ordered else ops


def parse_condition(reader: Reader, node: Json, path: str, depth: int = 0) -> Condition:
    """A group or a leaf; `depth` counts the groups above it."""
    if not isinstance(node, dict):
        refuse(path, _("条件应是一个对象，如 {“all”: […]}。"))
    heads = [head for head in HEADS if head in node]
    if len(heads) != 1:
        for key in node:
            if key in RESERVED:
                refuse(f"{path}/{key}", str(RESERVED[key]))
        refuse(path, _("条件要有且只有一个：all、any、not、at_least、fact 或 review。"))
    head = heads[0]
    if head == "fact":
        return _leaf(reader, node, path)
    if head == "review":
        return _review(node, path)
    if depth >= MAX_DEPTH:
        refuse(path, _("条件最多嵌套 %(depth)d 层。") % {"depth": MAX_DEPTH})
    return _group(reader, node, path, head, depth)


def _group(reader: Reader, node: Json, path: str, head: str, depth: int) -> Condition:
    check_keys(node, path, {head, "of"} if head == "at_least" else {head})
    clause = clause_of(node, path)
    if head == "not":
        child = parse_condition(reader, node["not"], f"{path}/not", depth + 1)
        return Not(child, path=path, clause=clause)
    key = "of" if head == "at_least" else head
    entries = list_of(need(node, key, path), f"{path}/{key}")
    children = tuple(
        reader.attempt(parse_condition, entry, f"{path}/{key}/{index}", depth + 1)
        for index, entry in enumerate(entries)
    )
    if head == "all":
        return All(children, path=path, clause=clause)
    if head == "any":
        return Any(children, path=path, clause=clause)
    count = whole_number(node["at_least"], f"{path}/at_least")
    if not 1 <= count <= len(children):
        refuse(f"{path}/at_least", _("“至少几项”应在 1 与下列项数之间。"))
    return AtLeast(count, children, path=path, clause=clause)


def _review(node: Json, path: str) -> Review:
    check_keys(node, path, {"review"})
    text = node["review"]
    if not isinstance(text, str) or not text.strip():
        refuse(f"{path}/review", _("请写明需要人工核实什么。"))
    return Review(text.strip(), path=path, clause=clause_of(node, path))


def _leaf(reader: Reader, node: Json, path: str) -> Condition:
    if node["fact"] == CREDENTIALS:
        return _credentials(reader, node, path)
    if "obtained" in node or "first" in node:
        refuse(path, _("obtained 和 first 只用于资质（credentials）。"))
    spec = reader.fact(node["fact"], f"{path}/fact")
    if "over" in node:
        return _over(reader, spec, node, path)
    check_keys(node, path, {"fact", "op", "value", "unit", "period"})
    op = _operator(spec, need(node, "op", path), path)
    period = parse_fact_period(reader, spec, node.get("period"), f"{path}/period")
    value = _operand(reader, spec, op, node, path)
    return Compare(
        spec.key, op, value, period, shown=_shown(reader, spec, node), path=path, clause=clause_of(node, path)
    )


def parse_fact_period(reader: Reader, spec: FactSpec, written: Json, path: str) -> Period | None:
    """The period of a fact. A claim is of one moment, so a period written on its facts changes nothing."""
    if written is None:
        return None
    period = parse_period(reader, written, path)
    if spec.scope is Scope.CLAIM:
        return None
    if not spec.periodic:
        refuse(path, _("“%(fact)s”没有年度之分，请去掉期间。") % {"fact": spec.label})
    return period


def _operator(spec: FactSpec, written: Json, path: str) -> Op:
    allowed = operators_of(spec)
    if not isinstance(written, str) or written not in set(Op) or Op(written) not in allowed:
        usable = "、".join(op for op in Op if op in allowed)
        refuse(
            f"{path}/op",
            _("“%(fact)s”不能用“%(op)s”，可用：%(usable)s。")
            % {"fact": spec.label, "op": written, "usable": usable},
        )
    return Op(written)


def _operand(reader: Reader, spec: FactSpec, op: Op, node: Json, path: str, whole: bool = True) -> Operand:
    place, unit = f"{path}/value", node.get("unit")
    if op is Op.KNOWN:
        if "value" in node or "unit" in node:
            refuse(path, _("known 不需要 value 和 unit。"))
        return None
    written = need(node, "value", path)
    if op in SETS | CODES or op in (Op.IN, Op.NOT_IN):
        if unit is not None:
            refuse(f"{path}/unit", _("“%(fact)s”没有单位。") % {"fact": spec.label})
        return parse_set(reader, spec, written, place)
    if op is Op.BETWEEN:
        return _between(reader, spec, written, unit, place)
    value = parse_single(reader, spec, written, unit, place)
    if whole and spec.kind is Kind.INTEGER and getattr(value, "denominator", 1) != 1:
        refuse(place, _("“%(fact)s”是整数，请写整数。") % {"fact": spec.label})
    return value


def _between(reader: Reader, spec: FactSpec, written: Json, unit: Json, place: str) -> Operand:
    if len(list_of(written, place)) != 2:
        refuse(place, _("between 要写两个值：[下限, 上限]，两端都含。"))
    low, high = (parse_single(reader, spec, part, unit, f"{place}/{i}") for i, part in enumerate(written))
    if spec.kind is Kind.CHOICE:
        wrong = spec.rank(low) > spec.rank(high)
    else:
        wrong = type(low) is type(high) and not isinstance(low, dict) and _greater(low, high)
    if wrong:
        refuse(place, _("下限大于上限。"))
    return (low, high)


def _greater(low: Json, high: Json) -> bool:
    if hasattr(low, "offset"):
        return bool(low.base == high.base and low.offset > high.offset)
    return False if hasattr(low, "key") else bool(low > high)


def _credentials(reader: Reader, node: Json, path: str) -> CredentialTest:
    check_keys(node, path, {"fact", "op", "value", "obtained", "first"})
    op = need(node, "op", path)
    if not isinstance(op, str) or op not in {*SETS, Op.KNOWN}:
        refuse(f"{path}/op", _("资质只能用 has_any、has_all、has_none 或 known。"))
    kinds = reader.each(_kind, list_of(need(node, "value", path), f"{path}/value"), f"{path}/value")
    obtained = node.get("obtained")
    period = None if obtained is None else parse_period(reader, obtained, f"{path}/obtained")
    first = flag(node, "first", path)
    if first and period is None:
        refuse(path, _("first 要与 obtained 同用：哪一年首次取得。"))
    return CredentialTest(
        Op(op), tuple(dict.fromkeys(kinds)), period, first, path=path, clause=clause_of(node, path)
    )


def _kind(reader: Reader, written: Json, path: str) -> str:
    kinds = reader.catalogue.credential_kinds
    if not isinstance(written, str) or written not in kinds:
        labels = {key: kind.label for key, kind in kinds.items()}
        refuse(path, _("没有名为“%(kind)s”的资质。") % {"kind": written} + hint(written, labels))
    return written


def _over(reader: Reader, spec: FactSpec, node: Json, path: str) -> Over:
    hows = [how for how in How if how in node]
    if len(hows) != 1:
        refuse(path, _("over 要配 every、mean 或 sum 其中之一。"))
    how = hows[0]
    check_keys(node, path, {"fact", "over", how})
    if not spec.periodic:
        refuse(f"{path}/fact", _("“%(fact)s”没有年度之分，不能用 over。") % {"fact": spec.label})
    start, end = _range(reader, node["over"], f"{path}/over")
    place = f"{path}/{how}"
    test = check_keys(node[how], place, {"op", "value", "unit"})
    op = _operator(spec, need(test, "op", place), place)
    if how is not How.EVERY and (not spec.numeric or op is Op.KNOWN):
        refuse(place, _("平均或合计只用于数值指标的大小比较。"))
    value = _operand(reader, spec, op, test, place, how is not How.MEAN)
    shown = _shown(reader, spec, test)
    return Over(spec.key, start, end, how, op, value, shown=shown, path=path, clause=clause_of(node, path))


def _range(reader: Reader, written: Json, path: str) -> tuple[Period, Period]:
    if len(list_of(written, path)) != 2:
        refuse(path, _("over 要写两个年份：[起, 止]，两端都含。"))
    start, end = (parse_period(reader, part, f"{path}/{i}") for i, part in enumerate(written))
    if start.base is not end.base:
        refuse(path, _("起止年份要用同一种写法（都用 Y、都用 E，或都写年份）。"))
    if not 0 <= end.offset - start.offset < MAX_YEARS:
        refuse(path, _("起年不能晚于止年，且最多 %(years)d 年。") % {"years": MAX_YEARS})
    return start, end


def _shown(reader: Reader, spec: FactSpec, node: Json) -> str:
    """The operand as written, where that reads better than the normalised one; parts joined by `|`."""
    written, unit = node.get("value"), node.get("unit")
    if written is None:
        return ""
    if spec.kind is Kind.CODE:
        entries = written if isinstance(written, list) else [written]
        return "|".join(
            reader.catalogue.code_lists[entry["list"]].label
            if isinstance(entry, dict)
            else reader.catalogue.code_label(spec.key, reader.catalogue.canonical_code(spec.key, str(entry)))
            for entry in entries
        )
    if not spec.numeric or isinstance(written, dict):
        return ""
    parts = written if isinstance(written, list) else [written]
    if any(isinstance(part, dict) or str(part)[:1] in "YE" for part in parts):
        return ""
    return "|".join(with_unit(text, unit or _own_unit(spec, text)) for text in map(str, parts))


def _own_unit(spec: FactSpec, written: str) -> str:
    """The unit that a bare number of a fact is in; "" where one is written behind it."""
    return spec.unit if written[-1:].isdigit() else ""


def with_unit(number: str, unit: str) -> str:
    """`2000 万元`, `10%`, `3`."""
    return f"{number}{unit}" if unit in ("", "%", "‰") else f"{number} {unit}"
