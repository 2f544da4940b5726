"""人工把关: exclusions with reasons, the list sent up by one person and confirmed by another."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from enterprises.models import Membership
from policies.enjoying.holding import hold_candidate, hold_open, hold_run
from policies.enjoying.rechecking import require_unchanged
from policies.enjoying.standing import require_standing
from policies.enjoying.telling import tell_enterprise, tell_officials
from policies.models import EnjoyCandidate, EnjoyCandidateEvent, EnjoyRun
from policies.models.enjoying.candidate import EnjoyCandidateQuerySet
from policies.models.enjoying.vocabulary import Place, RunState
from policies.reviewers import REVIEWING, require_review
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import User


class Seen(NamedTuple):
    """A list as somebody looked at it: how many stand on it, and what they come to in fen."""

    firms: int
    total_fen: int

    @classmethod
    def of(cls, run: EnjoyRun) -> Seen:
        """As it is now; one query."""
        figures = run.candidates.standing().aggregate(count=Count("pk"), fen=Sum("amount_fen", default=0))
        return cls(figures["count"], figures["fen"])


CHECKING = (RunState.LISTED,)
EXCLUDING = (RunState.LISTED, RunState.NOTICED, RunState.CONFIRMED, RunState.OFFERED)
"""States in which somebody may be taken off: after the confirmation too, since money is at stake."""


def exclude(candidate: EnjoyCandidate, reason: str, *, by: User, at: dt.datetime) -> None:
    """Take an enterprise off the list, with a reason; one that was told is told why. Raises DomainError."""
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明排除理由，企业会看到。"), code="no_reason")
    with transaction.atomic():
        run = hold_run(candidate.run)
        held = hold_candidate(candidate)
        require_review(by, run.item.department, Role.REVIEWER)
        require_outsider(by, EnjoyCandidate.objects.filter(pk=held.pk))
        if run.state not in EXCLUDING:
            raise DomainError(
                _("名单现在是“%(state)s”，不能排除企业。") % {"state": run.get_state_display()},
                code="not_now",
            )
        take_off(held, reason, by=by, at=at)
    adopt(candidate, held)


def take_off(held: EnjoyCandidate, reason: str, *, by: User, at: dt.datetime) -> None:
    """The exclusion itself, within the caller's transaction, which holds run and candidate."""
    if held.place != Place.IN:
        raise DomainError(_("只有入围的企业需要排除。"), code="not_in")
    told = held.told_at is not None
    changes = {"excluded_by": by, "excluded_at": at, "exclusion": reason}
    event = advance(held, "exclude", actor=by, comment=reason, changes=changes, at=at, public=told)
    if told:
        with in_language_of_record():
            title = _("免申即享已取消：%(item)s") % {"item": held.run.version.title}
            tell_enterprise(held, event, title, _("理由：%(reason)s") % {"reason": reason})


def restore(candidate: EnjoyCandidate, reason: str, *, by: User, at: dt.datetime) -> None:
    """Put back who was taken off by mistake, before the list is sent up, and say why. Raises DomainError.

    Why it had been taken off, by whom and why it came back stand in its history.
    """
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明为什么恢复。"), code="no_reason")
    with transaction.atomic():
        run = hold_run(candidate.run)
        held = hold_candidate(candidate)
        require_review(by, run.item.department, Role.REVIEWER)
        require_outsider(by, EnjoyCandidate.objects.filter(pk=held.pk))
        if run.state not in CHECKING:
            raise DomainError(_("名单已送审定，不能恢复；请先退回把关。"), code="not_now")
        cleared = {"excluded_by": None, "excluded_at": None, "exclusion": ""}
        advance(held, "restore", actor=by, comment=reason, changes=cleared, at=at)
    adopt(candidate, held)


def propose(run: EnjoyRun, *, by: User, at: dt.datetime, comment: str = "", seen: Seen | None = None) -> None:
    """Send the checked list up. Raises DomainError when nobody is left on it, or something has changed.

    `seen`: the list that was looked at, where one was.
    """
    with transaction.atomic():
        held = hold_run(run)
        require_review(by, held.item.department, Role.REVIEWER)
        require_outsider(by, held.candidates.standing())
        require_standing(held)
        now = _require_as_seen(held, seen)
        if not now.firms:
            raise DomainError(_("名单上没有企业，请取消这份名单。"), code="empty")
        require_unchanged(held, at)
        changes = {"reviewed_by": by, "reviewed_at": at}
        event = advance(held, "propose", actor=by, comment=comment.strip(), changes=changes, at=at)
        with in_language_of_record():
            tell_officials(held, event, _("免申即享名单待审定"), Role.LEADER)
    adopt(run, held)


