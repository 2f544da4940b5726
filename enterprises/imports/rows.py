"""One row of a file as the tuple of its staging table: everything that can be told from the row alone."""

import datetime as dt
from functools import lru_cache, partial
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Scope
from enterprises.codes import Hierarchy, canonical
from enterprises.imports.cells import Cells
from enterprises.imports.columns import COLUMNS
from enterprises.models import CredentialKind, Fact, Import, ImportKind, Region
from enterprises.services.catalogue import spec_of
from enterprises.uscc import Code, parse_uscc
from enterprises.values import parse_bool, parse_date, parse_value, parse_year
from portal.kernel.errors import DomainError

Staged = tuple[Any, ...]


class RowParser(Protocol):
    """Turns rows of one kind of file into staging tuples."""

    def __call__(self, line: int, cells: Cells) -> Staged:
        """The staging tuple; where a cell is refused its place is empty and ``cells`` tells why."""


class EnterpriseRows:
    """Rows of the registry, staged as ``staging.DEFINITIONS`` says."""

    def __init__(self, work: Import) -> None:
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

    def __call__(self, line: int, cells: Cells) -> Staged:
        code = cells.read("uscc", _code)
        return (
            line,
            code and code.text,
            code and code.checked,
            cells.text("name"),
            cells.read("region", self._region),
            cells.read("industry", _industry),
            cells.read("established_on", self._past_day),
            self._choice(cells, "entity_type"),
            self._choice(cells, "ownership"),
            cells.text("address") or None,
            cells.text("legal_person") or None,
            self._choice(cells, "status"),
        )

    def _choice(self, cells: Cells, key: str) -> str | None:
        def parse(text: str) -> str:
            value = self._choices[key].get(text)
            if value is None:
                labels = "、".join(text for text in self._choices[key] if not text.isascii())
                raise DomainError(
                    _("“%(text)s”不可选，请填写：%(labels)s。") % {"text": text, "labels": labels}
                )
            return value

        return cells.read(key, parse)

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

    def __call__(self, line: int, cells: Cells) -> Staged:
        code = cells.read("uscc", _code)
        named = cells.read("fact", self._fact)
        as_of = cells.read("as_of", self._day) or self._as_of
        spec, department = named or (None, None)
        period = value = scaled = text = items = None
        if spec is not None:
            period = cells.read("period", partial(_period, spec), empty=True)
            unit = cells.text("unit")
            if not cells.refused("unit"):
                value = cells.read("value", lambda written: parse_value(spec, written, unit=unit))
        if isinstance(value, frozenset):
            items = sorted(value)
        elif isinstance(value, str):
            text = value
        elif spec is not None and value is not None and value is not NOT_APPLICABLE:
            scaled = spec.to_scaled(value)
        none_such = value is NOT_APPLICABLE
        uscc, fact = code and code.text, spec and spec.id
        return (line, uscc, fact, period, scaled, text, items, none_such, as_of, department)

    def _fact(self, text: str) -> tuple[FactSpec, int]:
        found = self._facts.get(text)
        if found is None:
            raise DomainError(_("没有指标“%(text)s”，请对照指标目录。") % {"text": text})
        spec, department = found
        if spec.scope is Scope.CLAIM:
            raise DomainError(_("“%(label)s”在申报时填写，不能导入。") % {"label": spec.label})
        if spec.derived:
            raise DomainError(_("“%(label)s”由系统计算，不能导入。") % {"label": spec.label})
        if self._department is not None and department != self._department.pk:
            raise DomainError(
                _("“%(label)s”由%(keeper)s负责，%(own)s不能导入。")
                % {"label": spec.label, "keeper": spec.department, "own": self._department.short_name},
            )
        if department is None:
            raise DomainError(_("“%(label)s”没有数据部门，请先在指标目录中指定。") % {"label": spec.label})
        return spec, department

    def _day(self, text: str) -> dt.date:
        return _known_day(text, self._today)


class CredentialRows:
    """Rows of credentials, staged as ``staging.DEFINITIONS`` says."""

    def __init__(self, work: Import) -> None:
        kinds = list(CredentialKind.objects.select_related("department"))
        self._kinds = {text: kind for kind in kinds for text in (kind.label, kind.key)}
        self._department = work.department
        self._as_of = work.as_of
        self._today = timezone.localdate()

    def __call__(self, line: int, cells: Cells) -> Staged:
        code = cells.read("uscc", _code)
        kind = cells.read("kind", self._kind)
        first, start, end = (
            cells.read(key, parse_date) for key in ("first_obtained", "valid_from", "valid_to")
        )
        if start and end and end < start:
            cells.refuse("valid_to", _("有效期止不能早于有效期起。"))
        if first and start and first > start:
            cells.refuse("first_obtained", _("首次取得不能晚于有效期起。"))
        return (
            line,
            code and code.text,
            kind and kind.pk,
            cells.text("level"),
            cells.text("certificate"),
            first,
            start,
            end,
            cells.read("revoked", _yes, empty=True),
            cells.read("as_of", self._day) or self._as_of,
            kind and kind.department_id,
        )

    def _kind(self, text: str) -> CredentialKind:
        kind = self._kinds.get(text)
        if kind is None:
            raise DomainError(_("没有资质“%(text)s”，请对照资质目录。") % {"text": text})
        if kind.department is None:
            raise DomainError(_("“%(label)s”没有认定部门，请先在资质目录中指定。") % {"label": kind.label})
        if self._department is not None and kind.department_id != self._department.pk:
            raise DomainError(
                _("“%(label)s”由%(keeper)s负责，%(own)s不能导入。")
                % {
                    "label": kind.label,
                    "keeper": kind.department.short_name,
                    "own": self._department.short_name,
                },
            )
        return kind

    def _day(self, text: str) -> dt.date:
        return _known_day(text, self._today)


def _period(spec: FactSpec, text: str) -> int | None:
    if spec.periodic:
        if not text:
            raise DomainError(_("“%(label)s”按年度，请填写年度。") % {"label": spec.label})
        return _year(text)
    if text:
        raise DomainError(_("“%(label)s”不分年度，请留空。") % {"label": spec.label})
    return None


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
    """Nothing is no."""
    return bool(text) and parse_bool(text)
