"""Writing versions: new items, new drafts, changes to a draft, copies of an item."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.services import load_catalogue
from matching.models import Rule, RuleVersion
from policies.access import require
from policies.enums import VersionState
from policies.example_shift import shifted
from policies.models import ItemVersion, PolicyDocument, PolicyItem, VersionSource
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User

RULE_FIELDS = ("conditions", "amount", "reference_year", "event_fact", "governing_date", "examples")
"""What a draft of a rule is made of, beside its valid period."""
TEXT_FIELDS = (
    "title",
    "summary",
    "gain",
    "benefit",
    "mode",
    "where",
    "level",
    "region",
    "topics",
    "targets",
    "window_from",
    "window_to",
    "window_note",
    "materials",
    "steps",
    "handling_workdays",
    "handling_note",
    "contacts",
    "budget_fen",
    "quota",
    "exclusivity_group",
    "grants",
    "adapted_from",
)
"""What a version itself says."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a version comes from; `basis` as in `policies.enums.Basis`."""

    document: PolicyDocument
    clause: str = ""
    basis: str = "stated"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a version says: its own fields, its rule's fields (`valid` among them), its sources.

    Sources None leaves those that a draft has as they are.
    """

    text: Mapping[str, Any]
    rule: Mapping[str, Any]
    sources: tuple[Source, ...] | None = field(default=())


def create_item(
    code: str,
    department: Department,
    content: Content,
    *,
    by: User,
    co_departments: Iterable[Department] = (),
) -> ItemVersion:
    """A new item with its first draft. Raises DomainError when the code is taken."""
    with transaction.atomic():
        if PolicyItem.objects.filter(code=code).exists():
            raise DomainError(_("编码 %(code)s 已被使用，请换一个。") % {"code": code}, code="code_taken")
        rule = Rule.objects.create(key=code, label=content.text["title"])
        item = PolicyItem(code=code, department=department, rule=rule, created_by=by)
        item.full_clean(exclude=["rule"])
        item.save()
        item.co_departments.set(co_departments)
        return start_version(item, content, by=by)


def start_version(item: PolicyItem, content: Content, *, by: User) -> ItemVersion:
    """A new draft of an item. Raises DomainError while another version is in preparation."""
    with transaction.atomic():
        PolicyItem.objects.select_for_update().get(pk=item.pk)
        if item.versions.filter(state__in=(VersionState.DRAFT, VersionState.IN_REVIEW)).exists():
            raise DomainError(
                _("事项 %(code)s 已有一个正在编写的版本，请先完成或修改它。") % {"code": item.code},
                code="in_preparation",
            )
        number = (item.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        rule_version = RuleVersion(rule_id=item.rule_id, number=number, author=by, **content.rule)
        rule_version.save()
        version = ItemVersion(
            item=item, number=number, rule_version=rule_version, edited_by=by, **content.text
        )
        version.full_clean()
        version.save()
        _write_sources(version, content.sources or ())
        name_rule(version)
        return version


def revise(version: ItemVersion, content: Content, *, by: User) -> ItemVersion:
    """Change a draft. Whoever does so is recorded as an editor. Raises DomainError when it is no draft."""
    with transaction.atomic():
        locked = ItemVersion.objects.select_for_update().get(pk=version.pk)
        if locked.state != VersionState.DRAFT:
            raise DomainError(
                _("“%(title)s”已提交，请先退回再修改。") % {"title": locked.title}, code="not_a_draft"
            )
        for name, value in content.text.items():
            setattr(locked, name, value)
        locked.edited_by = by
        locked.full_clean()
        locked.save()
        rule = locked.rule_version
        for name, value in content.rule.items():
            setattr(rule, name, value)
        rule.author = by
        rule.save()
        if content.sources is not None:
            locked.sources.all().delete()
            _write_sources(locked, content.sources)
        name_rule(locked)
    version.refresh_from_db()
    return version


def name_rule(version: ItemVersion) -> None:
    """Call the item's rule by a version's title; a draft's only until the item is published."""
    published = version.item.versions.exclude(published_at=None)
    if version.published_at is not None or not published.exists():
        Rule.objects.filter(pk=version.item.rule_id).update(label=version.title)


