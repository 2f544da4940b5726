"""What a file must obey before anything is written: schema, references, rules, examples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue
from enterprises.services import load_catalogue
from matching.parse import RuleErrors, parse_rule
from matching.plain.context import Figures
from matching.services import load_figures
from policies.checklist import NO_AMOUNT, NO_EVENT, lacks_event
from policies.examples import try_examples
from policies.exchange.canonical import Data
from policies.schema import complaints, load_schema
from portal.kernel.errors import DomainError
from portal.kernel.nearness import hint
from portal.kernel.strictjson import no_such_text, unstorable

_SHOWN = 50
FARTHEST = dt.date(2199, 12, 31)
"""A later day stands for "always", which is written as no day at all."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong in a file: which document or item (its code), where (JSON pointer), what."""

    code: str
    pointer: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.code} {self.pointer}".strip() or "/"
        if self.line:
            place += _("（第 %(line)d 行）") % {"line": self.line}
        return f"{place}：{self.message}"


class ExchangeRefused(DomainError):  # noqa: N818 - reads as what happened, as its base does
    """A file is refused whole: nothing was written. `complaints` names each place."""

    code = "import_refused"

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = list(complaints)
        head = _("文件未导入：有 %(count)d 处错误，请改正后重新导入。") % {"count": len(self.complaints)}
        lines = [head, *(str(complaint) for complaint in self.complaints[:_SHOWN])]
        if len(self.complaints) > _SHOWN:
            lines.append(_("……其余 %(rest)d 处从略。") % {"rest": len(self.complaints) - _SHOWN})
        super().__init__("\n".join(lines))

    def located(self, lines: Mapping[str, Mapping[str, int]]) -> ExchangeRefused:
        """The same with the lines of the files: name → pointer → line; one file goes by no name."""
        return ExchangeRefused(
            replace(complaint, line=_line_of(complaint.pointer, lines)) for complaint in self.complaints
        )


def _line_of(place: str, lines: Mapping[str, Mapping[str, int]]) -> int | None:
    """The line of the place, or of the nearest thing around it that the file has."""
    name, _hash, pointer = place.rpartition("#")
    known = lines.get(name) if name else next(iter(lines.values()), None)
    while known and pointer and pointer not in known:
        pointer = pointer.rpartition("/")[0]
    return known.get(pointer) if known else None


def check_shape(data: Any) -> list[Complaint]:
    """What the published schema refuses, each with the code of the item or document it is in."""
    if (place := unstorable(data)) is not None:
        return [Complaint(_code_at(data, place), place, no_such_text())]
    return [
        Complaint(_code_at(data, pointer), pointer, message)
        for pointer, message in complaints(load_schema(), data)
    ]


@dataclass(frozen=True)
class Known:
    """What a file may refer to: codes in the database, and documents that come with the file."""

    departments: Mapping[str, str]
    """Names by code."""
    documents: frozenset[str]
    catalogue: Catalogue
    figures: Figures

    @classmethod
    def now(cls, documents: Iterable[str]) -> Known:
        """All that is known at this moment, with the documents of the file."""
        from policies.models import PolicyDocument
        from portal.accounts.models import Department

        stored = PolicyDocument.objects.values_list("code", flat=True)
        return cls(
            dict(Department.objects.values_list("code", "name")),
            frozenset(stored) | frozenset(documents),
            load_catalogue(),
            load_figures(),
        )


def check_item(item: Data, pointer: str, known: Known) -> Iterator[Complaint]:
    """What is wrong with an item whose shape is right; `pointer` is its place in the file."""
    points = (*_references(item, known), *_dates(item), *_consistency(item), *_rule(item, known))
    for place, message in points:
        yield Complaint(item["code"], f"{pointer}{place}", message)


def check_document(document: Data, pointer: str, known: Known) -> Iterator[Complaint]:
    """A region or days that do not exist, and an end before the beginning."""
    if message := wrong_region(document["region"], known.catalogue):
        yield Complaint(document["code"], f"{pointer}/region", message)
    for key in ("issued_on", "effective_from", "effective_to"):
        if not _is_day(document[key]):
            yield Complaint(document["code"], f"{pointer}/{key}", _no_such_day(document[key]))
    first, last = document["effective_from"], document["effective_to"]
    if first and last and last < first:
        yield Complaint(document["code"], f"{pointer}/effective_to", _("失效日期不能早于施行日期。"))


