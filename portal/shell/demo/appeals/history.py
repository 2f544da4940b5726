"""The whole of it: from people and a moment to appeals in the database."""

import datetime as dt
import random

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from appeals.doorbell import ring_for_suggestions
from appeals.enums import OrderKind, OrderState
from appeals.models import Appeal
from appeals.standing import review_standings
from portal.accounts.models import User
from portal.shell.demo.appeals.county import County, Staff
from portal.shell.demo.appeals.writing import analyze, write
from portal.shell.demo.appeals.year import write_year


def waiting() -> models.QuerySet[Appeal]:
    """Appeals that a dispatcher has to hand out."""
    held = Q(orders__kind=OrderKind.LEAD, orders__state__in=(OrderState.WAITING, OrderState.RETURNED))
    return Appeal.objects.filter(held).order_by("pk")


def live_a_year(people: dict[str, User], now: dt.datetime, *, seed: int, count: int) -> int:
    """About `count` appeals of the year before `now`; how many there are. Not inside a transaction."""
    today = timezone.localdate(now)
    with transaction.atomic():
        staff = Staff(today - dt.timedelta(days=370), today)
        dice = random.Random(seed)  # noqa: S311 - a reproducible year
        county = County.load(people, staff, dice, firms=max(40, count // 2))
        written = write(write_year(county, now, seed=seed, count=count))
        review_standings()
        for appeal in waiting().values_list("pk", flat=True):
            ring_for_suggestions(appeal)  # the worker computes them as soon as there is one
    analyze()
    return written
