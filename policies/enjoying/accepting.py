"""What an enterprise says to its offer: one click takes it, and makes the award, exactly once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.services.locks import take_turn
from policies.enjoying.confirming import require_outsider
from policies.enjoying.holding import hold_candidate, hold_run
from policies.enjoying.noticing import end_after
from policies.enjoying.rechecking import changes_since
from policies.enjoying.standing import require_standing
from policies.enjoying.telling import tell_enterprise, tell_officials
from policies.models import Award, EnjoyCandidate, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState, RunState
from policies.models.money.award import AwardSource
from policies.money import accounts
from policies.money.awards import NewAward, make_awards
from policies.reviewers import require_review
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from portal.accounts.models import User

LEAST_DAYS = 5
"""Working days that an enterprise has at least, after its objection was answered."""


def accept(candidate: EnjoyCandidate, actor: Actor, *, account: int, at: dt.datetime) -> Award:
    """Take the offer into the account (by id) that was looked at; the award, the same however often.

    Raises DomainError: nobody else's offer, not after its time, not when anything has changed since.
    """
    with transaction.atomic():
        held = _held(candidate, actor)
        if held.state == CandidateState.ACCEPTED and held.award is not None:
            adopt(candidate, held)
            return held.award
        run = held.run
        _require_open(held, at)
        require_standing(run)
        take_turn(f"award:{run.version.exclusivity_group or run.item.code}", held.enterprise_id)
        _require_unchanged(held, at)
        _require_account(actor, account)
        (award,) = make_awards([_award_of(held)], by=None, at=at)
        # one UPDATE: a second one in this transaction would want the run's lock, which officials take first
        changes = {"answered_by": actor.user, "answered_at": at, "account_id": account, "award": award}
        event = advance(held, "accept", actor=actor.user, changes=changes, at=at, public=True)
        with in_language_of_record():
            amount = format_money(award.amount_fen)
            title = _("已确认领取 %(amount)s，等待拨付") % {"amount": amount}
            tell_enterprise(
                held,
                event,
                title,
                _("“%(item)s”已进入拨付，到账前可随时查看走到哪一步。") % {"item": run.version.title},
            )
    adopt(candidate, held)
    return award


def decline(candidate: EnjoyCandidate, actor: Actor, reason: str, *, at: dt.datetime) -> None:
    """Do without it. Raises DomainError."""
    _answer(candidate, actor, "decline", reason, at)


def object_to(candidate: EnjoyCandidate, actor: Actor, reason: str, *, at: dt.datetime) -> None:
    """Say that something about it is wrong; the department answers, or takes it back. Raises DomainError."""
    _answer(candidate, actor, "object", reason, at)


def settle(candidate: EnjoyCandidate, words: str, *, by: User, at: dt.datetime) -> None:
    """Answer an enterprise's objection: the offer stands as it was, with time to think. Raises DomainError.

    What the objection is right about is put right by excluding it here, and listing it rightly next time.
    """
    words = words.strip()
    if not words:
        raise DomainError(_("请写明答复，企业会看到。"), code="says_nothing")
    with transaction.atomic():
        run = hold_run(candidate.run)
        held = hold_candidate(candidate)
        require_review(by, run.item.department, Role.REVIEWER)
        require_outsider(by, EnjoyCandidate.objects.filter(pk=held.pk))
        cleared = {"answered_by": None, "answered_at": None, "answer": ""}
        event = advance(held, "settle", actor=by, comment=words, changes=cleared, at=at, public=True)
        later = end_after(at, LEAST_DAYS)
        if run.state == RunState.OFFERED and run.offer_until is not None and run.offer_until < later:
            EnjoyRun.objects.filter(pk=run.pk).update(offer_until=later)
        with in_language_of_record():
            tell_enterprise(held, event, _("您对免申即享的异议已答复"), words)
    adopt(candidate, held)


def _answer(candidate: EnjoyCandidate, actor: Actor, name: str, reason: str, at: dt.datetime) -> None:
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明理由。"), code="no_reason")
    with transaction.atomic():
        held = _held(candidate, actor)
        _require_open(held, at)
        changes = {"answered_by": actor.user, "answered_at": at, "answer": reason}
        event = advance(held, name, actor=actor.user, comment=reason, changes=changes, at=at, public=True)
        with in_language_of_record():
            title = _("企业放弃免申即享") if name == "decline" else _("企业对免申即享有异议，请答复")
        body = f"{held.enterprise.name}：{reason}"
        tell_officials(held.run, event, title, Role.REVIEWER, body=body)
    adopt(candidate, held)


def _held(candidate: EnjoyCandidate, actor: Actor) -> EnjoyCandidate:
    held = hold_candidate(candidate)
    if held.enterprise_id != actor.enterprise.pk:
        raise DomainError(_("这不是本企业的免申即享，请切换企业后再办。"), code="not_yours")
    return held


def _require_open(held: EnjoyCandidate, at: dt.datetime) -> None:
    if held.state != CandidateState.OFFERED:
        raise DomainError(
            _("这笔免申即享现在是“%(state)s”，不能再办理。") % {"state": held.get_state_display()},
            code="not_offered",
        )
    if not held.run.takes_answers(at):
        raise DomainError(_("确认时间已过，需要的请联系主管部门。"), code="too_late")


def _require_unchanged(held: EnjoyCandidate, at: dt.datetime) -> None:
    changed = changes_since(held.run, [held], at).get(held.pk)
    if changed:
        words = "；".join(one["words"] for one in changed)
        raise DomainError(
            _("名单生成后情况有变（%(what)s），暂不能领取，请联系主管部门核实。") % {"what": words},
            code="changed",
        )


def _require_account(actor: Actor, account: int) -> None:
    current = accounts.current(actor.enterprise.pk)
    if current is None:
        raise DomainError(_("请先填写收款账户。"), code="no_account")
    if current.pk != account:
        raise DomainError(_("收款账户刚才换过，请核对后再点一次。"), code="account_changed")


def _award_of(held: EnjoyCandidate) -> NewAward:
    run = held.run
    return NewAward(
        item=run.item_id,
        enterprise=held.enterprise_id,
        period=run.period,
        version=run.version_id,
        amount_fen=held.amount_fen or 0,
        source=AwardSource.ENJOY,
        evidence=held.evidence
        | {
            "run": run.pk,
            "candidate": held.pk,
            "digest": held.digest,
            "rule_version": run.version.rule_version_id,
            "as_of": run.as_of,
            "known_at": run.known_at,
        },
        exclusivity_group=run.version.exclusivity_group,
    )
