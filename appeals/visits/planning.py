"""Planning visits: one by one, or a quarter for many officials at once, spread over its working days."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Pairing, Visit, VisitEvent
from appeals.models.visit import PairingQuerySet, VisitState
from appeals.visits.quarters import Quarter
from appeals.visits.telling import tell_planned
from enterprises.services.locks import take_turn
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from portal.kernel.workdays import Calendar

if TYPE_CHECKING:
    from portal.accounts.models import User

MOST_TIMES: Final = 3
FARTHEST: Final = dt.timedelta(days=366)


def plan_visit(pairing: Pairing, day: dt.date, *, by: User | None) -> Visit:
    """Plan a visit on a day from today on. Raises DomainError; a day that has one already is refused."""
    _check_day(day)
    with transaction.atomic():
        _take_turn()
        live = Pairing.objects.live().filter(pk=pairing.pk).first()
        if live is None:
            raise DomainError(_("这对结对已经结束，不能再排走访。"), code="ended")
        _check_free(live, day)
        visit = Visit.objects.create(pairing=live, planned_on=day)
        VisitEvent.objects.create(subject=visit, actor=by, name="plan", target=VisitState.PLANNED)
    return visit


def plan_quarter(
    pairings: PairingQuerySet, quarter: Quarter, *, times: int = 1, by: User | None
) -> list[Visit]:
    """Plan as many visits as each of the pairings still lacks of `times` in the quarter.

    Spread over the working days that are left of it, so that nobody has all of them in the last week. Said
    twice it plans nothing more; for officials who have left it plans nothing. Raises DomainError when no
    working day is left.
    """
    if not 1 <= times <= MOST_TIMES:
        raise DomainError(_("每家每季度 1 到 %(most)d 次。") % {"most": MOST_TIMES}, code="times")
    days = _workdays(max(quarter.first, timezone.localdate()), quarter.last)
    if not days:
        raise DomainError(_("%(quarter)s已没有工作日，请选下一季度。") % {"quarter": quarter}, code="no_days")
    with transaction.atomic():
        _take_turn()
        served = pairings.exclude(pk__in=left_behind(pairings).values("pk"))
        ordered = list(served.select_related("officer__user__mailbox", "enterprise").order_by("pk"))
        visits = Visit.objects.bulk_create(
            Visit(pairing=pairing, planned_on=day) for pairing, day in _spread(ordered, quarter, times, days)
        )
        VisitEvent.objects.bulk_create(
            VisitEvent(subject=visit, actor=by, name="plan", target=VisitState.PLANNED) for visit in visits
        )
        tell_planned(visits, str(quarter))
    return visits


def left_behind(pairings: PairingQuerySet) -> PairingQuerySet:
    """Pairings of officials who have left: they wait for somebody new."""
    return pairings.filter(officer__left_on__lte=timezone.localdate()).order_by()


def move(visit: Visit, day: dt.date, *, by: User | None) -> None:
    """Put a planned visit on another day. Raises DomainError for one that is not planned any more."""
    _check_day(day)
    with transaction.atomic():
        _take_turn()
        now = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
        if now.state != VisitState.PLANNED:
            raise DomainError(_("这次走访已填写或已取消，不能改期。"), code="not_planned")
        if now.planned_on == day:
            return
        _check_free(now.pairing, day)
        words = {"before": now.planned_on.isoformat(), "after": day.isoformat()}
        Visit.objects.filter(pk=now.pk).update(planned_on=day)
        VisitEvent.objects.create(
            subject=now,
            actor=by,
            name="move",
            source=now.state,
            target=now.state,
            comment=_("由 %(before)s 改到 %(after)s") % words,
        )
    visit.planned_on = day


def call_off(visit: Visit, reason: str, *, by: User | None) -> None:
    """Call a planned visit off. Raises DomainError without a reason."""
    if not reason.strip():
        raise DomainError(_("请写明取消原因。"), code="no_reason")
    advance(visit, "call_off", actor=by, comment=reason.strip())


def _take_turn() -> None:
    take_turn("visits", 0)


def _check_day(day: dt.date) -> None:
    today = timezone.localdate()
    if not today <= day <= today + FARTHEST:
        raise DomainError(_("走访日期从今天起，一年以内。"), code="day")


def _check_free(pairing: Pairing, day: dt.date) -> None:
    if pairing.visits.filter(planned_on=day).exclude(state=VisitState.CANCELLED).exists():
        raise DomainError(_("这一天已经有一次走访，请换一天。"), code="day_taken")


def _workdays(first: dt.date, last: dt.date) -> list[dt.date]:
    works = Calendar.load().is_workday
    span = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in span if works(day)]


def _spread(
    pairings: list[Pairing], quarter: Quarter, times: int, days: list[dt.date]
) -> Iterator[tuple[Pairing, dt.date]]:
    """Pairings with their days: of n pairings the i-th has the i-th part of each of the `times` spans."""
    taken: dict[int, set[dt.date]] = defaultdict(set)
    rows = Visit.objects.planned_in(quarter.first, quarter.last).filter(pairing__in=pairings)
    for pk, planned_on in rows.values_list("pairing", "planned_on"):
        taken[pk].add(planned_on)
    have = Counter({pk: len(theirs) for pk, theirs in taken.items()})
    for number, pairing in enumerate(pairings):
        for turn in range(have[pairing.pk], times):
            place = int((turn + (number + 0.5) / len(pairings)) / times * len(days))
            free = (day for day in (*days[place:], *days[:place]) if day not in taken[pairing.pk])
            day = next(free, None)
            if day is not None:
                taken[pairing.pk].add(day)
                yield pairing, day