def _references(item: Data, known: Known) -> Iterator[tuple[str, str]]:
    departments = [("/department", item["department"])]
    departments += [(f"/co_departments/{n}", code) for n, code in enumerate(item["co_departments"])]
    for place, code in departments:
        if code not in known.departments:
            unknown = _("没有编码为“%(code)s”的部门。") % {"code": code}
            yield place, unknown + hint(code, known.departments)
    if message := wrong_region(item["region"], known.catalogue):
        yield "/region", message
    if item["grants"] and (kind := item["grants"]["credential"]) not in known.catalogue.credential_kinds:
        labels = {key: one.label for key, one in known.catalogue.credential_kinds.items()}
        yield "/grants/credential", _("没有登记资质“%(key)s”。") % {"key": kind} + hint(kind, labels)
    for n, source in enumerate(item["sources"]):
        if source["document"] not in known.documents:
            yield (
                f"/sources/{n}/document",
                _("没有编码为“%(code)s”的文件，请在本文件的 documents 里补上。")
                % {"code": source["document"]},
            )
    for n, material in enumerate(item["materials"]):
        for m, key in enumerate(material["from_facts"]):
            if key not in known.catalogue and key != "credentials":
                labels = {spec.key: spec.label for spec in known.catalogue.values()}
                unknown = _("没有登记指标“%(key)s”。") % {"key": key}
                yield f"/materials/{n}/from_facts/{m}", unknown + hint(key, labels)


def wrong_region(code: str, catalogue: Catalogue) -> str:
    """What is wrong with the region a document or item names; empty when nothing is."""
    if not code or "region" not in catalogue or catalogue.knows_code("region", code):
        return ""
    return _("没有代码为“%(code)s”的行政区划，请核对；全国写空文字。") % {"code": code}


def _consistency(item: Data) -> Iterator[tuple[str, str]]:
    """Parts that only make sense together."""
    rule = item["rule"]
    if item["mode"] in ("offline", "elsewhere") and not item["where"]:
        yield "/where", _("线下或其他平台办理的事项，须写明去哪办、问谁。")
    if lacks_event(rule["governing_date"], rule["event_fact"]):
        yield "/rule/event_fact", str(NO_EVENT)
    if item["benefit"] == "money" and rule["amount"] is None:
        yield "/rule/amount", str(NO_AMOUNT)


def _dates(item: Data) -> Iterator[tuple[str, str]]:
    rule, window = item["rule"], item["window"]
    days = {
        "/window/from": window["from"],
        "/window/to": window["to"],
        "/rule/valid_from": rule["valid_from"],
        "/rule/valid_to": rule["valid_to"],
        **{f"/examples/{n}/as_of": example.get("as_of") for n, example in enumerate(item["examples"])},
    }
    wrong = {place: day for place, day in days.items() if not _is_day(day)}
    for place, day in wrong.items():
        yield place, _no_such_day(day)
    for place, day in days.items():
        if place not in wrong and day and dt.date.fromisoformat(day) > FARTHEST:
            yield place, too_far()
    if not wrong:
        if window["from"] and window["to"] and window["to"] < window["from"]:
            yield "/window/to", _("申报截止日不能早于开始日。")
        if rule["valid_to"] and rule["valid_to"] < rule["valid_from"]:
            yield "/rule/valid_to", _("有效期的最后一天不能早于第一天。")


def _rule(item: Data, known: Known) -> Iterator[tuple[str, str]]:
    rule = item["rule"]
    try:
        tree = parse_rule(
            rule["conditions"],
            rule["amount"],
            catalogue=known.catalogue,
            reference_year=rule["reference_year"],
            event_fact=rule["event_fact"],
        )
    except RuleErrors as error:
        for one in error.errors:
            yield _rule_pointer(one.path), one.message
        return
    days = [rule["valid_from"], *(example.get("as_of") for example in item["examples"])]
    if not all(map(_is_day, days)):
        return
    results = try_examples(
        tree,
        item["examples"],
        catalogue=known.catalogue,
        as_of=dt.date.fromisoformat(rule["valid_from"]),
        figures=known.figures,
        region=settings.COUNTY_CODE,
    )
    for result in results:
        if not result.passed:
            message = _("样例“%(name)s”：%(problem)s") % {"name": result.name, "problem": result.problem}
            yield f"/examples/{result.position}", message


def _rule_pointer(path: str) -> str:
    """The parser's path, from the item: paths of conditions begin at the conditions themselves."""
    if path.split("/")[1:2] in (["amount"], ["reference_year"], ["event_fact"]):
        return f"/rule{path}"
    return f"/rule/conditions{path}"


def _is_day(text: str | None) -> bool:
    try:
        return text is None or bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def too_far() -> str:
    """What to say of a day beyond `FARTHEST`."""
    return _("日期太远，请核对；长期有效的请留空。")


def _no_such_day(text: str | None) -> str:
    return _("“%(text)s”不是存在的日期，请写成 2026-01-31 的样子。") % {"text": text}


def _code_at(data: Any, pointer: str) -> str:
    parts = pointer.split("/")[1:]
    if len(parts) < 2 or parts[0] not in ("items", "documents") or not parts[1].isdigit():
        return ""
    entry = data[parts[0]][int(parts[1])]
    code = entry.get("code") if isinstance(entry, Mapping) else None
    return code if isinstance(code, str) else ""
