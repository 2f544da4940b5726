"""A CSV file of pairings (docs/pairings.md): checked as a whole, taken in all or not at all.

Read by the machinery of `enterprises.imports`; a thousand rows need no staging table.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Pairing
from appeals.pairings.changing import GONE, begin, close, wait_turn
from enterprises.imports.cells import Cells
from enterprises.imports.columns import USCC, Column, day, yes_or_no
from enterprises.imports.reading import MAX_ERRORS, Rows, inspect
from enterprises.models import Enterprise
from enterprises.uscc import parse_uscc
from enterprises.values import parse_bool, parse_date
from portal.accounts.models import Department, Officer
from portal.kernel.errors import DomainError, ImportRefused, RowError

COLUMNS: Final = (
    USCC,
    Column(
        "officer",
        "结对干部",
        "Name of the official",
        required=True,
        also=("干部", "姓名", "联系干部"),
        max_length=50,
    ),
    Column(
        "department",
        "部门",
        "Code, name or short name of the official's department",
        required=True,
        also=("单位", "工作单位"),
        max_length=100,
    ),
    Column("title", "职务", "Post; kept for an official who is added", max_length=60),
    Column("phone", "联系电话", "Tells officials of one name apart", also=("电话", "手机号"), max_length=30),
    yes_or_no("new", "新增干部", "是: an official who is not in the roster yet is added, without an account"),
    day("since", "结对日期", "First day; that of the import when empty", "自", "开始日期"),
)


DAYS: Final = ("too_early", "overlaps", "future")
"""Refusals that are the day's fault; the others are the official's."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many pairings were new, changed hands, or stood already; how many officials were added."""

    added: int
    changed: int
    unchanged: int
    officers: int


@dataclass(slots=True)
class Line:
    """A row that could be read; `officer` is None for one who is to be added."""

    number: int
    cells: Cells
    enterprise: Enterprise | None
    department: Department | None
    officer: Officer | None
    new: bool
    since: dt.date


def take_in(file: BinaryIO, *, as_of: dt.date | None = None) -> Taken:
    """Take the file in. Raises ImportRefused, each error by row and column, having written nothing."""
    day = as_of or timezone.localdate()
    if day > timezone.localdate():
        raise ImportRefused([], message=_("结对日期不能晚于今天。"))
    rows = Rows(inspect(file), COLUMNS)
    with transaction.atomic():
        wait_turn()
        given = list(rows)
        rows.close()
        reader = Reader(day, given)
        lines = [reader.line(number, cells) for number, cells in given]
        _refuse_repeated(lines)
        errors = [*rows.errors, *(error for line in lines for error in line.cells.errors)]
        if not errors:
            taken, errors = _write(lines)
        if errors:
            raise ImportRefused(sorted(errors, key=lambda error: error.row)[:MAX_ERRORS])
    return taken


