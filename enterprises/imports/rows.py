"""One row of a file as the tuple of its staging table: everything that can be told from the row alone."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Scope
from enterprises.codes import Hierarchy, canonical
from enterprises.imports.columns import COLUMNS
from enterprises.models import CredentialKind, Fact, Import, ImportKind, Region
from enterprises.services.catalogue import spec_of
from enterprises.uscc import Code, parse_uscc
from enterprises.values import NO, YES, parse_date, parse_value, parse_year
from portal.kernel.errors import DomainError

Row = dict[str, str]
Staged = tuple[Any, ...]


class RowParser(Protocol):
    """Turns rows of one kind of file into staging tuples."""

    def __call__(self, line: int, row: Row) -> Staged:
        """The staging tuple. Raises CellError naming the column."""


class CellError(Exception):
    """A cell's text is refused; ``column`` is its label."""

    def __init__(self, column: str, message: str) -> None:
        self.column, self.message = column, message
        super().__init__(message)


class EnterpriseRows:
    """Rows of the registry, staged as ``staging.DEFINITIONS`` says."""

    def __init__(self, work: Import) -> None:
        self._labels = {column.key: column.label for column in COLUMNS[ImportKind.ENTERPRISES]}
        choices = {column.key: column.choices for column in COLUMNS[ImportKind.ENTERPRISES]}
        self._choices = {
            key: {text: value for value, label in pairs for text in (value, label)}
            for key, pairs in choices.items()
            if pairs
        }
        county = Region.objects.filter(code__startswith=settings.COUNTY_CODE)
        self._regions = {
            text: code for code, name in county.values_list("code", "name") for text in (code, name)
        }
        self._today = timezone.localdate()

    def __call__(self, line: int, row: Row) -> Staged:
        code = self._cell(row, "uscc", _code)
        return (
            line,
            code.text,
            code.checked,
            row["name"],
            self._cell(row, "region", self._region),
            self._cell(row, "industry", _industry),
            self._cell(row, "established_on", self._past_day),
            self._choice(row, "entity_type"),
            self._choice(row, "ownership"),
            row.get("address") or None,
            row.get("legal_person") or None,
            self._choice(row, "status"),
        )

    def _cell(self, row: Row, key: str, parse: Callable[[str], Any]) -> Any:
        text = row.get(key, "")
        if not text:
            return None
        try:
            return parse(text)
        except DomainError as error:
            raise CellError(self._labels[key], error.message) from None

    def _choice(self, row: Row, key: str) -> str | None:
        text = row.get(key, "")
        if not text:
            return None
        value = self._choices[key].get(text)
        if value is None:
            labels = "、".join(text for text in self._choices[key] if not text.isascii())
            raise CellError(
                self._labels[key],
                _("“%(text)s”不可选，请填写：%(labels)s。") % {"text": text, "labels": labels},
            )
        return value

    def _region(self, text: str) -> str:
        code = self._regions.get(text)
        if code is None:
            try:
                code = canonical(Hierarchy.REGION, text)
            except ValueError:
                raise DomainError(
                    _("没有“%(text)s”这个乡镇街道，请填写区划代码。") % {"text": text}
                ) from None
        if not code.startswith(settings.COUNTY_CODE):
            raise DomainError(
                _("%(code)s 不在本县（%(county)s %(own)s）范围内，请删去外地企业。")
                % {"code": code, "county": settings.COUNTY_NAME, "own": settings.COUNTY_CODE}
            )
        if code not in self._regions:
            raise DomainError(_("没有区划代码 %(code)s，请核对。") % {"code": code})
        return code

    def _past_day(self, text: str) -> dt.date:
        day = parse_date(text)
        if not dt.date(1900, 1, 1) <= day <= self._today:
            raise DomainError(_("成立日期应在 1900 年之后、今天之前。"))
        return day


