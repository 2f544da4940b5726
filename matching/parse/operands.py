"""Values as people write them → exact values in base units."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from enterprises.catalogue import FactSpec, Kind
from matching.parse.reader import Reader, check_keys, list_of, need, refuse
from matching.parse.units import MONEY, MONEY_UNITS, NUMBER, PERCENT, PERCENT_UNITS, family_of, to_base
from matching.tree import Base, FigureRef, Operand, Period, RelativeYear
from portal.kernel.errors import DomainError
from portal.kernel.nearness import hint
from portal.kernel.numbers import half_width, parse_decimal

_RELATIVE = re.compile(r"([YE])(?:([+-])(\d{1,2}))?", re.ASCII)
_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)
_SHORTER = re.compile(r"(?:(?:19|20|21)\d\d|[YE](?:[+-]\d+)?)(?:-\d{1,2}|-?[QM]\d{1,2})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WRITTEN = re.compile(r"(?P<number>[-+]?[\d,.]+)\s*(?P<unit>\D*)", re.ASCII)
_FRACTION = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
_MULTIPLES = {"千": 1_000, "万": 10_000, "亿": 100_000_000}

FAMILY = {Kind.MONEY: MONEY, Kind.PERCENT: PERCENT, Kind.NUMBER: NUMBER, Kind.INTEGER: NUMBER}
FAMILY_NAMES = {MONEY: lazy("金额"), PERCENT: lazy("百分比"), NUMBER: lazy("数量")}


def parse_period(reader: Reader, written: Any, path: str) -> Period:
    """`2025`, `Y-1`, `E+1`."""
    text = str(written) if isinstance(written, str | int) else ""
    if _YEAR.fullmatch(text):
        return Period(Base.ABSOLUTE, int(text))
    relative = parse_relative(reader, text, path)
    if relative is None and _SHORTER.fullmatch(text):
        refuse(path, _("按月或按季度的期间将在后续版本提供，目前请写年份，如 2025 或 Y-1。"))
    if relative is None:
        refuse(path, _("期间应写成 2025、Y、Y-1 或 E+1 这样的年份。"))
    return Period(relative.base, relative.offset)


def parse_relative(reader: Reader, text: Any, path: str) -> RelativeYear | None:
    """`Y-3` or `E+1` as a year, None if the text is something else."""
    matched = _RELATIVE.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        return None
    base = Base(matched[1])
    if base is Base.E and reader.event_fact is None:
        refuse(path, _("这里用到了事件年 E，请先为规则选择事件指标（event_fact）。"))
    return RelativeYear(int(f"{matched[2] or '+'}{matched[3] or 0}"), base)


def parse_number(written: Any, path: str, unit: Any = None) -> tuple[Fraction, str]:
    """An exact number and the unit written behind it or beside it ("" for none)."""
    if isinstance(written, float):
        refuse(path, _("请把数字写成文字，如 “4.5”，以免有误差。"))
    if isinstance(written, bool) or not isinstance(written, str | int | Decimal):
        refuse(path, _("这里应是数字，如 “2000”。"))
    if unit is not None and not isinstance(unit, str):
        refuse(path, _("单位应是文字。"))
    if fraction := plain_fraction(written):
        return fraction, half_width(unit or "")
    matched = _WRITTEN.fullmatch(half_width(str(written)))
    if matched is None:
        refuse(path, _("“%(text)s”不是有效数字。") % {"text": written})
    inner, outer = matched["unit"].strip(), half_width(unit or "")
    if inner and outer and inner != outer:
        refuse(path, _("数字后的单位与 unit 不一致，请只写一处。"))
    try:
        return Fraction(parse_decimal(matched["number"])), inner or outer
    except DomainError as error:
        refuse(path, error.message)


def plain_fraction(written: Any) -> Fraction | None:
    """`1/3`, exactly; None for all else."""
    matched = _FRACTION.fullmatch(half_width(written)) if isinstance(written, str) else None
    return Fraction(int(matched[1]), int(matched[2])) if matched and int(matched[2]) else None


def parse_fen(written: Any, path: str, unit: Any = None) -> Fraction:
    """Money, never negative, as an exact fraction of fen."""
    number, name = parse_number(written, path, unit)
    if name not in MONEY_UNITS:
        refuse(path, _("请写明金额单位：元、万元或亿元。"))
    if number < 0:
        refuse(path, _("金额不能为负。"))
    return to_base(number, name)


def parse_ratio(written: Any, path: str) -> Fraction:
    """`5%`, `5‰`, `1/3` → a plain fraction."""
    if fraction := plain_fraction(written):
        return fraction
    number, unit = parse_number(written, path)
    if unit not in PERCENT_UNITS:
        refuse(path, _("比例请带百分号，如 “5%”，或写成分数 “1/3”。"))
    if number < 0:
        refuse(path, _("比例不能为负。"))
    return to_base(number, unit) / 100


def parse_numeric(spec: FactSpec, written: Any, unit: Any, path: str) -> Fraction:
    """A number in the base unit of a fact; refuses a unit that does not fit."""
    number, name = parse_number(written, path, unit)
    if spec.kind is Kind.MONEY:
        if name not in MONEY_UNITS:
            refuse(path, _("“%(fact)s”是金额，请写明单位元、万元或亿元。") % {"fact": spec.label})
        return to_base(number, name)
    if spec.kind is Kind.PERCENT:
        if name not in PERCENT_UNITS:
            refuse(path, _("“%(fact)s”是百分比，请写明单位 %%。") % {"fact": spec.label})
        return to_base(number, name)
    factor = unit_factor(name, spec.unit)
    if factor is None:
        refuse(
            path,
            _("“%(fact)s”的单位是“%(unit)s”，不能用“%(given)s”。")
            % {"fact": spec.label, "unit": spec.unit or _("无"), "given": name},
        )
    return number * factor


def unit_factor(name: str, unit: str) -> Fraction | None:
    """How many `unit` one `name` is (年 in 月, 万元/亩 in 元/亩, 万度 in 度); None if they do not fit."""
    if name in ("", unit):
        return Fraction(1)
    if (name, unit) == ("年", "月"):
        return Fraction(12)
    head, _slash, per = name.partition("/")
    unit_head, _slash, unit_per = unit.partition("/")
    if per == unit_per and head in MONEY_UNITS and unit_head in MONEY_UNITS:
        return Fraction(MONEY_UNITS[head], MONEY_UNITS[unit_head])
    if unit and name[0] in _MULTIPLES and name[1:] == unit:
        return Fraction(_MULTIPLES[name[0]])
    return None


def parse_date(written: Any, path: str) -> dt.date:
    if not isinstance(written, str) or not _DATE.fullmatch(written):
        refuse(path, _("日期请写成 2024-02-28 这样的完整日期，或相对年份如 Y-3。"))
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        refuse(path, _("“%(text)s”这一天不存在。") % {"text": written})


def parse_figure(reader: Reader, node: Any, path: str, family: str) -> FigureRef:
    """`{"figure": "lpr_1y", "on": …, "times": "50%"}`."""
    node = check_keys(node, path, {"figure", "on", "times", "unit"})
    key = need(node, "figure", path)
    known = reader.catalogue.figures
    if not isinstance(key, str) or key not in known:
        labels = {name: figure.label for name, figure in known.items()}
        refuse(f"{path}/figure", _("没有登记公布数据“%(key)s”。") % {"key": key} + hint(key, labels))
    if family_of(known[key].unit) != family:
        refuse(
            f"{path}/figure",
            _("公布数据“%(figure)s”是%(found)s，这里要的是%(wanted)s，不能相比或代入。")
            % {
                "figure": known[key].label,
                "found": FAMILY_NAMES[family_of(known[key].unit)],
                "wanted": FAMILY_NAMES[family],
            },
        )
    on = node.get("on")
    day: dt.date | Period | None = None
    if on is not None:
        complete = isinstance(on, str) and _DATE.fullmatch(on)
        day = parse_date(on, f"{path}/on") if complete else parse_period(reader, on, f"{path}/on")
    factor = Fraction(1)
    if "times" in node:
        times = node["times"]
        ratio = isinstance(times, str) and ("/" in times or times.rstrip().endswith(("%", "‰", "％")))
        factor = parse_ratio(times, f"{path}/times") if ratio else parse_number(times, f"{path}/times")[0]
    return FigureRef(key, day, factor, family)


def parse_single(reader: Reader, spec: FactSpec, written: Any, unit: Any, path: str) -> Any:
    """One operand for a fact of any kind that is compared with single values."""
    if isinstance(written, dict):
        if spec.kind not in FAMILY:
            refuse(path, _("只有数值指标能与公布数据比较。"))
        return parse_figure(reader, written, path, FAMILY[spec.kind])
    relative = parse_relative(reader, written, path)
    if relative is not None and (spec.kind is Kind.DATE or (spec.kind is Kind.INTEGER and spec.unit == "年")):
        return relative
    if spec.numeric:
        return parse_numeric(spec, written, unit, path)
    if unit is not None:
        refuse(path, _("“%(fact)s”没有单位。") % {"fact": spec.label})
    if spec.kind is Kind.DATE:
        return parse_date(written, path)
    if spec.kind is Kind.BOOL:
        if not isinstance(written, bool):
            refuse(path, _("“%(fact)s”只能是 true 或 false。") % {"fact": spec.label})
        return written
    return parse_choice(spec, written, path)


def parse_choice(spec: FactSpec, written: Any, path: str) -> str:
    if written not in spec.choice_values:
        if not isinstance(written, str):
            refuse(path, _("“%(value)s”请加引号写成文字。") % {"value": written})
        known = "、".join(f"{value}（{label}）" for value, label in spec.choices)
        refuse(
            path,
            _("“%(fact)s”没有“%(value)s”这一项，可选：%(known)s。")
            % {"fact": spec.label, "value": written, "known": known},
        )
    return str(written)


def parse_codes(reader: Reader, spec: FactSpec, written: Any, path: str) -> frozenset[str]:
    """Codes and `{"list": name}` entries, as one set of canonical codes."""

    def entry_codes(reader: Reader, entry: Any, place: str) -> list[str]:
        if isinstance(entry, dict):
            return _listed(reader, spec, entry, place)
        return [_code(reader, spec, entry, place)]

    if isinstance(written, dict):
        return frozenset(entry_codes(reader, written, path))
    found = reader.each(entry_codes, list_of(written, path), path)
    return frozenset(code for codes in found for code in codes)


def _listed(reader: Reader, spec: FactSpec, entry: Any, path: str) -> list[str]:
    name = need(check_keys(entry, path, {"list"}), "list", path)
    lists = reader.catalogue.code_lists
    if not isinstance(name, str) or name not in lists:
        labels = {key: one.label for key, one in lists.items()}
        refuse(path, _("没有名为“%(name)s”的代码表。") % {"name": name} + hint(name, labels))
    return [_code(reader, spec, code, path) for code in reader.catalogue.code_list(name)]


def _code(reader: Reader, spec: FactSpec, entry: Any, path: str) -> str:
    if not isinstance(entry, str):
        refuse(path, _("代码请加引号写成文字，如 “500231”，以免丢掉开头的 0。"))
    try:
        code = reader.catalogue.canonical_code(spec.key, entry)
    except ValueError:
        refuse(path, _("“%(code)s”不是“%(fact)s”的有效代码。") % {"code": entry, "fact": spec.label})
    if not reader.catalogue.knows_code(spec.key, code):
        refuse(
            path,
            _("“%(fact)s”的代码表里没有“%(code)s”，请核对代码。") % {"code": entry, "fact": spec.label},
        )
    return code


def parse_set(reader: Reader, spec: FactSpec, written: Any, path: str) -> Operand:
    """The operand of an operator on sets."""
    if spec.kind is Kind.CODE:
        return parse_codes(reader, spec, written, path)
    entries = list_of(written, path)
    return frozenset(reader.each(lambda _reader, one, place: parse_choice(spec, one, place), entries, path))
