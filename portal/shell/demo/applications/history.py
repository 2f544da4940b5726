"""The whole of it: from people and a moment to applications in every state, by the services themselves."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from django.db import transaction
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import Enterprise, Membership
from enterprises.models.membership import MemberRole
from policies.enums import ApplicationState
from policies.models import ApplicationClock
from policies.reviewing.notices import end_notices
from portal.accounts.models import User
from portal.kernel.workdays import Calendar
from portal.shell.demo.appeals.hours import Hours
from portal.shell.demo.applications.claimants import Claims, claimable
from portal.shell.demo.applications.offices import OWN, arrange_substitutes, open_offices
from portal.shell.demo.applications.routes import RIPE, SHARES, Step, Timeline, route
from portal.shell.demo.applications.showcase import SHOWN
from portal.shell.demo.applications.walk import County, Walk
from portal.shell.demo.chance import pick
from portal.shell.demo.registering import open_accounts
from portal.shell.demo.showcase import HUBS, LESSONS

WORDS: Final = Path(__file__).parent / "words.yaml"
TRIES: Final = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is to claim what, how far, and when."""

    enterprise: int
    claims: Claims
    target: str
    steps: list[Step]


def tell_applications(people: dict[str, User], now: dt.datetime, *, seed: int, count: int) -> int:
    """About `count` applications up to `now`; how many there are."""
    today = timezone.localdate(now)
    with transaction.atomic():
        words: dict[str, list[Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
        county = County(open_offices(people), words, now)
        arrange_substitutes(county.offices, today)
        dice = random.Random(seed)  # noqa: S311 - a reproducible history
        plans = Planner(claimable(today), Timeline(Hours(Calendar.load()), now, dice)).plans(count)
        actors = _actors({plan.enterprise for plan in plans}, people)
        for number, plan in enumerate(plans):
            own = random.Random(f"{seed}:{number}")  # noqa: S311
            phone = f"1990001{number % 10_000:04d}"
            actor = actors[plan.enterprise]
            Walk(county, actor, plan.claims.version, plan.target, plan.steps, own, phone).go()
        end_notices(now)
        ApplicationClock.objects.mark(now)
    return len(plans)


class Planner:
    """Draws plans: nobody claims the same twice."""

    def __init__(self, claims: list[Claims], timeline: Timeline) -> None:
        self.claims = {each.version.item.code: each for each in claims}
        self.timeline = timeline
        self.dice = timeline.dice
        self.today = timezone.localdate(timeline.now)
        self.taken: set[tuple[int, str]] = set()
        self.shown = dict(Enterprise.objects.filter(uscc__in=(HUBS, LESSONS)).values_list("uscc", "pk"))

    def plans(self, count: int) -> list[Plan]:
        """In the order in which they were started: numbers rise with time."""
        found = [*self._shown(), *self._drawn(count)] if self.claims else []
        return sorted(found, key=lambda plan: (plan.steps[0].at, plan.enterprise))

    def _shown(self) -> Iterator[Plan]:
        for each in SHOWN:
            claims, enterprise = self.claims.get(each.item), self.shown.get(each.uscc)
            if claims is not None and enterprise is not None:
                steps = self.timeline.steps(list(each.names), each.target, 18)
                yield Plan(enterprise, claims, each.target, steps)

    def _drawn(self, count: int) -> Iterator[Plan]:
        whole = sum(share for _state, share in SHARES)
        for state, share in SHARES:
            for number in range(max(1, round(share * count / whole))):
                plan = self._one(state, own=number == 0)
                if plan is not None:
                    yield plan
        ripe = (self._one(ApplicationState.NOTICED, own=True, ripe=True) for _one in range(RIPE))
        yield from filter(None, ripe)

    def _one(self, target: str, *, own: bool, ripe: bool = False) -> Plan | None:
        """One that fits, `own`: of a department of the demo's people; nothing when none is found.

        `ripe`: its notice is over, and nobody objected.
        """
        every = self.claims.values()
        near = [each for each in every if each.version.item.department.code in OWN]
        weighted = [(each, each.weight) for each in (near if own and near else every)]
        for _try in range(TRIES):
            claims = pick(self.dice, weighted)
            most = self.timeline.hours.calendar.workdays_between(claims.since, self.today) - 2
            names = [name for name in route(target, self.dice) if not (ripe and name == "object")]
            steps = self.timeline.steps(names, target, most, ripe=ripe)
            day = timezone.localdate(steps[0].at)
            able = claims.claimants(day) if day >= claims.since else ()
            if not able:
                continue
            enterprise = self.dice.choice(able)
            key = (enterprise, claims.version.item.code)
            if key not in self.taken and enterprise not in self.shown.values():
                self.taken.add(key)
                return Plan(enterprise, claims, target, steps)
        return None


def _actors(ids: Iterable[int], people: dict[str, User]) -> dict[int, Actor]:
    """Somebody to act for each enterprise; its owner gets an account where nobody has one."""
    firms = {each.pk: each for each in Enterprise.objects.filter(pk__in=ids).order_by("pk")}
    members = Membership.objects.current().filter(enterprise__in=firms).select_related("user")
    found = {each.enterprise_id: each for each in members.order_by("-pk")}
    lonely = [each for each in firms.values() if each.pk not in found]
    users = open_accounts((f"e-{each.uscc}", each.legal_person) for each in lonely)
    made = Membership.objects.bulk_create(
        Membership(enterprise=firm, user=user, role=MemberRole.LEGAL_REPRESENTATIVE)
        for firm, user in zip(lonely, users, strict=True)
    )
    found |= {each.enterprise_id: each for each in made}
    return {pk: Actor(found[pk].user, firm, MemberRole(found[pk].role)) for pk, firm in firms.items()}