def copy_item(item: PolicyItem, code: str, *, by: User) -> ItemVersion:
    """An item as a new one's first draft, see `copied_content`."""
    require(by, Role.EDITOR, item.department)
    latest = item.versions.select_related("rule_version").first()
    if latest is None:
        raise DomainError(
            _("事项 %(code)s 还没有版本，无可复制。") % {"code": item.code}, code="nothing_to_copy"
        )
    with transaction.atomic():
        copied = create_item(
            code,
            item.department,
            copied_content(latest, timezone.localdate()),
            by=by,
            co_departments=item.co_departments.all(),
        )
        PolicyItem.objects.filter(pk=copied.item_id).update(copied_from=item)
    copied.item.refresh_from_db()
    return copied


def content_of(version: ItemVersion) -> Content:
    """What a version says, to be written into another."""
    rule = version.rule_version
    return Content(
        text={name: getattr(version, name) for name in TEXT_FIELDS},
        rule={"valid": rule.valid, **{name: getattr(rule, name) for name in RULE_FIELDS}},
        sources=tuple(
            Source(source.document, source.clause, source.basis, source.note)
            for source in version.sources.select_related("document")
        ),
    )


def next_content(version: ItemVersion, today: dt.date) -> Content:
    """What a version says, for its successor: in force from today, or once the version stood for a day.

    Where the rule's Y is the year of the day judged, it moves with the first day, and the examples with it.
    """
    content = content_of(version)
    valid = content.rule["valid"]
    if not valid or valid.lower is None:
        return content
    first = max(today, valid.lower + dt.timedelta(days=1))
    last = valid.upper if valid.upper is not None and valid.upper > first else None
    years = 0 if content.rule["reference_year"] else first.year - valid.lower.year
    rule = {
        **content.rule,
        "valid": DateRange(first, last),
        "examples": _moved_examples(content.rule["examples"], valid.lower, years),
    }
    return Content(content.text, rule, content.sources)


def copied_content(version: ItemVersion, today: dt.date) -> Content:
    """What a version says, for an item that goes on: in force from today.

    What is over (the window, the last day) moves on by whole years until it is not, and the reference year
    with it.
    """
    content = content_of(version)
    valid, year = content.rule["valid"], content.rule["reference_year"]
    last = valid.upper - dt.timedelta(days=1) if valid and valid.upper else None
    began = valid.lower if valid and valid.lower else today
    ends = [day for day in (version.window_to, last) if day is not None]
    years = next(years for years in itertools.count() if all(_later(day, years) >= today for day in ends))
    text = {
        **content.text,
        "window_from": version.window_from and _later(version.window_from, years),
        "window_to": version.window_to and _later(version.window_to, years),
    }
    shift = years if year else today.year - began.year
    rule = {
        **content.rule,
        "valid": DateRange(today, last and _later(last, years) + dt.timedelta(days=1)),
        "reference_year": year and year + years,
        "examples": _moved_examples(content.rule["examples"], began, shift),
    }
    return Content(text, rule, content.sources)


def _moved_examples(examples: list[dict[str, Any]], began: dt.date, years: int) -> list[dict[str, Any]]:
    """Examples keep what they say: they are judged on the day they were written for, so many years on."""
    return shifted([{"as_of": began.isoformat(), **one} for one in examples], years, load_catalogue())


def _later(day: dt.date, years: int) -> dt.date:
    """The same day in a later year; the 29th of February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _write_sources(version: ItemVersion, sources: Iterable[Source]) -> None:
    VersionSource.objects.bulk_create(
        VersionSource(
            version=version,
            position=position,
            document=source.document,
            clause=source.clause,
            basis=source.basis,
            note=source.note,
        )
        for position, source in enumerate(sources)
    )
