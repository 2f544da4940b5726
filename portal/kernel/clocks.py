"""Deadlines with lights and pauses, one mechanism for appeals, applications and loans.

A clock is a row of its own beside the aggregate it drives. It keeps a snapshot of the number and unit it was
started with, so that a later change of the target moves no running deadline. The day on which it starts
does not count, and a deadline that falls on a holiday moves to the next working day (Civil Code, articles
201 and 203); it ends with the end of its last day, Beijing time. Times come from the caller, never from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.errors import DomainError
from portal.kernel.workdays import Calendar


class Unit(models.TextChoices):
    """In what a span is counted."""

    WORKDAYS = "workdays", gettext_lazy("个工作日")
    DAYS = "days", gettext_lazy("个自然日")
    HOURS = "hours", gettext_lazy("小时")


class Light(models.TextChoices):
    """What people see: 绿 on time, 黄 due soon, 红 late; grey while the clock stands still."""

    GREEN = "green", gettext_lazy("正常")
    YELLOW = "yellow", gettext_lazy("即将到期")
    RED = "red", gettext_lazy("已超期")
    PAUSED = "paused", gettext_lazy("暂停计时")


@dataclass(frozen=True, slots=True)
class Span:
    """`number` units of time, with the warning `warning` units before the end."""

    number: int
    unit: Unit
    warning: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.warning <= self.number or self.number < 1:
            raise ValueError(f"A span is at least 1 and its warning lies within it: {self}")

    def end(self, start: datetime, calendar: Calendar, *, number: int | None = None) -> datetime:
        """The moment at which `number` units (default: all) from `start` have passed."""
        count = self.number if number is None else number
        if self.unit == Unit.HOURS:
            return start + timedelta(hours=count)
        day = timezone.localdate(start)
        if self.unit == Unit.WORKDAYS:
            return end_of_day(calendar.add_workdays(day, count))
        return end_of_day(calendar.workday_from(day + timedelta(days=count)))


def end_of_day(day: date) -> datetime:
    """The first moment after the day, local time."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class ClockQuerySet(models.QuerySet):
    """Clocks by what is to be done about them."""

    def running(self) -> Self:
        """Neither met nor standing still."""
        return self.filter(met_at=None, paused_at=None)

    def overdue(self, now: datetime) -> Self:
        """Running past their end."""
        return self.running().filter(due_at__lte=now)

    def mark_breached(self, now: datetime) -> int:
        """Record that they are late, each once (compare-and-set); returns how many became so."""
        return self.overdue(now).filter(breached_at=None).update(breached_at=F("due_at"))


class Clock(models.Model):
    """One deadline. Subclasses add the foreign key to what it drives, `related_name="clocks"`."""

    target = models.CharField(gettext_lazy("时限"), max_length=40)
    number = models.PositiveSmallIntegerField(gettext_lazy("时长"))
    unit = models.CharField(gettext_lazy("单位"), max_length=8, choices=Unit)
    warning = models.PositiveSmallIntegerField(gettext_lazy("提前预警"))
    started_at = models.DateTimeField(gettext_lazy("开始"))
    warn_at = models.DateTimeField(gettext_lazy("预警"))
    due_at = models.DateTimeField(gettext_lazy("到期"), db_index=True)
    paused_at = models.DateTimeField(gettext_lazy("暂停自"), null=True, blank=True)
    met_at = models.DateTimeField(gettext_lazy("完成"), null=True, blank=True)
    breached_at = models.DateTimeField(gettext_lazy("超期"), null=True, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    started_at__lte=F("warn_at"), warn_at__lte=F("due_at"), started_at__lt=F("due_at")
                ),
                name="%(app_label)s_%(class)s_in_order",
                violation_error_message=gettext_lazy("预警须在开始与到期之间。"),
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | Q(paused_at__isnull=True),
                name="%(app_label)s_%(class)s_met_not_paused",
                violation_error_message=gettext_lazy("已完成的时限不能暂停。"),
            ),
        ]

    @classmethod
    def begin(cls, target: str, span: Span, *, at: datetime, **fields: Any) -> Self:
        """A clock that starts now, unsaved; `fields` say what it drives."""
        calendar = Calendar.load()
        return cls(
            target=target,
            number=span.number,
            unit=span.unit,
            warning=span.warning,
            started_at=at,
            warn_at=max(at, span.end(at, calendar, number=span.number - span.warning)),
            due_at=span.end(at, calendar),
            **fields,
        )

    def light(self, now: datetime) -> Light:
        """What the clock shows; a met one keeps what it showed when it was met."""
        moment = self.met_at or now
        if self.paused_at is not None:
            return Light.PAUSED if self.paused_at < self.due_at else Light.RED
        if moment >= self.due_at:
            return Light.RED
        return Light.YELLOW if moment >= self.warn_at else Light.GREEN

    def pause(self, at: datetime) -> None:
        """Stand still, for instance while the enterprise is asked. Raises DomainError when not running."""
        self._change(Q(met_at=None, paused_at=None), _("时限已完成或已暂停，不能暂停。"), paused_at=at)

    def resume(self, at: datetime) -> None:
        """Go on; the end moves by what the pause lasted, in the clock's own unit. DomainError if running."""
        if self.paused_at is None:
            raise DomainError(_("时限未暂停，无需恢复。"), code="clock_state")
        shifted = self._shifted([self.warn_at, self.due_at], self.paused_at, at)
        warn_at, due_at = shifted if self.paused_at < self.due_at else (self.warn_at, self.due_at)
        still = Q(paused_at=self.paused_at)
        self._change(still, _("时限已恢复，请刷新页面。"), paused_at=None, warn_at=warn_at, due_at=due_at)

    def meet(self, at: datetime) -> None:
        """What was to be done is done. Raises DomainError when it was met before; ends a pause first."""
        if self.paused_at is not None:
            self.resume(at)
        self._change(Q(met_at=None), _("时限已完成，请勿重复办理。"), met_at=at)

    def _shifted(self, moments: Iterable[datetime], paused: datetime, resumed: datetime) -> list[datetime]:
        if self.unit == Unit.HOURS:
            return [moment + (resumed - paused) for moment in moments]
        calendar = Calendar.load()
        start, end = timezone.localdate(paused), timezone.localdate(resumed)
        lost = calendar.workdays_between(start, end) if self.unit == Unit.WORKDAYS else (end - start).days
        span = Span(max(lost, 1), Unit(self.unit), warning=0)
        last_days = [timezone.localdate(moment - timedelta(microseconds=1)) for moment in moments]
        return [
            span.end(timezone.make_aware(datetime.combine(day, time.min)), calendar, number=lost)
            for day in last_days
        ]

    def _change(self, expected: Q, refusal: str, **changes: Any) -> None:
        """Compare-and-set: of two who press at once, one is told."""
        rows = type(self)._base_manager.filter(expected, pk=self.pk)
        if rows.update(**changes) != 1:
            raise DomainError(refusal, code="clock_state")
        for field, value in changes.items():
            setattr(self, field, value)
