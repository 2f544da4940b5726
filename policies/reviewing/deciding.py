"""Proposing and deciding: two people, an amount within what was judged, and a notice where money is given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from matching.plain.evaluate import Verdict
from policies.applying import deadlines
from policies.applying.sending import hold
from policies.applying.telling import tell_enterprise, tell_leaders, tell_reviewers
from policies.enums import ApplicationState, Benefit, Outcome
from policies.models import Application, ApplicationEvent, Evidence, PublicNotice
from policies.money.awards import award_application
from policies.reviewers import REVIEWING, require_case
from policies.reviewing import exclusive
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.kernel.transitions import adopt, advance

FAR_BELOW: Final = 10
"""What is below this part of the most that may be approved is told why: often a unit was mistaken."""

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a reviewer proposes; `amount_fen` None where the item gives no money."""

    outcome: str
    amount_fen: int | None = None
    clause: str = ""
    reason: str = ""


def propose(application: Application, proposal: Proposal, *, by: User, at: dt.datetime) -> None:
    """Propose a decision to whoever decides. Raises DomainError."""
    with transaction.atomic():
        held = hold(application)
        require_case(by, held, Role.REVIEWER)
        _check(held, proposal)
        changes = {
            "outcome": proposal.outcome,
            "amount_fen": proposal.amount_fen,
            "clause": proposal.clause.strip(),
            "reason": proposal.reason.strip(),
            "proposed_by": by,
        }
        event = advance(held, "propose", actor=by, comment=words_of(held, proposal), changes=changes, at=at)
        deadlines.begin(held, "decide", at=at)
        with in_language_of_record():
            tell_leaders(held, event, _("申报待审定"))
    adopt(application, held)


def rework(application: Application, reason: str, *, by: User, at: dt.datetime) -> None:
    """Send a proposal, or a notice with a sound objection, back to the reviewer. Raises DomainError."""
    if not reason.strip():
        raise DomainError(_("请写明退回原因，方便审核人修改。"), code="no_reason")
    with transaction.atomic():
        held = hold(application)
        _require_decider(held, by)
        event = _undo(held, reason.strip(), by, at)
        with in_language_of_record():
            tell_reviewers(held, event, _("审定退回，请重新审核"))
    adopt(application, held)


def take_back(application: Application, *, by: User, at: dt.datetime) -> None:
    """Who proposed takes it back while nobody has decided or put it on the notice. Raises DomainError."""
    with transaction.atomic():
        held = hold(application)
        require_case(by, held, Role.REVIEWER)
        if held.state != ApplicationState.PROPOSED:
            raise DomainError(_("意见已经审定或公示，不能收回，请由审定人退回重审。"), code="too_late")
        if held.proposed_by_id != by.pk:
            raise DomainError(_("只有拟定意见的人能收回。"), code="not_yours")
        _undo(held, _("拟定人收回意见，重新拟定"), by, at)
    adopt(application, held)


def countersign(application: Application, words: str, *, by: User, at: dt.datetime) -> None:
    """A leader stands in for an amount that no rule bounds, and says why it is right. Raises DomainError."""
    if not words.strip():
        raise DomainError(_("请写明为什么这个金额合适。"), code="no_reason")
    with transaction.atomic():
        held = hold(application)
        require_case(by, held, Role.LEADER)
        if not wants_countersign(held):
            raise DomainError(_("这件申报不需要加签，或者已经加签，请刷新页面。"), code="not_wanted")
        if held.proposed_by_id == by.pk:
            raise DomainError(_("拟定意见的人不能自己加签，请由另一位负责人办理。"), code="four_eyes")
        Application.objects.filter(pk=held.pk).update(countersigned_by=by)
        held.countersigned_by = by
        held.events.create(
            actor=by,
            at=at,
            name="countersign",
            source=held.state,
            target=held.state,
            comment=f"{format_money(held.amount_fen or 0)}；{words.strip()}",
        )
    adopt(application, held)


