"""Files into the database: all or nothing, and nothing at all for what is there already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from policies import checklist, services
from policies.drafting import Content, Source
from policies.enums import DocumentState, VersionState
from policies.exchange.canonical import Data, canonical_document, canonical_item
from policies.exchange.checking import (
    Complaint,
    ExchangeRefused,
    Known,
    check_document,
    check_item,
    check_shape,
)
from policies.exchange.exporting import export_document, export_item
from policies.exchange.reading import lines_of, read_file
from policies.models import ItemVersion, PolicyDocument, PolicyItem
from portal.accounts.models import Department
from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money

if TYPE_CHECKING:
    from portal.accounts.models import User

_WHOLE_TEXTS = ("title", "summary", "gain", "benefit", "mode", "level", "region", "topics", "targets")
_PLAIN_TEXTS = ("where", "handling_note", "exclusivity_group")
_AS_THEY_ARE = ("materials", "steps", "contacts", "handling_workdays", "quota", "adapted_from")


@dataclass
class Outcome:
    """What an import did, by codes of items; documents are only counted."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    documents: int = 0
    lacking: dict[str, list[str]] = field(default_factory=dict)
    """Item code → names of the verdicts its drafts have no example of; none of them can be published."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A document or item with its place: the file's name (when there are several) and the pointer."""

    data: Data
    pointer: str


def import_files(paths: Sequence[Path], *, editor: User, publisher: User | None = None) -> Outcome:
    """Import exchange files as one. Raises ExchangeRefused or DomainError, then nothing was written.

    What changed becomes a draft of the editor's; with a publisher, drafts of the imported items are
    submitted and published as well.
    """
    files = {path.name: read_file(path) for path in paths}
    try:
        return import_data(files, editor=editor, publisher=publisher)
    except ExchangeRefused as refused:
        raise refused.located({path.name: lines_of(path) for path in paths}) from refused


def import_data(files: dict[str, Any], *, editor: User, publisher: User | None = None) -> Outcome:
    """As `import_files`, for data that was read already: name → data."""
    documents, items = _gather(files)
    _check(documents, items)
    outcome = Outcome()
    with transaction.atomic():
        for placed in documents:
            _at(placed, _write_document, placed.data, editor, publisher, outcome)
        for placed in items:
            version = _at(placed, _write_item, placed.data, editor, outcome)
            if publisher is not None and version.state in (VersionState.DRAFT, VersionState.IN_REVIEW):
                _at(placed, _publish, version, editor, publisher)
                outcome.published.append(placed.data["code"])
            elif version.state == VersionState.DRAFT:
                lacking = checklist.lacking_examples(version, checklist.parse(version))
                outcome.lacking |= {placed.data["code"]: lacking} if lacking else {}
    return outcome


def _gather(files: dict[str, Any]) -> tuple[list[_Placed], list[_Placed]]:
    complaints: list[Complaint] = []
    documents: list[_Placed] = []
    items: list[_Placed] = []
    for name, data in files.items():
        prefix = f"{name}#" if len(files) > 1 else ""
        wrong = check_shape(data)
        complaints += [Complaint(one.code, prefix + one.pointer, one.message) for one in wrong]
        if not wrong:
            for key, canonical, found in (
                ("documents", canonical_document, documents),
                ("items", canonical_item, items),
            ):
                for position, given in enumerate(data[key]):
                    pointer = f"{prefix}/{key}/{position}"
                    try:
                        found.append(_Placed(canonical(given), pointer))
                    except DomainError as error:
                        complaints.append(Complaint(given["code"], pointer, error.message))
    if complaints:
        raise ExchangeRefused(complaints)
    return documents, items


def _check(documents: list[_Placed], items: list[_Placed]) -> None:
    complaints = [*_repeated(documents, equal_ones=True), *_repeated(items)]
    known = Known.now(placed.data["code"] for placed in documents)
    for placed in documents:
        complaints += check_document(placed.data, placed.pointer, known)
    for placed in items:
        complaints += check_item(placed.data, placed.pointer, known)
    if complaints:
        raise ExchangeRefused(complaints)


def _repeated(entries: list[_Placed], *, equal_ones: bool = False) -> Iterator[Complaint]:
    """Codes that come twice; with `equal_ones`, a repetition in other files that says the same is none."""
    first: dict[str, _Placed] = {}
    for placed in entries:
        before = first.setdefault(placed.data["code"], placed)
        if before is placed or (equal_ones and before.data == placed.data):
            continue
        message = _("编码与 %(place)s 重复，内容却不同。") if equal_ones else _("编码与 %(place)s 重复。")
        yield Complaint(placed.data["code"], f"{placed.pointer}/code", message % {"place": before.pointer})


def _at(placed: _Placed, step: Any, *arguments: Any) -> Any:
    """Run a step; what it refuses is told with the place in the file."""
    try:
        return step(*arguments)
    except ExchangeRefused:
        raise
    except DomainError as error:
        raise ExchangeRefused([Complaint(placed.data["code"], placed.pointer, error.message)]) from error
    except ValidationError as error:
        raise ExchangeRefused(
            [Complaint(placed.data["code"], placed.pointer, message) for message in error.messages]
        ) from error