def rework(run: EnjoyRun, reason: str, *, by: User, at: dt.datetime) -> None:
    """Send the list back to be checked again. Raises DomainError."""
    if not reason.strip():
        raise DomainError(_("请写明退回原因。"), code="no_reason")
    with transaction.atomic():
        held = hold_run(run)
        require_review(by, held.item.department, *REVIEWING)
        cleared = {"reviewed_by": None, "reviewed_at": None}
        event = advance(held, "rework", actor=by, comment=reason.strip(), changes=cleared, at=at)
        with in_language_of_record():
            tell_officials(held, event, _("免申即享名单退回，请重新把关"), Role.REVIEWER)
    adopt(run, held)


def confirm(run: EnjoyRun, *, by: User, at: dt.datetime, comment: str = "", seen: Seen | None = None) -> None:
    """Confirm the list as it stands. Raises DomainError to who had a hand in it, or when it changed."""
    with transaction.atomic():
        held = hold_run(run)
        require_review(by, held.item.department, *REVIEWING)
        require_other_eyes(held, by)
        require_outsider(by, held.candidates.standing())
        require_standing(held)
        _require_as_seen(held, seen)
        require_unchanged(held, at)
        changes = {"confirmed_by": by, "confirmed_at": at}
        advance(held, "confirm", actor=by, comment=comment.strip(), changes=changes, at=at)
    adopt(run, held)


def _require_as_seen(held: EnjoyRun, seen: Seen | None) -> Seen:
    now = Seen.of(held)
    if seen not in (None, now):
        raise DomainError(_("名单刚才有变动，请核对下面的人数和金额后再办。"), code="stale")
    return now


def require_other_eyes(run: EnjoyRun, by: User) -> None:
    """Raises DomainError to whoever had a hand in the list."""
    if by.pk in hands_in(run):
        raise DomainError(_("发起、把关或排除过企业的人不能审定这份名单，请由另一人办理。"), code="four_eyes")


def require_outsider(by: User, candidates: EnjoyCandidateQuerySet) -> None:
    """Raises DomainError to a member of an enterprise among them, who stands back (回避)."""
    own = candidates.filter(enterprise__in=Membership.objects.current().filter(user=by).values("enterprise"))
    names = list(own.values_list("enterprise__name", flat=True)[:1])
    if names:
        raise DomainError(
            _("您是名单上“%(firm)s”的成员，须回避，请由其他同事办理。") % {"firm": names[0]}, code="own_firm"
        )


def hands_in(run: EnjoyRun) -> set[int | None]:
    """Ids of the people who began it, checked it, excluded somebody or put somebody back: one query."""
    chosen = EnjoyCandidateEvent.objects.filter(subject__run=run, name__in=("exclude", "restore"))
    excluding = chosen.values_list("actor", flat=True).distinct()
    return {run.started_by_id, run.reviewed_by_id, *excluding} - {None}


def cancel(run: EnjoyRun, reason: str, *, by: User, at: dt.datetime) -> None:
    """Give a list up: what was not accepted is offered no more, what was stays. Raises DomainError."""
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明取消原因，已通知的企业会看到。"), code="no_reason")
    with transaction.atomic():
        held = hold_run(run)
        require_review(by, held.item.department, *REVIEWING)
        advance(held, "cancel", actor=by, comment=reason, changes={"cancel_reason": reason}, at=at)
        if notice := getattr(held, "notice", None):
            type(notice).objects.filter(pk=notice.pk, ended_at=None).update(ended_at=at)
        for each in hold_open(held):
            event = advance(each, "lapse", actor=by, comment=reason, at=at, public=True)
            with in_language_of_record():
                title = _("免申即享已取消：%(item)s") % {"item": held.version.title}
                tell_enterprise(each, event, title, _("理由：%(reason)s") % {"reason": reason})
    adopt(run, held)
