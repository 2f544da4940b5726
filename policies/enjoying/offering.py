"""Offering: everybody on a confirmed list is told, once; a list is closed when everybody has answered."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from policies.enjoying.holding import OPEN, hold_open, hold_run
from policies.enjoying.noticing import end_after, require_notice_over
from policies.enjoying.rechecking import require_unchanged
from policies.enjoying.standing import require_standing
from policies.enjoying.telling import tell_almost, tell_enterprise, tell_offers, tell_officials
from policies.models import EnjoyCandidate, EnjoyCandidateEvent, EnjoyNotice, EnjoyPlan, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState, Place, RunState
from policies.reviewers import REVIEWING, require_review
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import User

_log = logging.getLogger(__name__)


def offer(run: EnjoyRun, *, by: User | None, at: dt.datetime) -> int:
    """Tell enterprises what is theirs, until when; how many. `by` None: the sweeper. Raises DomainError."""
    with transaction.atomic():
        held = hold_run(run)
        if by is not None:
            require_review(by, held.item.department, *REVIEWING)
        require_standing(held)
        require_notice_over(held, at)
        require_unchanged(held, at)
        until = end_after(at, EnjoyPlan.of(held.version).offer_days)
        advance(held, "offer", actor=by, changes={"offered_at": at, "offer_until": until}, public=True, at=at)
        EnjoyNotice.objects.filter(run=held, ended_at=None).update(ended_at=at)
        inside = list(held.candidates.standing().select_related("enterprise").order_by("rank"))
        _tell(held, inside, by, at)
    adopt(run, held)
    return len(inside)


def _tell(run: EnjoyRun, inside: list[EnjoyCandidate], by: User | None, at: dt.datetime) -> None:
    """Everybody at once: one statement for the states, one for the events, few for the messages."""
    rows = EnjoyCandidate.objects.filter(pk__in=[each.pk for each in inside], state=CandidateState.LISTED)
    rows.update(state=CandidateState.OFFERED, told_at=at)
    EnjoyCandidateEvent.objects.bulk_create(
        EnjoyCandidateEvent(
            subject=each,
            actor=by,
            at=at,
            name="offer",
            source=CandidateState.LISTED,
            target=CandidateState.OFFERED,
            public=True,
        )
        for each in inside
    )
    almost = run.candidates.filter(place=Place.ALMOST)
    almost.update(told_at=at)
    tell_offers(run, inside)
    tell_almost(run, almost.select_related("enterprise").order_by("pk"))


def offer_ready(now: dt.datetime) -> int:
    """Offer every list whose notice is over and undisputed; how many. What cannot be is told, once."""
    ready = EnjoyRun.objects.filter(state=RunState.NOTICED, notice__closes_at__lte=now).order_by("pk")
    offered = 0
    for run in ready.select_related("item__department", "version"):
        try:
            offer(run, by=None, at=now)
        except DomainError as error:
            _tell_once(run, error.message, now)
        except Exception:  # one list that fails holds up no other
            _log.exception("enjoy run %s is not offered", run.pk)
        else:
            offered += 1
    return offered


def _tell_once(run: EnjoyRun, why: str, now: dt.datetime) -> None:
    with transaction.atomic():
        held = hold_run(run)
        if held.state != RunState.NOTICED or held.events.filter(name="notice_over", comment=why).exists():
            return
        event = held.events.create(
            at=now, name="notice_over", source=held.state, target=held.state, comment=why
        )
        with in_language_of_record():
            tell_officials(held, event, _("名单公示期满，请处理"), Role.REVIEWER, body=why)


def close(run: EnjoyRun, *, by: User | None, at: dt.datetime) -> None:
    """End a list that all have answered, or whose time is up; who said nothing lapses. Raises DomainError.

    An enterprise whose objection is not answered yet keeps it open: its time is not up.
    """
    with transaction.atomic():
        held = hold_run(run)
        if by is not None:
            require_review(by, held.item.department, *REVIEWING)
        waiting = hold_open(held)
        if any(each.state == CandidateState.OBJECTED for each in waiting):
            raise DomainError(_("还有企业的异议没有答复，答复后才能办结。"), code="objections_open")
        if waiting and held.takes_answers(at):
            raise DomainError(_("还有企业没有确认，到期后才能办结。"), code="too_early")
        for each in waiting:
            event = advance(each, "lapse", actor=by, at=at, public=True)
            with in_language_of_record():
                title = _("免申即享确认已逾期：%(item)s") % {"item": held.version.title}
                tell_enterprise(each, event, title, _("需要的，请联系主管部门；下一次筛选会再核对。"))
        advance(held, "close", actor=by, at=at)
    adopt(run, held)


def close_due(now: dt.datetime) -> int:
    """Close every list whose time is up or that everybody has answered; how many."""
    closed = 0
    offered = EnjoyRun.objects.filter(state=RunState.OFFERED).order_by("pk")
    for run in offered.select_related("item__department", "version"):
        waiting = run.candidates.filter(state__in=OPEN).exists()
        if waiting and run.takes_answers(now):
            continue
        try:
            close(run, by=None, at=now)
        except DomainError as error:
            _log.info("enjoy run %s stays open: %s", run.pk, error.message)
        except Exception:
            _log.exception("enjoy run %s is not closed", run.pk)
        else:
            closed += 1
    return closed
