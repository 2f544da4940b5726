"""Model bases that know no domain word, and the tables of the kernel itself."""

from datetime import date, timedelta
from typing import Any, Final, NoReturn

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.kernel.machines import Machine, Transition

KEY_PATTERN: Final = "^[a-z][a-z0-9_]*$"
"""What identifiers are made of that people choose and code may name."""


class AppendOnlyQuerySet(models.QuerySet):
    """Reads and inserts; what is written stays. The database role has no more rights than this either."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.model.__name__} is append-only: write a new row.")

    def delete(self) -> NoReturn:
        raise TypeError(f"{self.model.__name__} is append-only: rows are never deleted.")


class AppendOnly(models.Model):
    """Rows are inserted and never changed; the application's database role may only SELECT and INSERT."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises TypeError for a row that is already in the database."""
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is append-only: write a new row.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is append-only: rows are never deleted.")


class DatabaseWritten(AppendOnly):
    """Rows that triggers alone write, as the owner of the tables; the application's role may only SELECT."""

    database_written = True

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is written by the database alone.")


class Progress(models.TextChoices):
    """States of work that takes longer than a page."""

    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("失败")


class TrackedProgress(models.Model):
    """Long work as a row: people watch it, a killed worker's row is taken up again.

    `total` and `done` count rows. Each step is a compare-and-set: False means that somebody else was faster.
    """

    state = models.CharField(
        _("状态"), max_length=8, choices=Progress, default=Progress.QUEUED, editable=False, db_index=True
    )
    total = models.PositiveBigIntegerField(_("总数"), default=0, editable=False)
    done = models.PositiveBigIntegerField(_("已处理"), default=0, editable=False)
    started_at = models.DateTimeField(_("开始时间"), null=True, editable=False)
    finished_at = models.DateTimeField(_("结束时间"), null=True, editable=False)
    error = models.TextField(_("错误"), blank=True, editable=False)

    progress = Machine(
        field="state",
        initial=Progress.QUEUED,
        transitions=[
            Transition("start", [Progress.QUEUED], Progress.RUNNING, _("开始")),
            Transition("finish", [Progress.RUNNING], Progress.DONE, _("完成")),
            Transition("fail", [Progress.RUNNING], Progress.FAILED, _("失败")),
            Transition("requeue", [Progress.RUNNING, Progress.FAILED], Progress.QUEUED, _("重新排队")),
        ],
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(done__lte=F("total")),
                name="%(app_label)s_%(class)s_done_within_total",
                violation_error_message=_("已处理数不能超过总数。"),
            ),
            models.CheckConstraint(
                condition=Q(state="queued") | Q(started_at__isnull=False),
                name="%(app_label)s_%(class)s_started",
                violation_error_message=_("开始之后须有开始时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
                name="%(app_label)s_%(class)s_finished",
                violation_error_message=_("结束时间与状态不一致。"),
            ),
        ]

    def start(self, total: int) -> bool:
        """Take the queued row and begin with `total` rows to do (rows already done stay counted)."""
        now = timezone.now()
        return self._step("start", total=total, started_at=now, finished_at=None, error="")

    def report(self, done: int) -> None:
        """Say how many rows are done by now; never goes back."""
        type(self)._base_manager.filter(pk=self.pk, done__lt=done).update(done=done)
        self.done = max(self.done, done)

    def finish(self) -> bool:
        """All rows are done."""
        return self._step("finish", done=F("total"), finished_at=timezone.now())

    def fail(self, error: str) -> bool:
        """Stop with a reason for the person who watches."""
        return self._step("fail", error=error, finished_at=timezone.now())

    def requeue(self) -> bool:
        """Let another worker take it up: after a failure, or when its worker is gone."""
        return self._step("requeue", finished_at=None)

    def _step(self, name: str, **changes: Any) -> bool:
        transition = self.progress[name]
        rows = type(self)._base_manager.filter(pk=self.pk, state__in=transition.sources)
        stepped = rows.update(state=transition.target, **changes) == 1
        self.refresh_from_db(fields=["state", "total", "done", "started_at", "finished_at", "error"])
        return stepped

    @property
    def is_active(self) -> bool:
        """Queued or running."""
        return self.state in (Progress.QUEUED, Progress.RUNNING)

    @property
    def percent(self) -> int:
        """Whole percent done, rounded down: 100 only when everything is."""
        if self.state == Progress.DONE:
            return 100
        return self.done * 100 // self.total if self.total else 0

    @property
    def elapsed(self) -> timedelta | None:
        """How long it has been running, or ran."""
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at

    @property
    def rate(self) -> float | None:
        """Rows a second since the start; None before there is any."""
        elapsed = self.elapsed
        if not elapsed or not self.done:
            return None
        return self.done / elapsed.total_seconds()

    @property
    def eta(self) -> timedelta | None:
        """Time left at the present rate; None when it is not running or the rate is not known."""
        rate = self.rate
        if self.state != Progress.RUNNING or not rate:
            return None
        return timedelta(seconds=round((self.total - self.done) / rate))