def _write_document(data: Data, editor: User, publisher: User | None, outcome: Outcome) -> None:
    document = PolicyDocument.objects.filter(code=data["code"]).first()
    if document is None or export_document(document) != data:
        if document is None:
            document = PolicyDocument(code=data["code"], author=editor)
        _fill_document(document, data)
        if document.state == DocumentState.DRAFT:
            document.edited_by = editor
            document.full_clean()
            document.save()
        elif publisher is not None:
            services.correct_document(document, editor=editor, publisher=publisher)
        else:
            raise DomainError(_("文件已发布，修改须由发布人一起导入（--publish）。"), code="published")
        outcome.documents += 1
    if publisher is not None and document.state == DocumentState.DRAFT:
        services.publish_document(document, by=publisher)


def _fill_document(document: PolicyDocument, data: Data) -> None:
    for name in ("title", "issuer", "level", "region", "year", "body", "topics", "source"):
        setattr(document, name, data[name])
    document.number = data["number"] or ""
    document.link = data["link"] or ""
    for name in ("issued_on", "effective_from", "effective_to"):
        setattr(document, name, _day(data[name]))


def _write_item(data: Data, editor: User, outcome: Outcome) -> ItemVersion:
    item = PolicyItem.objects.select_related("department").filter(code=data["code"]).first()
    if item is None:
        version = services.create_item(
            data["code"],
            Department.objects.get(code=data["department"]),
            _content(data),
            by=editor,
            co_departments=Department.objects.filter(code__in=data["co_departments"]),
        )
        outcome.created.append(data["code"])
        return version
    latest = item.versions.select_related("item__department", "rule_version").first()
    if latest is None:
        raise DomainError(_("事项没有版本，请联系管理员。"), code="no_version")
    if _same(export_item(latest), data, latest):
        outcome.unchanged.append(data["code"])
        return latest
    _refuse_other_department(latest, data)
    outcome.changed.append(data["code"])
    if latest.state in (VersionState.DRAFT, VersionState.IN_REVIEW):
        return services.revise(latest, _content(data), by=editor)
    return services.start_version(item, _content(data, after=latest), by=editor)


def _same(stored: Data, data: Data, version: ItemVersion) -> bool:
    """Whether a file says what is stored. A later version begins when it was imported, not before."""
    if version.number > 1 and data["rule"]["valid_from"] <= (stored["rule"]["valid_from"] or ""):
        data = {**data, "rule": {**data["rule"], "valid_from": stored["rule"]["valid_from"]}}
    return stored == data


def _refuse_other_department(version: ItemVersion, data: Data) -> None:
    stored = export_item(version)
    for key in ("department", "co_departments"):
        if stored[key] != data[key]:
            raise DomainError(_("主管部门和联合部门不能通过导入变更，请在后台变更。"), code="department")


def _content(data: Data, after: ItemVersion | None = None) -> Content:
    rule, window = data["rule"], data["window"]
    text = {
        **{name: data[name] for name in _WHOLE_TEXTS + _AS_THEY_ARE},
        **{name: data[name] or "" for name in _PLAIN_TEXTS},
        "grants": data["grants"]["credential"] if data["grants"] else "",
        "window_from": _day(window["from"]),
        "window_to": _day(window["to"]),
        "window_note": window["note"] or "",
        "budget_fen": parse_money(data["budget"]) if data["budget"] else None,
    }
    documents = PolicyDocument.objects.in_bulk(
        [source["document"] for source in data["sources"]], field_name="code"
    )
    sources = tuple(
        Source(documents[source["document"]], source["clause"] or "", source["basis"], source["note"] or "")
        for source in data["sources"]
    )
    return Content(
        text,
        {
            "valid": _period(rule, after),
            "conditions": rule["conditions"],
            "amount": rule["amount"],
            "reference_year": rule["reference_year"],
            "event_fact": rule["event_fact"] or "",
            "governing_date": rule["governing_date"],
            "examples": data["examples"],
        },
        sources,
    )


def _period(rule: Data, after: ItemVersion | None) -> DateRange:
    """The days a rule is in force; a successor cannot begin before its predecessor has stood for a day."""
    first = dt.date.fromisoformat(rule["valid_from"])
    last = _day(rule["valid_to"])
    stands_since = after.rule_version.begins if after else None
    if stands_since is not None and stands_since >= first:
        first = max(timezone.localdate(), stands_since + dt.timedelta(days=1))
    if last is not None and last < first:
        raise DomainError(
            _("新版本最早从 %(day)s 起有效，但有效期在此之前已结束。") % {"day": first}, code="period_over"
        )
    return DateRange(first, last + dt.timedelta(days=1) if last else None)


def _publish(version: ItemVersion, editor: User, publisher: User) -> None:
    if version.state == VersionState.DRAFT:
        services.submit(version, by=editor)
    services.publish(version, by=publisher)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
