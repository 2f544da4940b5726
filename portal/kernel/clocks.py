"""Deadlines with lights and pauses, one mechanism for appeals, applications and loans.

A clock is a row of its own beside the aggregate it drives. It keeps a snapshot of the span it was started
with (see `portal.kernel.spans` for how it is counted), so that a later change of the target moves no running
deadline. When it stood still is read from the aggregate's events:

    class OrderClock(Clock):
        order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="clocks")
        reads = ("order__events",)

        def pauses(self) -> list[Pause]:
            return pauses_in(self.order.events.all(), stop={"ask"}, go={"told"})

    advance(order, "ask", actor=officer)
    clock.reckon()

Ends that reach into a year whose holidays are not announced are marked `provisional`, and reckoned again
when they are. Times come from the caller, never from here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.errors import DomainError
from portal.kernel.spans import Pause, Span, Unit
from portal.kernel.workdays import Calendar

CHUNK: Final = 500
ENDS: Final = ("warn_at", "due_at", "breached_at")
"""What stays as it is once a clock was found late."""


class Light(models.TextChoices):
    """What people see: 绿 on time, 黄 due soon, 红 late; grey while the clock stands still."""

    GREEN = "green", gettext_lazy("正常")
    YELLOW = "yellow", gettext_lazy("即将到期")
    RED = "red", gettext_lazy("已超期")
    PAUSED = "paused", gettext_lazy("暂停计时")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"green": "done", "yellow": "due", "red": "late"}.get(self.value, "plain")


class SpanTarget(models.Model):
    """A span as data, by the key that clocks are started with; those that run keep the one they have."""

    key = models.SlugField(gettext_lazy("标识"), max_length=40, unique=True)
    label = models.CharField(gettext_lazy("名称"), max_length=60)
    number = models.PositiveSmallIntegerField(gettext_lazy("时长"))
    unit = models.CharField(gettext_lazy("单位"), max_length=10, choices=Unit)
    warning = models.PositiveSmallIntegerField(
        gettext_lazy("提前预警"), default=1, help_text=gettext_lazy("与时长同一单位；半天的按工作小时")
    )

    class Meta:
        abstract = True
        verbose_name = gettext_lazy("时限")
        verbose_name_plural = gettext_lazy("时限")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, warning__lte=F("number")),
                name="%(app_label)s_%(class)s_span",
                violation_error_message=gettext_lazy("时限至少为 1，预警须在时限之内。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def span(self) -> Span:
        """The span as `Clock.begin` takes it."""
        return Span(self.number, Unit(self.unit), self.warning)


class ClockQuerySet(models.QuerySet["Clock"]):
    """Clocks by what is to be done about them."""

    def running(self) -> Self:
        """Neither met nor standing still."""
        return self.filter(met_at=None, paused_at=None)

    def due_soon(self, now: datetime) -> Self:
        """Running, and to be warned of."""
        return self.running().filter(warn_at__lte=now, due_at__gt=now)

    def overdue(self, now: datetime) -> Self:
        """Running past their end."""
        return self.running().filter(due_at__lte=now)

    def mark(self, now: datetime) -> int:
        """Record which became due soon and which late, each once and all in one statement; returns how many.

        What somebody else is changing right now is left to the next time: nobody waits for anybody.
        """
        to_warn, to_breach = Q(warned_at=None, warn_at__lte=now), Q(breached_at=None, due_at__lte=now)
        found = self.running().filter(to_warn | to_breach).order_by("pk").values("pk")
        late = Case(When(due_at__lte=now, then=F("due_at")))
        with transaction.atomic():
            return self.model._base_manager.filter(
                pk__in=found.select_for_update(skip_locked=True, of=("self",))
            ).update(warned_at=Coalesce("warned_at", "warn_at"), breached_at=Coalesce("breached_at", late))

    def awaiting_reckoning(self, calendar: Calendar) -> Self:
        """The open clocks that waited for years which are announced by now; late ones stay as they are."""
        return self.filter(provisional=True, met_at=None, breached_at=None, due_at__lte=calendar.known_until)

    def reckon_announced(self, calendar: Calendar) -> int:
        """Reckon the open clocks that waited for years which are announced by now; returns how many did.

        Late ones stay as they are: somebody has been told. The row is locked before its events are read, so
        that a pause which begins meanwhile is seen here or reckoned afterwards.
        """
        waiting = (
            self.awaiting_reckoning(calendar)
            .select_related(*self.model.drives or (None,))  # without a name it would be all of them
            .prefetch_related(*self.model.reads)
            .order_by("pk")
            .select_for_update(of=(*self.model.drives, "self"))
        )
        count, last = 0, 0
        while True:
            with transaction.atomic():
                chunk = list(waiting.filter(pk__gt=last)[:CHUNK])
                for clock in chunk:
                    clock.reckon(calendar)
            if not chunk:
                return count
            count, last = count + len(chunk), chunk[-1].pk


class Clock(models.Model):
    """One deadline. Subclasses add the foreign key to what it drives, `related_name="clocks"`."""

    target = models.CharField(gettext_lazy("时限"), max_length=40)
    number = models.PositiveSmallIntegerField(gettext_lazy("时长"))
    unit = models.CharField(gettext_lazy("单位"), max_length=10, choices=Unit)
    warning = models.PositiveSmallIntegerField(gettext_lazy("提前预警"))
    started_at = models.DateTimeField(gettext_lazy("开始"))
    warn_at = models.DateTimeField(gettext_lazy("预警"))
    due_at = models.DateTimeField(gettext_lazy("到期"), db_index=True)
    provisional = models.BooleanField(
        gettext_lazy("暂定"), default=False, help_text=gettext_lazy("节假日安排尚未公布，公布后重新计算")
    )
    paused_at = models.DateTimeField(gettext_lazy("暂停自"), null=True, blank=True)
    met_at = models.DateTimeField(gettext_lazy("完成"), null=True, blank=True)
    warned_at = models.DateTimeField(gettext_lazy("已预警"), null=True, blank=True)
    breached_at = models.DateTimeField(gettext_lazy("超期"), null=True, blank=True)

    reads: ClassVar[tuple[str, ...]] = ()
    """Relations that `pauses` reads, fetched at once when many clocks are reckoned."""
    drives: ClassVar[tuple[str, ...]] = ()
    """The relation to what it drives, where changing a clock changes that too: it is locked first."""

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
        clock = cls(target=target, number=span.number, unit=span.unit, warning=span.warning, **fields)
        clock.started_at = at
        for field, value in clock._times(Calendar.load(), ()).items():
            setattr(clock, field, value)
        return clock

    @property
    def span(self) -> Span:
        """What was promised when the clock was started."""
        return Span(self.number, Unit(self.unit), self.warning)

    def pauses(self) -> Sequence[Pause]:
        """When it stood still, oldest first: subclasses read it from the events of what they drive."""
        return ()

    def light(self, now: datetime) -> Light:
        """What the clock shows; a met one keeps what it showed when it was met."""
        if self.paused_at is not None:
            return Light.PAUSED
        moment = self.met_at or now
        if moment >= self.due_at:
            return Light.RED
        return Light.YELLOW if moment >= self.warn_at else Light.GREEN

    def reckon(self, calendar: Calendar | None = None) -> None:
        """Work out the end anew, and whether it stands still: the same events give the same, however often.

        To be called after an event that stops it or lets it go on, in the transaction that wrote the event
        and holds its aggregate's lock. Raises DomainError when it was met.
        """
        self._change(self._times(calendar or Calendar.load(), self.pauses()))

    def meet(self, at: datetime) -> None:
        """What was to be done is done. Raises DomainError when it was met before; ends a pause first."""
        pauses = [Pause(pause.start, pause.end or at) for pause in self.pauses()]
        times = self._times(Calendar.load(), pauses) if pauses else {}
        due = times.get("due_at", self.due_at)
        late = {"breached_at": due} if at >= due else {}
        self._change(times | late | {"met_at": at})

    def _times(self, calendar: Calendar, pauses: Sequence[Pause]) -> dict[str, Any]:
        """The fields that follow from start, span, pauses and calendar."""
        due = self.span.due(self.started_at, calendar, pauses)
        still = [pause.start for pause in pauses if pause.end is None and pause.start < due]
        return {
            "due_at": due,
            "warn_at": max(self.started_at, self.span.warn(due, calendar)),
            "provisional": self.span.is_provisional(self.started_at, due, calendar),
            "paused_at": still[0] if still else None,  # what is late goes on being late
        }

    def _change(self, changes: dict[str, Any]) -> None:
        """Compare-and-set: of two who press at once, one is told. An end that was found late stays."""
        if self.breached_at is not None:
            changes = {field: value for field, value in changes.items() if field not in ENDS}
        ends = {  # it may have been found late since it was read
            field: Case(When(breached_at=None, then=Value(value)), default=F(field))
            for field, value in changes.items()
            if field in ENDS
        }
        if type(self)._base_manager.filter(pk=self.pk, met_at=None).update(**changes | ends) != 1:
            raise DomainError(_("时限已完成，请勿重复办理。"), code="clock_state")
        for field, value in changes.items():
            setattr(self, field, value)
