"""Who is told of a clock of an application: who is to do the step, their leaders, then the supervisors.

Whoever is away is stood in for; whoever belongs to the firm that applies is not told (回避). Where nobody of
a level can be told, the next one is.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import Q

from enterprises.models import Membership
from policies.enums import Whom
from policies.models import Application, ApplicationClock, ReviewDelegation
from portal.accounts.models import Posting
from portal.accounts.roles import Role
from portal.notifications.models import Mailbox

UPWARDS: Final = (Whom.HANDLER, Whom.DEPARTMENT, Whom.SUPERVISOR)
TOLD: Final = (Role.REVIEWER, Role.LEADER, Role.SUPERVISOR)


class Recipients:
    """Those who may be told of any of the clocks on a day, read at once: five queries for any number.

    The clocks come with their `application`, its `item`, and the `opinion` they are of.
    """

    def __init__(self, clocks: Sequence[ApplicationClock], day: dt.date) -> None:
        departments = {_department(clock) for clock in clocks}
        self._posted = _postings(departments)
        self._substitutes = _substitutes(departments, day)
        users = {user for clock in clocks for whom in UPWARDS for user in self._people(clock, whom)}
        boxes = Mailbox.objects.filter(user__in=users, user__is_active=True)
        self._boxes = dict(boxes.values_list("user", "pk"))
        firms = {clock.application.enterprise_id for clock in clocks}
        members = Membership.objects.current(day).filter(enterprise__in=firms, user__in=users)
        self._members = set(members.values_list("enterprise", "user"))

    def of(self, clock: ApplicationClock, whom: str) -> dict[int, str]:
        """Mailboxes of that level, or of the first one above it that has any, each with its address."""
        for level in UPWARDS[UPWARDS.index(Whom(whom)) :]:
            firm, people = clock.application.enterprise_id, self._people(clock, level)
            found = {
                self._boxes[user]: url
                for user, url in people.items()
                if user in self._boxes and (firm, user) not in self._members
            }
            if found:
                return found
        return {}

    def _people(self, clock: ApplicationClock, whom: Whom) -> dict[int, str]:
        """Users by id, each with the address at which they look."""
        if whom == Whom.SUPERVISOR:
            places = self._posted[Role.SUPERVISOR, None]
            return {user: f"/desk/{place}/applications/figures/" for user, place in places}
        department = _department(clock)
        users = self._handlers(clock) if whom == Whom.HANDLER else self._on_duty(Role.LEADER, department)
        return dict.fromkeys(users, f"/desk/{department}/applications/{clock.application.number}/")

    def _handlers(self, clock: ApplicationClock) -> list[int]:
        """Of an opinion the department asked; of what was proposed who decides it; else the reviewer."""
        department, application = _department(clock), clock.application
        if clock.opinion_id is None and application.proposed_by_id is not None:
            found = self._on_duty(Role.LEADER, department)
            return [user for user in found if user != application.proposed_by_id]
        if clock.opinion_id is None and application.reviewer_id is not None:
            reviewer = self._present([application.reviewer_id], department)
            if reviewer and self._works(application, reviewer):
                return reviewer
        return self._on_duty(Role.REVIEWER, department)

    def _works(self, application: Application, users: Iterable[int]) -> bool:
        """Whether the reviewer still reviews there: whoever was moved elsewhere is not asked."""
        posted = {user for user, _place in self._posted[Role.REVIEWER, application.item.department_id]}
        return application.reviewer_id in posted and bool(users)

    def _on_duty(self, role: str, department: int) -> list[int]:
        return self._present([user for user, _place in self._posted[role, department]], department)

    def _present(self, users: Iterable[int], department: int) -> list[int]:
        """The users who are there, and the substitutes of those who are not."""
        found = [self._substitutes.get((department, user), [user]) for user in users]
        return list(dict.fromkeys(user for present in found for user in present))


def _department(clock: ApplicationClock) -> int:
    """The department that is to do the step."""
    if clock.opinion is not None:
        return clock.opinion.department_id
    return clock.application.item.department_id


Posted = dict[tuple[str, int | None], list[tuple[int, int]]]


def _postings(departments: set[int]) -> Posted:
    """(User, department) by role and department, the supervisors of the whole county."""
    rows = Posting.objects.filter(user__is_active=True, role__in=TOLD).order_by("pk")
    rows = rows.filter(Q(role=Role.SUPERVISOR) | Q(department__in=departments))
    posted: Posted = defaultdict(list)
    for role, department, user in rows.values_list("role", "department", "user"):
        posted[role, None if role == Role.SUPERVISOR else department].append((user, department))
    return posted


def _substitutes(departments: set[int], day: dt.date) -> dict[tuple[int, int], list[int]]:
    """Who stands in on the day, by department and who is away there."""
    rows = ReviewDelegation.objects.filter(
        department__in=departments, first_day__lte=day, last_day__gte=day, substitute__is_active=True
    )
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for department, away, substitute in rows.order_by("pk").values_list("department", "away", "substitute"):
        found[department, away].append(substitute)
    return dict(found)
