"""Two lists of the demo: one offered to nineteen enterprises, taken by some; one that is to be confirmed."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models import Enterprise, Membership
from enterprises.models.membership import MANAGING, MemberRole
from policies.enjoying import accepting, confirming, noticing, offering, runs
from policies.models import EnjoyPlan, EnjoyRun, PolicyItem
from policies.models.enjoying.vocabulary import Every, RunState
from policies.money import accounts
from portal.accounts.models import Posting, User
from portal.accounts.roles import Role
from portal.shell.demo.registering import open_accounts
from portal.shell.demo.showcase import HUBS

OFFERED: Final = "ZL-XIANDAI-DF"
WAITING: Final = "SG-WENGUI"
TAKEN: Final = 8
BANKS: Final = (
    "中国农业银行垫江支行",
    "重庆农村商业银行垫江支行",
    "中国工商银行垫江支行",
    "中国建设银行垫江支行",
)


def enjoy(people: dict[str, User], now: dt.datetime) -> int:
    """Lead both lists as far as they go; how many enterprises stand on them. A missing item is left out."""
    items = {item.code: item for item in PolicyItem.objects.filter(code__in=(OFFERED, WAITING))}
    for user, role in ((people["reviewer"], Role.REVIEWER), (people["leader"], Role.LEADER)):
        for item in items.values():
            Posting.objects.get_or_create(user=user, department=item.department, role=role)
    found = 0
    if OFFERED in items:
        found += _offered(items[OFFERED], people, now)
    if WAITING in items:
        found += _waiting(items[WAITING], people, now)
    return found


def _offered(item: PolicyItem, people: dict[str, User], now: dt.datetime) -> int:
    EnjoyPlan.objects.get_or_create(item=item, defaults={"every": Every.YEAR, "month": 11, "day": 1})
    begun = max(now - dt.timedelta(days=16), timezone.localtime(now).replace(month=1, day=2, hour=9))
    run = _listed(item, begun)
    if not run.candidates.standing().exists():
        return 0
    _confirmed(run, people, begun)
    notice = noticing.post_notice(run, by=people["leader"], at=begun + dt.timedelta(days=1, hours=1))
    if notice.closes_at < now:
        offering.offer(run, by=None, at=notice.closes_at)
        _take(run, people, notice.closes_at)
    return run.candidates.standing().count()


def _waiting(item: PolicyItem, people: dict[str, User], now: dt.datetime) -> int:
    run = _listed(item, now - dt.timedelta(hours=3))
    if run.candidates.standing().exists():
        words = "已与统计、税务数据比对"
        confirming.propose(run, by=people["reviewer"], at=now - dt.timedelta(hours=1), comment=words)
    return run.candidates.standing().count()


def _listed(item: PolicyItem, at: dt.datetime) -> EnjoyRun:
    run = runs.start(item, by=None, at=at)
    runs.work(run.pk, at + dt.timedelta(minutes=1))
    run.refresh_from_db()
    if run.state != RunState.LISTED:
        raise RuntimeError(run.error)
    return run


def _confirmed(run: EnjoyRun, people: dict[str, User], begun: dt.datetime) -> None:
    checked = begun + dt.timedelta(hours=5)
    confirming.propose(run, by=people["reviewer"], at=checked, comment="已逐户核对评定名单")
    confirming.confirm(run, by=people["leader"], at=begun + dt.timedelta(days=1))


def _take(run: EnjoyRun, people: dict[str, User], offered: dt.datetime) -> None:
    """The first few give an account and take theirs; finance checks most names. The hubs have yet to."""
    others = run.candidates.standing().exclude(enterprise__uscc=HUBS).select_related("enterprise")
    for number, candidate in enumerate(others.order_by("rank")[:TAKEN]):
        at = offered + dt.timedelta(hours=2 + 3 * number)
        firm = candidate.enterprise
        actor = _actor(firm)
        account = accounts.give(actor, firm.name, BANKS[number % len(BANKS)], f"6228{firm.pk:015d}", at=at)
        accepting.accept(candidate, actor, account=account.pk, at=at)
        if number < TAKEN - 2:
            accounts.check(account, "matched", by=people["preparer"], at=at + dt.timedelta(hours=1))


def _actor(firm: Enterprise) -> Actor:
    """Somebody who manages it; its owner gets an account where nobody has one."""
    members = Membership.objects.current().filter(enterprise=firm, role__in=MANAGING).select_related("user")
    found = members.order_by("pk").first()
    if found is None:
        (user,) = open_accounts([(f"e-{firm.uscc}-owner", firm.legal_person)])
        role = MemberRole.LEGAL_REPRESENTATIVE
        found = Membership.objects.create(enterprise=firm, user=user, role=role)
    return Actor(found.user, found.enterprise, MemberRole(found.role))