def post_notice(application: Application, *, by: User, at: dt.datetime) -> PublicNotice:
    """Put a proposed approval on the public page for the days of a notice. Raises DomainError."""
    with transaction.atomic():
        held = hold(application)
        _require_decider(held, by)
        if held.outcome != Outcome.APPROVE:
            raise DomainError(_("只有拟同意的申报才公示。"), code="not_approval")
        _require_countersigned(held)
        event = advance(held, "notice", actor=by, public=True, at=at)
        deadlines.meet(held, "decide", at=at)
        clock = deadlines.begin(held, "notice", at=at)
        notice = PublicNotice.objects.create(
            application=held,
            amount_fen=held.amount_fen,
            opened_at=at,
            closes_at=clock.due_at,
            opened_by=by,
        )
        deadlines.reckon(held)
        with in_language_of_record():
            tell_enterprise(held, event, _("申报拟同意，正在公示"))
    adopt(application, held)
    return notice


def approve(application: Application, *, by: User, at: dt.datetime, comment: str = "") -> None:
    """Decide as proposed: approved, and owed where it gives money. Raises DomainError before a notice is
    over, its objections answered."""
    with transaction.atomic():
        held = hold(application)
        _require_decider(held, by)
        _require_notice_over(held, at)
        _require_countersigned(held)
        _decide(held, "approve", by, comment, at)
        if held.version.benefit == Benefit.MONEY:
            exclusive.require_nothing_new(held, since=held.events.filter(name="propose").latest("pk").at)
        award_application(held, by=by, at=at)
        with in_language_of_record():
            title = _("申报已通过")
            if held.amount_fen:
                title = _("申报已通过，核定 %(amount)s") % {"amount": format_money(held.amount_fen)}
        tell_enterprise(held, held.events.latest("pk"), title)
    adopt(application, held)


def refuse(application: Application, *, by: User, at: dt.datetime, comment: str = "") -> None:
    """Decide as proposed: refused, with clause, reason and how to contest it. Raises DomainError."""
    with transaction.atomic():
        held = hold(application)
        _require_decider(held, by)
        if held.outcome != Outcome.REFUSE:
            raise DomainError(_("拟定意见是同意，不能直接不予支持，请退回重审。"), code="not_refusal")
        _decide(held, "refuse", by, comment, at)
        with in_language_of_record():
            tell_enterprise(
                held,
                held.events.latest("pk"),
                _("申报未获支持"),
                _("依据：%(clause)s。理由：%(reason)s") % {"clause": held.clause, "reason": held.reason},
            )
    adopt(application, held)


def needs_notice(application: Application) -> bool:
    """Whether a notice comes before an approval: wherever money is given."""
    return application.version.benefit == Benefit.MONEY


def most_of(application: Application, evidence: Evidence) -> int | None:
    """The most that may be approved, in fen: what was judged, else what the item gives anybody at all.

    None where the rule sets no bound to either: then a leader countersigns (see `countersign`).
    """
    known = evidence.amount_high
    return application.version.amount_max_fen if known is None else known


def wants_countersign(application: Application) -> bool:
    """Whether an amount is proposed that no rule bounds, and no leader has signed it yet; one query."""
    if application.amount_fen is None or application.countersigned_by_id is not None:
        return False
    if application.state != ApplicationState.PROPOSED:
        return False
    return most_of(application, application.evidence.latest("number")) is None


def words_of(application: Application, proposal: Proposal) -> str:
    """The proposal in one line, as it stands in the history."""
    parts = [str(Outcome(proposal.outcome).label)]
    if proposal.amount_fen is not None:
        parts.append(format_money(proposal.amount_fen))
    parts += [text.strip() for text in (proposal.clause, proposal.reason) if text.strip()]
    return "；".join(parts)


