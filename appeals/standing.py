"""Warning and removal of providers by rule, and lifting either by hand.

A removed provider keeps its live orders and gets no new ones. Once lifted, only later ratings count for the
rules, so that the next night does not undo what an official decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import Standing
from appeals.models import Provider, ProviderEvent, ProviderMember, ProviderRule
from appeals.ratings import Score, scores
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance
from portal.notifications.services import Draft, send_messages

STEPS = ((Standing.REMOVED, "remove"), (Standing.WARNED, "warn"))
"""What a rule does, the harder first."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many a review warned and removed."""

    warned: int = 0
    removed: int = 0


def review_standings() -> Reviewed:
    """Warn and remove whom the rules say. Safe to repeat: who stands there already is left alone."""
    rules = {rule.standing: rule for rule in ProviderRule.objects.all()}
    found = scores(since_lifted=True)
    done: dict[str, int] = {}
    for provider in Provider.objects.filter(pk__in=found).order_by("pk"):
        rule = _rule_for(found[provider.pk], rules)
        if rule is None or not _may(provider, Standing(rule.standing)):
            continue
        if _judge(provider, rule, found[provider.pk]):
            done[rule.standing] = done.get(rule.standing, 0) + 1
    return Reviewed(done.get(Standing.WARNED, 0), done.get(Standing.REMOVED, 0))


def lift(provider: Provider, reason: str, *, by: User) -> ProviderEvent:
    """Take a warned or removed provider back, with a reason. Raises DomainError without one."""
    if not reason.strip():
        raise DomainError(_("请写明恢复的理由。"), code="reason_missing")
    with transaction.atomic():
        changes = {"standing_reason": "", "lifted_at": timezone.now()}
        event: ProviderEvent = advance(provider, "lift", actor=by, comment=reason.strip(), changes=changes)
        with in_language_of_record():
            _tell(provider, event, _("已恢复正常接单"))
    return event


def warn(provider: Provider, reason: str, *, by: User | None) -> ProviderEvent:
    """Warn a provider; `by` None is the rule. Raises DomainError without a reason."""
    return _punish(provider, "warn", reason, by)


def remove(provider: Provider, reason: str, *, by: User | None) -> ProviderEvent:
    """Remove a provider from the pool; `by` None is the rule. Raises DomainError without a reason."""
    return _punish(provider, "remove", reason, by)


def _rule_for(score: Score, rules: dict[str, ProviderRule]) -> ProviderRule | None:
    for standing, _name in STEPS:
        rule = rules.get(standing)
        if (
            rule
            and score.exact is not None
            and score.most >= rule.orders
            and score.exact < Fraction(rule.below)
        ):
            return rule
    return None


def _may(provider: Provider, standing: Standing) -> bool:
    """Whether the step is still ahead."""
    return provider.standing != standing and provider.standing != Standing.REMOVED


def _judge(provider: Provider, rule: ProviderRule, score: Score) -> bool:
    reason = _("综合 %(stars)s 星，低于 %(below)s 星（%(count)d 次评价）") % {
        "stars": score.stars,
        "below": rule.below,
        "count": score.count,
    }
    try:
        _punish(provider, dict(STEPS)[Standing(rule.standing)], reason, None)
    except DomainError:
        return False  # an official was faster
    return True


def _punish(provider: Provider, name: str, reason: str, by: User | None) -> ProviderEvent:
    if not reason.strip():
        raise DomainError(_("请写明原因，机构会看到。"), code="reason_missing")
    with transaction.atomic():
        event: ProviderEvent = advance(
            provider,
            name,
            actor=by,
            comment=reason.strip(),
            changes={"standing_reason": reason.strip()[:300]},
        )
        with in_language_of_record():
            words = _("已被预警") if name == "warn" else _("已下架：在办工单请继续办完，不再接新单")
        _tell(provider, event, words)
    return event


@in_language_of_record()
def _tell(provider: Provider, event: ProviderEvent, words: str) -> None:
    members = ProviderMember.objects.filter(provider=provider, user__mailbox__isnull=False)
    send_messages(
        Draft(
            mailbox=mailbox,
            key=f"standing:{event.pk}",
            kind="appeal",
            title=f"{provider.name}{words}",
            body=event.comment,
            url=f"/p/{provider.pk}/hall/",
            payload={"outside": ""},
        )
        for mailbox in members.order_by("pk").values_list("user__mailbox", flat=True)
    )
