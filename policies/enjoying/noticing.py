"""Showing a confirmed list to everybody, and objections to it: each is answered before anybody is told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.enjoying.confirming import require_outsider, take_off
from policies.enjoying.holding import hold_candidate, hold_run
from policies.enjoying.standing import require_standing
from policies.enjoying.telling import tell_officials
from policies.models import EnjoyCandidate, EnjoyNotice, EnjoyObjection, EnjoyPlan, EnjoyRun
from policies.notices.objecting import Words, require_room
from policies.reviewers import REVIEWING, require_review
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.models import NumberSeries
from portal.kernel.spans import Span, Unit
from portal.kernel.transitions import adopt, advance
from portal.kernel.workdays import Calendar

if TYPE_CHECKING:
    from portal.accounts.models import User


SERIES: Final = "YY"
"""Prefix of the numbers of objections."""


def end_after(at: dt.datetime, workdays: int) -> dt.datetime:
    """The midnight after so many working days."""
    return Span(workdays, Unit.WORKDAYS).due(at, Calendar.load())


def post_notice(run: EnjoyRun, *, by: User, at: dt.datetime) -> EnjoyNotice:
    """Put a confirmed list on the public pages. Raises DomainError where the item wants no notice."""
    with transaction.atomic():
        held = hold_run(run)
        require_review(by, held.item.department, *REVIEWING)
        require_standing(held)
        days = EnjoyPlan.of(held.version).notice_days
        if not days:
            raise DomainError(_("这项政策不需要公示，请直接通知企业。"), code="no_notice")
        advance(held, "notice", actor=by, public=True, at=at)
        standing = held.candidates.standing()
        notice = EnjoyNotice.objects.create(
            run=held,
            count=standing.count(),
            total_fen=standing.aggregate(fen=Sum("amount_fen", default=0))["fen"],
            opened_at=at,
            closes_at=end_after(at, days),
            opened_by=by,
        )
    adopt(run, held)
    return notice


def object_to(
    notice: EnjoyNotice, candidate: EnjoyCandidate | None, words: Words, *, at: dt.datetime
) -> EnjoyObjection:
    """Take an objection and tell who reviews. The same one sent twice is one. Raises DomainError."""
    given = words.stripped()
    with transaction.atomic():
        held = hold_run(notice.run)
        notice.refresh_from_db()
        same = notice.objections.filter(candidate=candidate, **given).first()
        if same is not None:
            return same
        require_room(notice, given["phone"], at)
        objection = notice.objections.create(
            number=NumberSeries.take(SERIES, timezone.localdate(at)), candidate=candidate, at=at, **given
        )
        event = held.events.create(at=at, name="objection", source=held.state, target=held.state)
        with in_language_of_record():
            tell_officials(held, event, _("名单公示收到异议，请核实处理"), Role.REVIEWER)
    return objection


def answer(objection: EnjoyObjection, text: str, *, upheld: bool, by: User, at: dt.datetime) -> None:
    """Write down what was found out, once; one that is upheld takes its enterprise off. Raises DomainError.

    To one that is upheld against the whole list an official answers by excluding whom it concerns, or by
    cancelling.
    """
    text = text.strip()
    if not text:
        raise DomainError(_("请写明核实的情况和处理结果。"), code="says_nothing")
    with transaction.atomic():
        run = hold_run(objection.notice.run)
        require_review(by, run.item.department, Role.REVIEWER)
        require_outsider(by, run.candidates.filter(objections=objection))
        pending = EnjoyObjection.objects.filter(pk=objection.pk, answer="")
        if not pending.update(answer=text, upheld=upheld, answered_by=by, answered_at=at):
            raise DomainError(_("这条异议已经处理，请刷新页面。"), code="answered")
        if upheld and objection.candidate is not None:
            take_off(hold_candidate(objection.candidate), text, by=by, at=at)
        run.events.create(
            actor=by, at=at, name="objection_answered", source=run.state, target=run.state, comment=text
        )
    objection.refresh_from_db()


def require_notice_over(run: EnjoyRun, at: dt.datetime) -> None:
    """Raises DomainError before a notice that the item wants has run out and its objections are answered."""
    notice = EnjoyNotice.objects.filter(run=run).first()
    if notice is None:
        if EnjoyPlan.of(run.version).notice_days:
            raise DomainError(_("这项政策的名单须先公示。"), code="notice_first")
        return
    if at < notice.closes_at:
        raise DomainError(_("公示还没有结束，结束后才能通知企业。"), code="notice_runs")
    if notice.objections.filter(answer="").exists():
        raise DomainError(_("还有异议没有处理，处理后才能通知企业。"), code="objections_open")
