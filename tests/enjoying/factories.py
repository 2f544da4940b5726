"""Enjoy runs for tests, led along their way by the services that lead them in the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import Enterprise
from enterprises.models.membership import MemberRole
from policies.enjoying import accepting, confirming, noticing, offering, runs
from policies.models import EnjoyCandidate, EnjoyPlan, EnjoyRun, ItemVersion, PayeeAccount
from policies.models.enjoying.vocabulary import Place
from policies.money import accounts
from tests.applying.factories import leader, now, reviewer
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, give_value
from tests.policies import factories as policies

__all__ = ["leader", "now", "reviewer"]

AMOUNT: dict[str, Any] = {
    "first": [
        {
            "when": {"fact": "employees", "period": "Y-1", "op": ">=", "value": "100", "unit": "人"},
            "then": {"fixed": "20", "unit": "万元"},
        },
        {"else": {"fixed": "10", "unit": "万元"}},
    ]
}
CONDITIONS: dict[str, Any] = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {"fact": "employees", "period": "Y-1", "op": ">=", "value": "10", "unit": "人"},
    ]
}
TEN_WAN = 10_000_000
"""Fen that a firm of fewer than a hundred gets."""


def last_year() -> int:
    """The year that the conditions ask about."""
    return timezone.localdate().year - 1


def version(**changes: Any) -> ItemVersion:
    """A published item that pays without an application: ten 万元, twenty from a hundred people on."""
    year = str((timezone.localdate() - dt.timedelta(days=30)).year - 1)
    examples = [
        {
            "name": "够格的",
            "facts": {"region": "500231", "employees": {year: "20"}},
            "verdict": "eligible",
        },
        {"name": "什么都不知道", "facts": {}, "verdict": "needs_info"},
        {"name": "外县的", "facts": {"region": "500230"}, "verdict": "ineligible"},
    ]
    given = {"mode": "enjoy", "benefit": "money", "rule_conditions": CONDITIONS, "rule_amount": AMOUNT}
    return policies.published(**given | {"rule_examples": examples} | changes)


def firm(employees: int | None = 20, **facts: Any) -> Enterprise:
    """A firm of the county of which the departments know how many it employs."""
    enterprise = EnterpriseFactory()
    give_value(enterprise, "region", text="500231101")
    if employees is not None:
        hire(enterprise, employees)
    for key, value in facts.items():
        give_value(enterprise, key, scaled=int(value))
    return enterprise


def hire(enterprise: Enterprise, employees: int, **columns: Any) -> None:
    """What is known of how many it employed last year; of today, as any correction is."""
    given = {"period": last_year(), "scaled": employees, "as_of": timezone.localdate()}
    give_value(enterprise, "employees", **given | columns)


def actor_for(enterprise: Enterprise, role: MemberRole = MemberRole.MANAGER) -> Actor:
    """Somebody of the enterprise."""
    membership = enterprise.memberships.select_related("user").first()
    membership = membership or MembershipFactory(enterprise=enterprise, role=role)
    return Actor(membership.user, enterprise, MemberRole(membership.role))


def account_of(enterprise: Enterprise) -> PayeeAccount:
    """The account that somebody of it gave."""
    actor = actor_for(enterprise)
    return accounts.give(actor, enterprise.name, "工商银行垫江支行", "6222020200112233445", at=now())


def begun(of: ItemVersion | None = None, **changes: Any) -> EnjoyRun:
    """A run of which nothing is worked off."""
    given: dict[str, Any] = {"by": None, "at": now()} | changes
    return runs.start((of or version()).item, **given)


def listed(of: ItemVersion | None = None, **changes: Any) -> EnjoyRun:
    """A run with its list."""
    run = begun(of, **changes)
    runs.work(run.pk)
    run.refresh_from_db()
    return run


def proposed(of: ItemVersion | None = None, **changes: Any) -> EnjoyRun:
    run = listed(of, **changes)
    confirming.propose(run, by=reviewer(), at=now())
    return run


def confirmed(of: ItemVersion | None = None, **changes: Any) -> EnjoyRun:
    run = proposed(of, **changes)
    confirming.confirm(run, by=leader(), at=now())
    return run


def noticed(of: ItemVersion | None = None, **changes: Any) -> EnjoyRun:
    run = confirmed(of, **changes)
    noticing.post_notice(run, by=leader(), at=now())
    return run


def offered(of: ItemVersion | None = None, **changes: Any) -> EnjoyRun:
    """A run whose enterprises were told, without a notice before."""
    of = of or version()
    EnjoyPlan.objects.update_or_create(item=of.item, defaults={"notice_days": 0})
    run = confirmed(of, **changes)
    offering.offer(run, by=leader(), at=now())
    return run


def candidate(run: EnjoyRun, enterprise: Enterprise | None = None) -> EnjoyCandidate:
    """The enterprise on the list; the only one that is in when none is named."""
    if enterprise is None:
        return run.candidates.get(place=Place.IN)
    return run.candidates.get(enterprise=enterprise)


def accepted(of: ItemVersion | None = None) -> EnjoyCandidate:
    """An enterprise that has taken its offer."""
    enterprise = firm()
    one = candidate(offered(of), enterprise)
    accepting.accept(one, actor_for(enterprise), account=account_of(enterprise).pk, at=now())
    return one
