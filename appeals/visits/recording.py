"""A visit is written down, confirmed or disputed, amended. Sent twice with the same key it is one visit."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import Source
from appeals.filing import Filing, attach, file_appeal
from appeals.models import Appeal, Visit, VisitEvent, VisitPhoto
from appeals.models.visit import MADE, VisitState
from appeals.steps import record_appeal
from appeals.visits.telling import tell_enterprise, tell_official
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance
from portal.kernel.uploads import display_name

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from appeals.models import Category
    from portal.accounts.models import User

MOST_PHOTOS: Final = 9
MOST_PROBLEMS: Final = 5
LATE_BY: Final = dt.timedelta(days=30)
"""How long after it took place a visit may still be written down."""
AHEAD: Final = dt.timedelta(minutes=10)
"""How far the clock of a phone may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem found: it becomes an appeal."""

    title: str
    text: str
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What the official wrote on the phone. `base` is the key of the record that it amends.

    `notes`: what was said of an open appeal, by its id; empty takes back what an amended record says of it.
    """

    key: UUID
    visited_at: dt.datetime
    met: str
    summary: str
    phone: str = ""
    operating: str = ""
    told: bool = False
    base: UUID | None = None
    notes: dict[int, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    photos: tuple[UploadedFile, ...] = ()


def record_visit(visit: Visit, record: Record, *, by: User) -> Visit:
    """Write a planned or disputed visit down; problems become appeals, the enterprise is asked to confirm.

    The same form again gives the visit as it stands and writes nothing. Raises DomainError, also for a form
    with a key that was sent already and other words.
    """
    files = [(display_name(each.name or ""), b"".join(each.chunks())) for each in record.photos]
    digest = _digest(record, [content for _name, content in files])
    with transaction.atomic():
        rows = Visit.objects.select_for_update(of=("self",)).select_related("pairing__enterprise")
        now = rows.select_related("pairing__officer").get(pk=visit.pk)
        if now.client_id == record.key and now.state in MADE:
            if now.form.get("digest", digest) != digest:
                words = _("这次走访已经送出，这张表和送出的不一样，没有再收。")
                raise DomainError(words, code="written_otherwise")
            return now
        if now.state == VisitState.DISPUTED and now.client_id != record.base:
            words = _("这次走访在您打开这张表之后已另外送出过，这张表没有再收。")
            raise DomainError(words, code="overtaken")
        _check(now, record)
        event = advance(
            now,
            "amend" if now.state == VisitState.DISPUTED else "record",
            actor=by,
            changes={
                "client_id": record.key,
                "visited_at": record.visited_at,
                "met": record.met,
                "summary": record.summary,
                "form": _form(now, record, by) | {"digest": digest},
                "recorded_by": by,
            },
        )
        for name, content in files:
            _keep(now, name, content)
        _file_problems(now, record, files, by)
        with in_language_of_record():
            tell_enterprise(now, event, _("干部走访记录，请您确认"), _asked(now, record))
    return now


def confirm(visit: Visit, *, by: User, seen: str) -> None:
    """The enterprise says that it was so; the record then stays for good.

    `seen` is the key of the record that the user was shown. Raises DomainError for another one.
    """
    with transaction.atomic():
        now = Visit.objects.select_for_update().get(pk=visit.pk)
        if seen != str(now.client_id):
            raise DomainError(_("请先看过走访记录再确认；记录可能刚刚更正过。"), code="not_seen")
        event = advance(visit, "confirm", actor=by, public=True)
        with in_language_of_record():
            tell_official(visit, event, _("企业已确认走访"), visit.pairing.enterprise.name)


def dispute(visit: Visit, words: str, *, by: User) -> None:
    """The enterprise says what was not so. Raises DomainError without words."""
    words = words.strip()
    if not words:
        raise DomainError(_("请写明哪里不属实。"), code="says_nothing")
    event = advance(visit, "dispute", actor=by, comment=words, public=True)
    with in_language_of_record():
        title = _("企业对走访记录有异议，请核实更正")
    tell_official(visit, event, title, f"{visit.pairing.enterprise.name}：{words}")


def disputed(visit: Visit) -> VisitEvent | None:
    """What the enterprise said last against the record, if it did."""
    return visit.events.filter(name="dispute").last()


def _check(visit: Visit, record: Record) -> None:
    now = timezone.now()
    earliest = min(now, visit.visited_at or now) - LATE_BY  # an old visit may be disputed late
    if not earliest <= record.visited_at <= now + AHEAD:
        raise DomainError(
            _("走访时间应在最近 %(days)d 天内，不能晚于现在。") % {"days": LATE_BY.days}, code="visited_at"
        )
    if not record.met or not record.summary:
        raise DomainError(_("请写明见了谁、走访情况。"), code="incomplete")
    if record.problems and not record.phone:
        raise DomainError(_("发现问题要转办，请填写企业联系电话。"), code="no_phone")
    if len(record.problems) > MOST_PROBLEMS:
        raise DomainError(_("一次最多 %(most)d 个问题。") % {"most": MOST_PROBLEMS}, code="too_many")
    if len(record.photos) + visit.photos.count() > MOST_PHOTOS:
        raise DomainError(_("一次走访最多 %(most)d 张照片。") % {"most": MOST_PHOTOS}, code="too_many_photos")
    if Visit.objects.filter(client_id=record.key).exclude(pk=visit.pk).exists():
        raise DomainError(_("这张表已用于另一次走访，请刷新页面重新填写。"), code="key_used")


def _form(visit: Visit, record: Record, by: User) -> dict[str, Any]:
    """The visit form as it is kept; what was said of open appeals is written to them too, for officials.

    An amended record keeps what it said of appeals that the form does not ask about any more.
    """
    said = {each["number"]: each for each in visit.form.get("agenda", ())}
    appeals = Appeal.objects.filter(enterprise=visit.pairing.enterprise_id, pk__in=record.notes)
    for appeal in appeals.order_by("pk"):
        note, before = record.notes[appeal.pk], said.pop(appeal.number, {})
        if note:
            said[appeal.number] = {"number": appeal.number, "title": appeal.title, "note": note}
        if note and note != before.get("note"):
            record_appeal(appeal, "visited", by=by, comment=note)
    return {
        "phone": record.phone,
        "operating": record.operating,
        "told": record.told,
        "agenda": [said[number] for number in sorted(said)],
    }


def _digest(record: Record, photos: list[bytes]) -> str:
    """SHA-256 of all that was written, by which a form sent again is told from another one with its key."""
    problems = [(each.title, each.text, each.category and each.category.pk) for each in record.problems]
    words = [record.met, record.summary, record.phone, record.operating, record.told]
    album = sorted(hashlib.sha256(each).hexdigest() for each in photos)
    written = [record.visited_at.timestamp(), words, sorted(record.notes.items()), problems, album]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def _keep(visit: Visit, name: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if visit.photos.filter(digest=digest).exists():
        return
    photo = VisitPhoto(visit=visit, file=ContentFile(content, name), name=name, digest=digest)
    try:
        photo.clean_fields(exclude=["visit"])
    except ValidationError as error:
        raise DomainError(f"{name}：{''.join(error.messages)}", code="file_refused") from error
    photo.save()


def _file_problems(visit: Visit, record: Record, files: list[tuple[str, bytes]], by: User) -> None:
    """Each problem an appeal with the photographs; its key follows the form's."""
    enterprise = visit.pairing.enterprise
    for number, problem in enumerate(record.problems):
        filing = Filing(
            title=problem.title,
            text=problem.text,
            contact_name=record.met[:50],
            contact_phone=record.phone,
            category=problem.category,
            region=enterprise.region_id,
        )
        appeal = file_appeal(
            enterprise, filing, by=by, source=Source.VISIT, key=f"visit:{record.key}:{number}"
        )
        for name, content in files:
            try:
                attach(appeal, ContentFile(content, name), by=by)
            except DomainError as error:
                if error.code != "file_known":
                    raise
        visit.appeals.add(appeal)


def _asked(visit: Visit, record: Record) -> str:
    words = {
        "name": visit.pairing.officer.name,
        "day": timezone.localdate(record.visited_at).isoformat(),
        "met": record.met,
    }
    body = _("%(name)s于 %(day)s 走访，见了%(met)s。请点开看看记录是否属实。") % words
    if record.problems:
        body += _("发现的 %(count)d 个问题已登记为诉求。") % {"count": len(record.problems)}
    return body
