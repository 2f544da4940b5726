"""An order with everybody who may be reminded of it, and a clock over a quiet week of March 2026."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from appeals import deadlines
from appeals.dispatching import Target, dispatch
from appeals.handling import accept
from appeals.models import OrderClock, WorkOrder
from portal.accounts.models import Officer
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    """A moment of 2026, local time."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Staff:
    """Those who have to do with an order of a department."""

    department: Any
    handler: Officer
    section_head: Officer
    head: Officer
    supervisor: Any

    @property
    def users(self) -> list[Any]:
        return [self.handler.user, self.section_head.user, self.head.user, self.supervisor]


def staff() -> Staff:
    """A department with a section, its heads, and a supervisor elsewhere."""
    department = DepartmentFactory()
    section = make.SectionFactory(department=department)
    return Staff(
        department,
        make.officer_with_user(department, section=section),
        make.officer_with_user(department, Role.LEADER, section=section, rank=Rank.SECTION_HEAD),
        make.officer_with_user(department, Role.LEADER, rank=Rank.HEAD),
        make.official(Role.SUPERVISOR),
    )


def in_hand(people: Staff, **fields: Any) -> WorkOrder:
    """An order that the handler has, with the one clock `clock_of`: due soon on 4 March, late on the 6th."""
    order = make.lead(make.file(**fields))
    section = people.handler.section
    dispatch(order, Target(people.department, section, handler=people.handler), by=None)
    accept(order, by=people.handler.user)
    OrderClock.objects.filter(order=order).delete()
    deadlines.begin(order, "single", at=at(3, 2))
    return order


def clock_of(order: WorkOrder) -> OrderClock:
    """Its clock, read anew."""
    return OrderClock.objects.get(order=order, target="single")
