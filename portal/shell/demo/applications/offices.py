"""Who reviews and who decides in the departments that own items or are asked for opinions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import cycle

from policies.applying.access import HERE
from policies.models import PolicyItem, ReviewDelegation
from portal.accounts.models import Department, Officer, Posting, User
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.shell.demo.registering import open_accounts

OWN = {"economy": ("reviewer", "leader")}
"""Departments in which people of the demo work: who reviews, who decides."""
ASKED = ("finance", "tax")
"""Departments that are asked where an item names none."""
AWAY = ((-1, 5, "外出培训"), (-12, 5, "年休假"), (6, 3, "到市局跟班学习"))
"""Days from the present to the first one away, how many, and why."""


@dataclass(frozen=True, slots=True)
class Office:
    """The review desk of one department."""

    department: Department
    reviewers: tuple[User, ...]
    leader: User


def open_offices(people: dict[str, User]) -> dict[str, Office]:
    """A review desk, by department code, for each that needs one; posts that exist stay."""
    items = PolicyItem.objects.filter(versions__mode__in=HERE)
    owners = set(items.values_list("department", flat=True))
    owners |= set(items.exclude(co_departments=None).values_list("co_departments", flat=True))
    wanted = Department.objects.filter(pk__in=owners) | Department.objects.filter(code__in=ASKED)
    return {each.code: _office(each, people) for each in wanted.distinct().order_by("pk")}


def arrange_substitutes(offices: dict[str, Office], today: dt.date) -> None:
    """In every office with two reviewers the second is away: this week, or it was last week, or it will be.

    The first stands in. What was arranged before stays.
    """
    with_two = [office for _code, office in sorted(offices.items()) if len(office.reviewers) > 1]
    for office, (since, days, reason) in zip(with_two, cycle(AWAY), strict=False):
        first_day = today + dt.timedelta(days=since)
        ReviewDelegation.objects.get_or_create(
            department=office.department,
            away=office.reviewers[1],
            substitute=office.reviewers[0],
            defaults={
                "first_day": first_day,
                "last_day": first_day + dt.timedelta(days=days - 1),
                "reason": reason,
            },
        )


def _office(department: Department, people: dict[str, User]) -> Office:
    officers = list(department.officers.select_related("user").order_by("pk"))
    staff = [each.user for each in officers if each.rank == Rank.STAFF and each.user is not None]
    reviewers, leader = staff[:2], None
    if department.code in OWN:
        own, decider = OWN[department.code]
        reviewers, leader = [people[own], *staff[:1]], people[decider]
    leader = leader or _deputy(department, officers)
    for user, role in [*((each, Role.REVIEWER) for each in reviewers), (leader, Role.LEADER)]:
        Posting.objects.get_or_create(user=user, department=department, role=role)
    return Office(department, tuple(reviewers), leader)


def _deputy(department: Department, officers: list[Officer]) -> User:
    """The account of the first deputy, opened when there is none."""
    username = f"{department.code.replace('_', '-')}-deputy"
    there = User.objects.filter(username=username).first()
    if there is not None:
        return there
    name = next(each.name for each in officers if each.rank == Rank.DEPUTY)
    (user,) = open_accounts([(username, name)], staff=True)
    return user
