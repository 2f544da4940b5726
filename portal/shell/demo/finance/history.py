"""The whole of it: from people and a moment to loans in every state."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import Enterprise, Fact, Membership
from enterprises.models.membership import MANAGING, MemberRole
from finance.models import LoanClock, ProductVersion
from finance.seeding import seed_products
from portal.accounts.models import User
from portal.kernel.workdays import Calendar
from portal.shell.demo.appeals.hours import Hours
from portal.shell.demo.finance.bankers import appoint_bankers
from portal.shell.demo.finance.pools import OPENED, Cover, tell_losses
from portal.shell.demo.finance.recommending import recommend
from portal.shell.demo.finance.stories import FIRMS, Planner, Story
from portal.shell.demo.finance.telling import SHARED, Teller
from portal.shell.demo.registering import open_accounts
from portal.shell.demo.showcase import HUBS, LESSONS


def tell_loans(people: dict[str, User], now: dt.datetime, *, seed: int, lent: int = FIRMS) -> int:
    """About half a year of loans up to `now`, `lent` firms being lent; how many applications.

    A share of them goes into the two model pools, with claims; one whitelist goes to banks. Banks and
    products are put on offer where there are none. Not in a transaction.
    """
    seed_products(editor=people["editor"], publisher=people["publisher"], at=now - OPENED)
    bankers = appoint_bankers(people, timezone.localdate(now))
    dice = random.Random(seed)  # noqa: S311 - a reproducible history
    versions = list(ProductVersion.objects.offered().select_related("product__bank").order_by("pk"))
    firms = _firms(dice)
    planner = Planner(firms, versions, Hours(Calendar.load()), now)
    stories = [*planner.stories(lent), *_shown(planner)]
    actors = _actors({story.enterprise for story in stories})
    facts = list(Fact.objects.filter(key__in=SHARED).values_list("key", flat=True))
    teller = Teller(actors, bankers, facts, now, dice)
    teller.cover = cover = Cover(now)
    told = teller.tell(stories)
    tell_losses(cover.pools[0], people, bankers, now)
    recommend(people, bankers)
    LoanClock.objects.mark(now)
    return told


SHOWN: Final = ((HUBS, "due_diligence"), (HUBS, "lent"), (LESSONS, "lapsed"))
"""What the two firms that the demo signs in for have: one examined, one lent, one that nobody answered."""


def _shown(planner: Planner) -> list[Story]:
    own = dict(Enterprise.objects.filter(uscc__in=(HUBS, LESSONS)).values_list("uscc", "pk"))
    return [planner.one_for(own[uscc], target) for uscc, target in SHOWN if uscc in own]


def _firms(dice: random.Random) -> list[int]:
    """Companies that may borrow, in an order of their own."""
    rows = Enterprise.objects.in_business().filter(entity_type="company").exclude(uscc__in=(HUBS, LESSONS))
    members = Membership.objects.current().exclude(role__in=MANAGING)
    found = list(
        rows.exclude(pk__in=members.values("enterprise")).order_by("pk").values_list("pk", flat=True)
    )
    dice.shuffle(found)
    return found


def _actors(ids: Iterable[int]) -> dict[int, Actor]:
    """Somebody to sign for each enterprise; its owner gets an account where nobody has one."""
    firms = {each.pk: each for each in Enterprise.objects.filter(pk__in=ids).order_by("pk")}
    members = (
        Membership.objects.current().filter(enterprise__in=firms, role__in=MANAGING).select_related("user")
    )
    found = {each.enterprise_id: each for each in members.order_by("-pk")}
    lonely = [each for each in firms.values() if each.pk not in found]
    known = {
        user.username: user
        for user in User.objects.filter(username__in=[f"e-{each.uscc}" for each in lonely])
    }
    fresh = [each for each in lonely if f"e-{each.uscc}" not in known]
    opened = open_accounts((f"e-{each.uscc}", each.legal_person) for each in fresh)
    known |= {user.username: user for user in opened}
    made = Membership.objects.bulk_create(
        Membership(enterprise=firm, user=known[f"e-{firm.uscc}"], role=MemberRole.LEGAL_REPRESENTATIVE)
        for firm in lonely
    )
    found |= {each.enterprise_id: each for each in made}
    return {pk: Actor(found[pk].user, firm, MemberRole(found[pk].role)) for pk, firm in firms.items()}