def _check(held: Application, proposal: Proposal) -> None:
    if proposal.outcome == Outcome.REFUSE:
        if not proposal.clause.strip() or not proposal.reason.strip():
            raise DomainError(_("不予支持须写明依据条款和理由。"), code="no_reason")
        if proposal.amount_fen is not None:
            raise DomainError(_("不予支持没有核定金额。"), code="amount_unwanted")
        return
    if proposal.outcome != Outcome.APPROVE:
        raise DomainError(_("请选择同意或不予支持。"), code="no_outcome")
    evidence = held.evidence.latest("number")
    if evidence.verdict == Verdict.INELIGIBLE and not proposal.reason.strip():
        raise DomainError(_("提交时按数据有条件没有达到，拟同意须写明理由。"), code="ineligible")
    if held.version.benefit == Benefit.MONEY:
        exclusive.require_reason(held, proposal.reason)
        _check_amount(held, evidence, proposal)
    elif proposal.amount_fen is not None:
        raise DomainError(_("这项政策不发放资金，没有核定金额。"), code="amount_unwanted")


def _check_amount(held: Application, evidence: Evidence, proposal: Proposal) -> None:
    if proposal.amount_fen is None:
        raise DomainError(_("请填写核定金额。"), code="amount_missing")
    most = most_of(held, evidence)
    if most is not None and proposal.amount_fen > most:
        words = _("核定金额不能超过按规则算出的上限 %(most)s。")
        if evidence.amount_high is None:
            words = _("核定金额不能超过这项政策的最高金额 %(most)s。")
        raise DomainError(words % {"most": format_money(most)}, code="amount_over")
    if proposal.reason.strip():
        return
    if evidence.amount_low is not None and proposal.amount_fen < evidence.amount_low:
        raise DomainError(_("核定金额低于按规则算出的金额，请写明理由。"), code="amount_under")
    if most is not None and proposal.amount_fen * FAR_BELOW < most:
        words = _("核定金额 %(amount)s 远低于按规则算出的上限 %(most)s，请核对单位；确实如此的，请写明理由。")
        amounts = {"amount": format_money(proposal.amount_fen), "most": format_money(most)}
        raise DomainError(words % amounts, code="amount_far_under")


def _undo(held: Application, words: str, by: User, at: dt.datetime) -> ApplicationEvent:
    """Back to reviewing: nothing is proposed, no notice runs."""
    cleared: dict[str, Any] = {"outcome": "", "amount_fen": None, "clause": "", "reason": ""}
    cleared |= {"proposed_by": None, "countersigned_by": None}
    event: ApplicationEvent = advance(held, "rework", actor=by, comment=words, changes=cleared, at=at)
    held.public_notices.filter(ended_at=None).update(ended_at=at)
    deadlines.lapse(held, "notice", at=at)
    deadlines.meet(held, "decide", "notice", "confirm", at=at)
    deadlines.reckon(held)
    return event


def _require_decider(held: Application, by: User) -> None:
    require_case(by, held, *REVIEWING)
    if held.proposed_by_id == by.pk:
        raise DomainError(_("拟定意见的人不能自己审定，请由另一人办理。"), code="four_eyes")


def _require_countersigned(held: Application) -> None:
    if wants_countersign(held):
        raise DomainError(
            _("规则没有给出金额上限，须先由负责人（不是拟定人）加签。"), code="countersign_first"
        )


def _require_notice_over(held: Application, at: dt.datetime) -> None:
    if held.state != ApplicationState.NOTICED:
        if needs_notice(held):
            raise DomainError(_("资金奖补须先公示。"), code="notice_first")
        return
    notice = held.public_notices.get(ended_at=None)
    if at < notice.closes_at:
        raise DomainError(_("公示还没有结束，结束后才能审定。"), code="notice_runs")
    if notice.objections.filter(answer="").exists():
        raise DomainError(_("还有异议没有处理，处理后才能审定。"), code="objections_open")


def _decide(held: Application, name: str, by: User, comment: str, at: dt.datetime) -> None:
    changes = {"decided_by": by, "decided_at": at}
    advance(held, name, actor=by, comment=comment.strip(), changes=changes, public=True, at=at)
    held.public_notices.filter(ended_at=None).update(ended_at=at)
    deadlines.lapse(held, "notice", at=at)
    deadlines.stop(held, at=at)
