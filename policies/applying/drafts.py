"""A draft: started once, saved as typed, never saved over what somebody else saved meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Func, IntegerField, JSONField, QuerySet, TextField, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.actors import phone_of
from policies.applying.access import period_of, require_open
from policies.enums import EDITABLE, ApplicationState
from policies.models import AmendmentPoint, Application, ItemVersion
from policies.models.applying.application import MOST_BYTES, bytes_of
from portal.kernel.errors import DomainError
from portal.kernel.models import NumberSeries
from portal.kernel.strictjson import no_such_text, unstorable

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from portal.accounts.models import User

SERIES: Final = "SB"
LONGEST_ANSWER: Final = 500
LONGEST_REPLY: Final = 1000
LONGEST_KEY: Final = 200
MOST_ANSWERS: Final = 200
"""Of one saving, and of all that is kept: no form asks a quarter as much."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What a form saves: parts of the answers, notes and replies, and contacts where they are given.

    `replies` are by the key of the point of the open amendment that each answers.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    replies: Mapping[int, str] = field(default_factory=dict)
    contact_name: str | None = None
    contact_phone: str | None = None


def start(actor: Actor, version: ItemVersion, *, at: dt.datetime, key: str = "") -> Application:
    """The enterprise's application for the item and year: the one that is alive, else a new draft.

    `key` starts one and no other. Raises DomainError when it started one of another item or year, and when
    the version cannot be applied for.
    """
    day = timezone.localdate(at)
    require_open(version, day, actor.enterprise)
    mine = {"enterprise": actor.enterprise, "item_id": version.item_id, "period": period_of(version, day)}
    alive = Application.objects.filter(**mine).exclude(state__in=_OVER)
    if found := alive.first():
        return found
    draft = Application(
        **mine,
        version=version,
        filler=actor.user,
        contact_name=actor.user.name,
        contact_phone=phone_of(actor, Application.objects.of(actor).filter(filler=actor.user)),
        started_at=at,
        saved_at=at,
        idempotency_key=key,
    )
    try:
        with transaction.atomic():
            draft.number = NumberSeries.take(SERIES, day)
            draft.save()
    except IntegrityError:  # a colleague started it a moment ago, or the key started another one
        if found := alive.first():
            return found
        raise DomainError(_("Idempotency-Key 已用于另一件申报，请换一个新的。"), code="key_reused") from None
    return draft


_OVER: Final = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)


def save(application: Application, saving: Saving, *, revision: int, by: User | None, at: dt.datetime) -> int:
    """Keep what was typed; the new revision. See `save_among`."""
    return save_among(Application.objects.filter(pk=application.pk), saving, revision=revision, by=by, at=at)


def save_among(
    rows: QuerySet[Application], saving: Saving, *, revision: int, by: User | None, at: dt.datetime
) -> int:
    """Keep what was typed in the one application of `rows`, in one statement, in another one for replies.

    The new revision. Raises DomainError `stale` when somebody saved meanwhile or it was sent, `gone` when
    there is none, and `too_many` when more would be kept than any form asks; what says the same again passes.
    """
    _check(saving)
    open_rows = _with_room(rows.filter(revision=revision, state__in=EDITABLE), saving)
    changes = _changes(saving) | {"revision": F("revision") + 1, "saved_at": at, "filler": by}
    if not saving.replies:
        saved = open_rows.update(**changes)
    else:
        with transaction.atomic():
            saved = open_rows.update(**changes)
            if saved:
                _reply(rows, saving.replies)
    return revision + 1 if saved else _saved_before(rows, saving, revision)


def _changes(saving: Saving) -> dict[str, Any]:
    changes = {"answers": _merged("answers", saving.answers), "notes": _merged("notes", saving.notes)}
    if saving.contact_name is not None:
        changes["contact_name"] = saving.contact_name.strip()
    if saving.contact_phone is not None:
        changes["contact_phone"] = saving.contact_phone.strip()
    return changes


def _reply(rows: QuerySet[Application], replies: Mapping[int, str]) -> None:
    """Only to what is asked for now: an amendment that was answered stands as it was answered."""
    points = AmendmentPoint.objects.filter(
        pk__in=replies, amendment__application__in=rows.values("pk"), amendment__answered_at=None
    )
    words = [When(pk=pk, then=Value(text)) for pk, text in replies.items()]
    points.update(reply=Case(*words, default=F("reply"), output_field=TextField()))


def _saved_before(rows: QuerySet[Application], saving: Saving, revision: int) -> int:
    """The revision when the same words are kept already. Raises DomainError when others are, or too many."""
    now = rows.select_related("filler").first()
    if now is None:
        raise DomainError(_("这件申报已被删除。"), code="gone")
    if not now.is_editable:
        raise DomainError(
            _("这件申报已是“%(state)s”，不能再修改。") % {"state": now.get_state_display()}, code="stale"
        )
    if _says(now, saving):
        return now.revision
    if now.revision == revision:
        raise DomainError(_too_many(), code="too_many")
    raise DomainError(
        _("%(who)s刚才在别处保存过这件申报。您刚填的还在本页，没有保存；请核对后再保存。")
        % {"who": now.filler or _("系统")},
        code="stale",
    )