class FactRows:
    """Rows of facts, staged as ``staging.DEFINITIONS`` says."""

    def __init__(self, work: Import) -> None:
        facts = list(Fact.objects.select_related("department"))
        named = [(text, fact) for fact in facts for text in (fact.label, fact.key)]
        self._facts = {text: (spec_of(fact), fact.department_id) for text, fact in named}
        self._department = work.department
        self._as_of = work.as_of
        self._today = timezone.localdate()

    def __call__(self, line: int, row: Row) -> Staged:
        uscc = _within("统一社会信用代码", _code, row["uscc"]).text
        spec, department = self._fact(row["fact"])
        period = self._period(spec, row.get("period", ""))
        value = _within("值", lambda text: parse_value(spec, text, unit=row.get("unit", "")), row["value"])
        as_of = _within("截至日期", self._day, row.get("as_of", "")) or self._as_of
        scaled = text = items = None
        if isinstance(value, frozenset):
            items = sorted(value)
        elif isinstance(value, str):
            text = value
        elif value is not NOT_APPLICABLE:
            scaled = spec.to_scaled(value)
        return (line, uscc, spec.id, period, scaled, text, items, value is NOT_APPLICABLE, as_of, department)

    def _fact(self, text: str) -> tuple[FactSpec, int]:
        found = self._facts.get(text)
        if found is None:
            raise CellError("指标", _("没有指标“%(text)s”，请对照指标目录。") % {"text": text})
        spec, department = found
        if spec.scope is Scope.CLAIM:
            raise CellError("指标", _("“%(label)s”在申报时填写，不能导入。") % {"label": spec.label})
        if spec.derived:
            raise CellError("指标", _("“%(label)s”由系统计算，不能导入。") % {"label": spec.label})
        if self._department is not None and department != self._department.pk:
            raise CellError(
                "指标",
                _("“%(label)s”由%(keeper)s负责，%(own)s不能导入。")
                % {"label": spec.label, "keeper": spec.department, "own": self._department.short_name},
            )
        if department is None:
            raise CellError(
                "指标", _("“%(label)s”没有数据部门，请先在指标目录中指定。") % {"label": spec.label}
            )
        return spec, department

    def _period(self, spec: FactSpec, text: str) -> int | None:
        if spec.periodic:
            if not text:
                raise CellError("年度", _("“%(label)s”按年度，请填写年度。") % {"label": spec.label})
            return _within("年度", _year, text)
        if text:
            raise CellError("年度", _("“%(label)s”不分年度，请留空。") % {"label": spec.label})
        return None

    def _day(self, text: str) -> dt.date | None:
        return _known_day(text, self._today) if text else None


class CredentialRows:
    """Rows of credentials, staged as ``staging.DEFINITIONS`` says."""

    def __init__(self, work: Import) -> None:
        kinds = list(CredentialKind.objects.select_related("department"))
        self._kinds = {text: kind for kind in kinds for text in (kind.label, kind.key)}
        self._department = work.department
        self._as_of = work.as_of
        self._today = timezone.localdate()

    def __call__(self, line: int, row: Row) -> Staged:
        kind = self._kind(row["kind"])
        first, start, end = (
            _within(label, parse_date, row[key]) if row.get(key) else None
            for key, label in (
                ("first_obtained", "首次取得"),
                ("valid_from", "有效期起"),
                ("valid_to", "有效期止"),
            )
        )
        if start and end and end < start:
            raise CellError("有效期止", _("有效期止不能早于有效期起。"))
        if first and start and first > start:
            raise CellError("首次取得", _("首次取得不能晚于有效期起。"))
        as_of = _within("截至日期", self._day, row.get("as_of", "")) or self._as_of
        return (
            line,
            _within("统一社会信用代码", _code, row["uscc"]).text,
            kind.pk,
            row.get("level", ""),
            row.get("certificate", ""),
            first,
            start,
            end,
            _within("已撤销", _yes, row.get("revoked", "")),
            as_of,
            kind.department_id,
        )

    def _kind(self, text: str) -> CredentialKind:
        kind = self._kinds.get(text)
        if kind is None:
            raise CellError("资质", _("没有资质“%(text)s”，请对照资质目录。") % {"text": text})
        if kind.department is None:
            raise CellError(
                "资质", _("“%(label)s”没有认定部门，请先在资质目录中指定。") % {"label": kind.label}
            )
        if self._department is not None and kind.department_id != self._department.pk:
            raise CellError(
                "资质",
                _("“%(label)s”由%(keeper)s负责，%(own)s不能导入。")
                % {
                    "label": kind.label,
                    "keeper": kind.department.short_name,
                    "own": self._department.short_name,
                },
            )
        return kind

    def _day(self, text: str) -> dt.date | None:
        return _known_day(text, self._today) if text else None


def _within(label: str, parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except DomainError as error:
        raise CellError(label, error.message) from None


@lru_cache(maxsize=4096)
def _code(text: str) -> Code:
    return parse_uscc(text)


@lru_cache(maxsize=512)
def _year(text: str) -> int:
    return parse_year(text)


def _industry(text: str) -> str:
    try:
        return canonical(Hierarchy.INDUSTRY, text)
    except ValueError:
        raise DomainError(
            _("“%(text)s”不是国民经济行业代码，请填写如 C 或 3670。") % {"text": text}
        ) from None


def _known_day(text: str, today: dt.date) -> dt.date:
    day = parse_date(text)
    if not dt.date(1949, 1, 1) <= day <= today:
        raise DomainError(_("截至日期不能晚于今天，也不能早于 1949 年。"))
    return day


def _yes(text: str) -> bool:
    word = text.lower()
    if word and word not in YES | NO:
        raise DomainError(_("请填写“是”或“否”。"))
    return word in YES
