"""Who is told of a deadline: who has the order, or stands in; above them the leaders; then the supervisor.

Where nobody of a level can be told, the next level is. Officials of a department complained of never are.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from appeals.enums import ASSIGNED, OrderState, Whom
from appeals.models import ProviderMember, WorkOrder
from appeals.rota import Rota
from portal.accounts.models import Officer, Posting
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.notifications.models import Mailbox

UPWARDS: Final = (Whom.HANDLER, Whom.SECTION, Whom.DEPARTMENT, Whom.SUPERVISOR)
DESK: Final = (Role.DISPATCHER, Role.MEDIATOR, Role.SUPERVISOR)
AT_WORK: Final = (Role.HANDLER, Role.LEADER)
People = dict[int, str]
"""Users by id, each with the address at which they open the order."""


class Recipients:
    """Those who may be told of any of the orders on a day, read at once: a few queries for any number."""

    def __init__(self, orders: Sequence[WorkOrder], day: dt.date) -> None:
        departments = {order.department_id for order in orders if order.department_id}
        serving = Officer.objects.serving(day).filter(department__in=departments, rank__lte=Rank.HEAD)
        self._day = day
        self._officers = list(serving.order_by("-rank", "pk"))
        self._officer_of = {officer.user_id: officer for officer in self._officers}
        named = [officer for order in orders for officer in (order.handler, order.leader)]
        self._rota = Rota([*self._officers, *named], day, day)
        self._members = _members(orders)
        self._posted, self._homes = _postings(departments)
        self._boxes: dict[int, int] = {}
        users = {user for order in orders for whom in UPWARDS for user in self._people(order, whom)}
        self._boxes = dict(
            Mailbox.objects.filter(user__in=users, user__is_active=True).values_list("user", "pk")
        )

    def of(self, order: WorkOrder, whom: str) -> dict[int, str]:
        """Mailboxes of that level, or of the first one above it that has any, each with its address."""
        for level in UPWARDS[UPWARDS.index(Whom(whom)) :]:
            people = self._people(order, level)
            about = order.appeal.about_id
            found = {
                self._boxes[user]: url
                for user, url in people.items()
                if user in self._boxes and not (about and about in self._homes[user])
            }
            if found:
                return found
        return {}

    def _people(self, order: WorkOrder, whom: str) -> People:
        if whom == Whom.SUPERVISOR:
            return self._at_desk(order, Role.SUPERVISOR)
        if order.department_id is None or order.state not in ASSIGNED:
            return self._holders_elsewhere(order) if whom == Whom.HANDLER else {}
        if whom == Whom.HANDLER:
            users = self._handlers(order)
        elif whom == Whom.SECTION:
            users = self._section(order)
        else:
            users = self._department(order.department_id)
        return dict.fromkeys(users, f"/desk/{order.department_id}/orders/{order.pk}/")

    def _holders_elsewhere(self, order: WorkOrder) -> People:
        """A provider's people; of what nobody has, or was returned, those at the desk who are to decide."""
        if order.provider_id and order.state in ASSIGNED:
            url = f"/p/{order.provider_id}/orders/{order.pk}/"
            return dict.fromkeys(self._members[order.provider_id], url)
        deciding = Role.MEDIATOR if order.state == OrderState.MEDIATION else Role.DISPATCHER
        return self._at_desk(order, deciding)

    def _at_desk(self, order: WorkOrder, role: str) -> People:
        return {user: f"/desk/{place}/orders/{order.pk}/" for user, place in self._posted[role, None]}

    def _handlers(self, order: WorkOrder) -> list[int]:
        """The handler; without one who signs in, the responsible leader and all who handle there."""
        handler = self._present([order.handler])
        if handler:
            return handler
        return [*self._present([order.leader]), *self._on_duty(Role.HANDLER, order.department_id)]

    def _section(self, order: WorkOrder) -> list[int]:
        """The responsible leader, else whoever heads the section."""
        heads = [
            officer
            for officer in self._officers
            if officer.rank == Rank.SECTION_HEAD
            and officer.section_id is not None
            and officer.section_id == order.section_id
        ]
        return self._present([order.leader]) or self._present(heads)

    def _department(self, department: int) -> list[int]:
        """Who heads the department; without one who signs in, all posted there as leaders."""
        heads = [
            officer
            for officer in self._officers
            if officer.department_id == department and officer.rank >= Rank.DEPUTY
        ]
        first = next((found for found in map(self._present, ([one] for one in heads)) if found), [])
        return first or self._on_duty(Role.LEADER, department)

    def _on_duty(self, role: str, department: int | None) -> list[int]:
        """Users posted there in the role who are not known to be away."""
        posted = [user for user, _place in self._posted[role, department]]
        officers = {user: self._officer_of.get(user) for user in posted}
        return [user for user, one in officers.items() if one is None or self._present([one]) == [user]]

    def _present(self, officers: Iterable[Officer | None]) -> list[int]:
        """Users who do these officers' work on the day."""
        found = (self._rota.present(officer, self._day) for officer in officers)
        return [officer.user_id for officer in found if officer is not None and officer.user_id]


def _members(orders: Iterable[WorkOrder]) -> dict[int, list[int]]:
    """Users who act for the orders' providers."""
    providers = {order.provider_id for order in orders if order.provider_id}
    rows = ProviderMember.objects.filter(provider__in=providers, user__is_active=True)
    members: dict[int, list[int]] = defaultdict(list)
    for provider, user in rows.order_by("pk").values_list("provider", "user"):
        members[provider].append(user)
    return members


Posted = dict[tuple[str, int | None], list[tuple[int, int]]]


def _postings(departments: set[int]) -> tuple[Posted, dict[int, set[int]]]:
    """(User, department) by role and department, the desk's county-wide; and each user's departments."""
    rows = Posting.objects.filter(user__is_active=True).order_by("pk")
    posted: Posted = defaultdict(list)
    homes: dict[int, set[int]] = defaultdict(set)
    for role, department, user in rows.values_list("role", "department", "user"):
        homes[user].add(department)
        if role in DESK:
            posted[role, None].append((user, department))
        elif role in AT_WORK and department in departments:
            posted[role, department].append((user, department))
    return posted, homes