def move_to(application: Application, version: ItemVersion, day: dt.date) -> None:
    """Let a draft follow its item to the version in force, and to the year that is applied for on the day.

    Answers stay. Raises DomainError once sent, and when the enterprise has applied for that year already.
    """
    changes: dict[str, Any] = {"version": version, "revision": F("revision") + 1}
    if not _redate(application, period_of(version, day), changes):
        raise DomainError(_("已提交的申报按提交时的政策办理。"), code="stale")
    application.refresh_from_db()


def require_year(held: Application, day: dt.date) -> None:
    """A draft of another year is one of the year that is applied for on the day; the caller holds its lock.

    A year is enjoyed once: what is judged by this year's figures is not sent as last year's. Raises
    DomainError when the enterprise has applied for that year already.
    """
    period = period_of(held.version, day)
    if held.period != period:
        _redate(held, period, {})
        held.period = period


def _redate(application: Application, period: int, changes: Mapping[str, Any]) -> int:
    drafts = Application.objects.filter(pk=application.pk, state=ApplicationState.DRAFT)
    try:
        with transaction.atomic():
            return drafts.update(period=period, **changes)
    except IntegrityError:
        raise DomainError(
            _("本企业已有一件 %(year)d 年度的申报，请在“我的申报”里继续办理。") % {"year": period},
            code="alive",
        ) from None


def discard(application: Application) -> None:
    """Throw a draft away with its files. Raises DomainError for what was sent once."""
    with transaction.atomic():
        held = Application.objects.select_for_update().filter(pk=application.pk).first()
        if held is None or held.state != ApplicationState.DRAFT:
            raise DomainError(_("已提交的申报不能删除，可以撤回。"), code="stale")
        files = list(held.files.all())
        held.files.all().delete()
        held.delete()
        for file in files:
            transaction.on_commit(lambda kept=file.file: kept.storage.delete(kept.name), robust=True)  # type: ignore[misc]


def _check(saving: Saving) -> None:
    said = [*saving.answers.items(), *saving.notes.items()]
    if unstorable([dict(saving.answers), dict(saving.notes), list(saving.replies.values())]) is not None:
        raise DomainError(no_such_text(), code="unstorable")
    if len(said) + len(saving.replies) > MOST_ANSWERS or any(len(key) > LONGEST_KEY for key, _text in said):
        raise DomainError(_too_many(), code="too_many")
    if any(len(text) > LONGEST_ANSWER for _key, text in said):
        raise DomainError(
            _("每项最多填 %(most)d 个字，长的请写成附件上传。") % {"most": LONGEST_ANSWER}, code="too_long"
        )
    if any(len(text) > LONGEST_REPLY for text in saving.replies.values()):
        raise DomainError(_("每条说明最多 %(most)d 个字。") % {"most": LONGEST_REPLY}, code="too_long")
    if len(saving.contact_name or "") > 50 or len(saving.contact_phone or "") > 30:
        raise DomainError(_("联系人最多 50 个字，电话最多 30 位。"), code="too_long")


def _merged(column: str, given: Mapping[str, str]) -> Any:
    """The column with the given keys laid over it, worked out by the database."""
    if not given:
        return F(column)
    added = Value(dict(given), JSONField())
    return Func(F(column), added, template="(%(expressions)s)", arg_joiner=" || ", output_field=JSONField())


def _too_many() -> str:
    return _("填报的内容太多，没有保存：一件申报最多 %(count)d 项、共 %(size)d KB，长的请写成附件上传。") % {
        "count": MOST_ANSWERS,
        "size": MOST_BYTES // 1000,
    }


def _with_room(rows: QuerySet[Application], saving: Saving) -> QuerySet[Application]:
    """Those of the rows in which what is saved has room beside what is kept."""
    if not saving.answers and not saving.notes:
        return rows
    answers, notes = _merged("answers", saving.answers), _merged("notes", saving.notes)
    sizes = {"count": _count(answers) + _count(notes), "size": bytes_of(answers, notes)}
    sized: Any = rows.alias(**sizes)
    with_room: QuerySet[Application] = sized.filter(count__lte=MOST_ANSWERS, size__lte=MOST_BYTES)
    return with_room


def _count(given: Any) -> Any:
    """How many keys an object has."""
    pairs = "jsonb_array_length(jsonb_path_query_array(%(expressions)s, '$.keyvalue()'))"
    return Func(given, template=pairs, output_field=IntegerField())


def _says(now: Application, saving: Saving) -> bool:
    contacts = (
        (saving.contact_name, now.contact_name),
        (saving.contact_phone, now.contact_phone),
    )
    points = AmendmentPoint.objects.filter(amendment__application=now, amendment__answered_at=None)
    replies = dict(points.values_list("pk", "reply")) if saving.replies else {}
    return (
        all(now.answers.get(key) == text for key, text in saving.answers.items())
        and all(now.notes.get(key) == text for key, text in saving.notes.items())
        and all(replies.get(pk, text) == text for pk, text in saving.replies.items())
        and all(given is None or given.strip() == kept for given, kept in contacts)
    )
