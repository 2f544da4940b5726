"""Sending an application, sending it again as amended, taking it back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.services.declare import declare_fact
from enterprises.values import input_text
from policies.applying import deadlines
from policies.applying.access import require_open
from policies.applying.drafts import require_year
from policies.applying.freezing import freeze
from policies.applying.sheet import Sheet
from policies.applying.telling import tell_enterprise, tell_reviewers
from policies.enums import EDITABLE, ApplicationState
from policies.models import Application, Evidence, ItemVersion
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.moments import settled_at
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from enterprises.actors import Actor


def send(
    application: Application,
    actor: Actor,
    *,
    at: dt.datetime,
    insisting: str = "",
    revision: int | None = None,
) -> Evidence:
    """Send a draft, or an amended application: what was judged is frozen, reviewers are told.

    `insisting`: why it is sent although a condition is known to fail; `revision`: the one that was looked at
    before sending, if one was. Raises DomainError with all that is missing, when the item is closed, when its
    rule has changed since, when a colleague changed it since, or when it was sent already.
    """
    with transaction.atomic():
        held = hold(application)
        if held.state not in EDITABLE:
            raise DomainError(
                _("这件申报已经提交，现在是“%(state)s”。") % {"state": held.get_state_display()}, code="sent"
            )
        if revision not in (None, held.revision):
            raise DomainError(_("这件申报刚才又有改动，请核对下面的内容后再提交。"), code="stale")
        day = timezone.localdate(at)
        if held.state == ApplicationState.DRAFT:
            _require_current(held, day)
            require_year(held, day)
        known_at = settled_at()
        with in_language_of_record():  # what the sheet says is written down
            sheet = Sheet.of(held, day, known_at)
        _require_complete(sheet, insisting)
        _declare(sheet, actor, day)
        evidence = freeze(sheet, known_at=known_at, by=actor.user, at=at)
        _submit(held, sheet, actor, insisting=insisting, at=at)
    adopt(application, held)
    return evidence


def withdraw(application: Application, reason: str, *, actor: Actor, at: dt.datetime) -> None:
    """The enterprise takes it back before it is proposed. Raises DomainError."""
    if not reason.strip():
        raise DomainError(_("请写明撤回原因。"), code="no_reason")
    with transaction.atomic():
        held = hold(application)
        event = advance(held, "withdraw", actor=actor.user, comment=reason.strip(), public=True, at=at)
        held.opinions.awaited().update(recalled_at=at)  # nobody is asked any more
        deadlines.stop(held, at=at)
        with in_language_of_record():
            tell_reviewers(held, event, _("企业已撤回申报，不用再办"))
    adopt(application, held)


def hold(application: Application) -> Application:
    """The application as it is now, locked, with what every step needs: one query."""
    related = ("enterprise", "item__department", "version")
    held = Application.objects.select_for_update(of=("self",)).select_related(*related)
    found = held.filter(pk=application.pk).first()
    if found is None:
        raise DomainError(_("记录已不存在，请刷新页面。"), code="gone")
    return found


def current_version(application: Application, day: dt.date) -> ItemVersion | None:
    """The version of the application's item in force on a day."""
    versions = ItemVersion.objects.in_force(day).filter(item=application.item_id)
    return versions.select_related("item__department", "rule_version").first()


def _require_current(held: Application, day: dt.date) -> None:
    current = current_version(held, day)
    if current is not None and current.pk != held.version_id:
        raise DomainError(
            _("政策刚更新到第 %(number)d 版，请先核对新的条件和材料，您填的内容都还在。")
            % {"number": current.number},
            code="version_changed",
        )
    require_open(held.version, day, held.enterprise)


def _require_complete(sheet: Sheet, insisting: str) -> None:
    problems = sheet.problems
    if problems:
        raise DomainError("\n".join(problem.words for problem in problems), code="incomplete")
    if sheet.ineligible and not insisting.strip():
        raise DomainError(
            _("按现有数据有条件没有达到；数据有误或情况特殊的，请写明理由后提交。"), code="ineligible"
        )


def _declare(sheet: Sheet, actor: Actor, day: dt.date) -> None:
    """What the applicant said of the enterprise becomes known of it, marked as its own word."""
    for question in sheet.questions:
        known = sheet.knowledge.value(question.spec.key, question.period)
        if question.of_claim or not question.text.strip() or known is None:
            continue
        unit = "万元" if question.spec.kind == "money" else ""
        text = input_text(question.spec, known.value)
        declare_fact(actor, question.spec.key, question.period, text, unit=unit, as_of=day)


def _submit(held: Application, sheet: Sheet, actor: Actor, *, insisting: str, at: dt.datetime) -> None:
    again = held.state == ApplicationState.RETURNED
    changes = {"submitted_at": held.submitted_at or at, "filler": actor.user}
    event = advance(
        held, "submit", actor=actor.user, comment=insisting.strip(), changes=changes, public=True, at=at
    )
    if sheet.amendment is not None:
        for point in sheet.points:
            point.done = True
            point.save(update_fields=["done"])
        sheet.amendment.answered_at = at
        sheet.amendment.save(update_fields=["answered_at"])
        deadlines.meet(held, "amend", at=at)
    deadlines.begin(held, "accept", at=at)
    deadlines.reckon(held)
    with in_language_of_record():
        tell_reviewers(held, event, _("企业已补正，请继续办理") if again else _("有新申报待受理"))
        tell_enterprise(held, event, _("申报已提交，我们会尽快受理"))