class Reader:
    """Rows against what is known: enterprises, departments and officials are read once."""

    def __init__(self, day: dt.date, given: Iterable[tuple[int, Cells]]) -> None:
        self._day, self._today = day, timezone.localdate()
        codes = {code for _number, cells in given if (code := _code(cells.text("uscc")))}
        self._enterprises = Enterprise.objects.in_bulk(codes, field_name="uscc")
        departments = list(Department.objects.order_by("pk"))
        self._departments = {
            text: each for each in departments for text in (each.short_name, each.name, each.code)
        }
        self._officers: dict[tuple[int, str], list[Officer]] = defaultdict(list)
        for officer in Officer.objects.serving(self._today).order_by("pk"):
            self._officers[officer.department_id, officer.name].append(officer)

    def line(self, number: int, cells: Cells) -> Line:
        """What the row says; what is wrong with it stands in its cells."""
        enterprise = cells.read("uscc", self._enterprise)
        department = cells.read("department", self._department)
        new = bool(cells.read("new", parse_bool))
        since = cells.read("since", self._since) or self._day
        name, officer = cells.text("officer"), None
        if department is not None and name:
            officer = self._officer(department, name, cells, new)
        return Line(number, cells, enterprise, department, officer, new, since)

    def _enterprise(self, text: str) -> Enterprise:
        code = parse_uscc(text).text
        found = self._enterprises.get(code)
        if found is None:
            raise DomainError(_("名册中没有 %(uscc)s，请先导入企业名册。") % {"uscc": code})
        if found.status in GONE:
            state = {"name": found.name, "state": found.get_status_display()}
            raise DomainError(_("%(name)s已%(state)s，不能结对。") % state)
        return found

    def _department(self, text: str) -> Department:
        found = self._departments.get(text)
        if found is None:
            raise DomainError(_("没有“%(text)s”这个部门，请填写部门的名称、简称或编码。") % {"text": text})
        return found

    def _since(self, text: str) -> dt.date:
        day = parse_date(text)
        if not dt.date(2000, 1, 1) <= day <= self._today:
            raise DomainError(_("结对日期应在 2000 年之后，不能晚于今天。"))
        return day

    def _officer(self, department: Department, name: str, cells: Cells, new: bool) -> Officer | None:
        named, phone = self._officers[department.pk, name], cells.text("phone")
        found = [each for each in named if each.phone == phone] if phone else named
        if not found and not new and len(named) == 1 and not named[0].phone:
            found = named  # the roster has no telephone number to tell by
        if len(found) == 1:
            return found[0]
        words = {"name": name, "department": department.short_name, "count": len(found)}
        if found:
            cells.refuse(
                "officer", _("%(department)s有 %(count)d 位%(name)s，请填写联系电话以便区分。") % words
            )
        elif not new:
            cells.refuse(
                "officer",
                _("%(department)s没有干部%(name)s；确是新到岗的，请在“新增干部”列填“是”。") % words,
            )
        return None


def _refuse_repeated(lines: list[Line]) -> None:
    """One row an enterprise, one row an official."""
    firms: dict[int, int] = {}
    officers: dict[object, int] = {}
    for line in lines:
        if line.enterprise is not None:
            first = firms.setdefault(line.enterprise.pk, line.number)
            if first != line.number:
                line.cells.refuse("uscc", _("与第 %(first)d 行重复，请只留一行。") % {"first": first})
        if line.department is not None and not line.cells.refused("officer"):
            key = (
                line.officer.pk
                if line.officer
                else (line.department.pk, line.cells.text("officer"), line.cells.text("phone"))
            )
            first = officers.setdefault(key, line.number)
            if first != line.number:
                line.cells.refuse(
                    "officer", _("第 %(first)d 行已有这位干部，一人联系一家。") % {"first": first}
                )


def _write(lines: list[Line]) -> tuple[Taken, list[RowError]]:
    """Pair them. What changes hands is ended first, so that two officials of the file may swap."""
    live = {each.enterprise_id: each for each in Pairing.objects.live().select_related("officer")}
    before = [live.get(line.enterprise.pk) if line.enterprise else None for line in lines]
    moving = [
        (line, old)
        for line, old in zip(lines, before, strict=True)
        if old is None or line.officer is None or old.officer_id != line.officer.pk
    ]
    errors: list[RowError] = []
    for line, old in moving:
        if old is not None:
            errors += _tried(line, partial(close, old, line.since))
    for line, old in moving if not errors else ():
        errors += _tried(line, partial(_begin, line, old))
    added = sum(old is None for _line, old in moving)
    officers = sum(line.officer is None for line, _old in moving)
    return Taken(added, len(moving) - added, len(lines) - len(moving), officers), errors


def _begin(line: Line, old: Pairing | None) -> None:
    if line.enterprise is None or line.department is None:
        raise TypeError("a line with errors is not written")
    officer = line.officer or Officer.objects.create(
        name=line.cells.text("officer"),
        department=line.department,
        title=line.cells.text("title"),
        phone=line.cells.text("phone"),
    )
    begin(line.enterprise, officer, line.since, after=old)


def _tried(line: Line, work: Callable[[], None]) -> list[RowError]:
    try:
        work()
    except DomainError as error:
        key = "since" if error.code in DAYS else "officer"
        line.cells.refuse(key, error.message)
        return line.cells.errors[-1:]
    return []


def _code(text: str) -> str:
    """The canonical code, or nothing for what is none."""
    try:
        return parse_uscc(text).text
    except DomainError:
        return ""