class OutboxEntry(models.Model):
    """Something to be delivered once, written by the transaction that decided it: see `kernel.outbox`."""

    topic = models.CharField(_("主题"), max_length=40)
    key = models.CharField(_("键"), max_length=200, unique=True)
    payload = models.JSONField(_("内容"), default=dict)
    created_at = models.DateTimeField(_("写入时间"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(_("最早投递时间"), db_default=Now(), editable=False)
    delivered_at = models.DateTimeField(_("投递时间"), null=True)
    attempts = models.PositiveIntegerField(_("失败次数"), db_default=0)
    error = models.TextField(_("最近一次错误"), blank=True, db_default="")

    class Meta:
        verbose_name = _("发件箱")
        verbose_name_plural = _("发件箱")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(delivered_at__isnull=True),
                name="kernel_outbox_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class NumberSeries(models.Model):
    """The last number given in a month; the row's lock gives numbers without gaps or repetition."""

    prefix = models.CharField(_("字头"), max_length=4)
    month = models.CharField(_("月份"), max_length=7)
    last = models.PositiveIntegerField(_("已用到"), default=0)

    class Meta:
        verbose_name = _("编号")
        verbose_name_plural = _("编号")
        constraints = [
            models.UniqueConstraint(fields=["prefix", "month"], name="kernel_numberseries_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.month}: {self.last}"

    @classmethod
    def take(cls, prefix: str, day: date) -> str:
        """The next number of the day's month, as `SQ-2026-11-0417`; inside the caller's transaction."""
        month = f"{day:%Y-%m}"
        table = connection.ops.quote_name(cls._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} AS s (prefix, month, last) VALUES (%s, %s, 1)"  # noqa: S608 - its own name
                " ON CONFLICT (prefix, month) DO UPDATE SET last = s.last + 1 RETURNING last",
                [prefix, month],
            )
            return f"{prefix}-{month}-{cursor.fetchone()[0]:04d}"


class WorkdayOverride(models.Model):
    """A day that is (or is not) a working day whatever chinesecalendar says: see `portal.kernel.workdays`."""

    day = models.DateField(_("日期"), unique=True)
    is_workday = models.BooleanField(_("工作日"))
    reason = models.CharField(_("依据"), max_length=100, help_text=_("通知名称或文号"))

    class Meta:
        verbose_name = _("工作日调整")
        verbose_name_plural = _("工作日调整")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {_('上班') if self.is_workday else _('放假')}"


class AnnouncedYear(models.Model):
    """A year whose notice of holidays has been typed in whole: dates that count on it may rest."""

    year = models.PositiveSmallIntegerField(_("年份"), unique=True)
    notice = models.CharField(_("依据"), max_length=100, help_text=_("通知名称或文号"))

    class Meta:
        verbose_name = _("已公布的年份")
        verbose_name_plural = _("已公布的年份")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2200),
                name="kernel_announcedyear_plausible",
                violation_error_message=_("年份须在 2000 至 2200 之间。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)

    def clean(self) -> None:
        """Raises ValidationError while no day of the year is typed in: every notice names some."""
        plausible = self.year is not None and 2000 <= self.year <= 2200  # else its own error is told
        if plausible and not WorkdayOverride.objects.filter(day__year=self.year).exists():
            raise ValidationError(_("请先在“工作日调整”中逐日录入该年的放假和调休上班日，再标记为已公布。"))


class Seconds(models.Func):
    """How many seconds of the day have passed at a time."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)::integer"
    output_field = models.IntegerField()


class WorkingPeriod(models.Model):
    """A span of the day in which offices are open on working days: see `portal.kernel.hours`."""

    starts = models.TimeField(_("开始"))
    ends = models.TimeField(_("结束"))

    class Meta:
        verbose_name = _("办公时间")
        verbose_name_plural = _("办公时间")
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="kernel_workingperiod_in_order",
                violation_error_message=_("结束须晚于开始。"),
            ),
            ExclusionConstraint(
                name="kernel_workingperiod_no_overlap",
                expressions=[
                    (
                        models.Func(
                            Least(Seconds("starts"), Seconds("ends")),
                            Greatest(Seconds("starts"), Seconds("ends")),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                violation_error_message=_("与另一段办公时间重叠。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"
