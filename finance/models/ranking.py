"""Ranking of banks (赛马): what counts how much, kept in versions, and a frozen table a month."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.stamps import TransactionIdField
from finance.models.bank import Bank
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel
from portal.kernel.versions import Version, Versioned, VersionQuerySet


class RankingModel(Versioned):
    """A way to rank banks; its versions say what counts how much."""

    class Meta(Versioned.Meta):
        verbose_name = _("银行赛马")
        verbose_name_plural = _("银行赛马")


class RankingVersionQuerySet(VersionQuerySet["RankingVersion"]):
    """The door to versions."""

    def in_use_at(self, code: str, moment: datetime) -> RankingVersion | None:
        """What was published last before a moment; of moments before the first one, that first one."""
        were = self.filter(model__code=code, published_at__isnull=False)
        before = were.filter(published_at__lt=moment).order_by("-published_at", "-number")
        return before.first() or were.order_by("published_at", "number").first()


class RankingVersion(Version):
    """What counts how much, from a time on. The draft is its author's alone.

    The weights of its indicators make 100: checked at publication, by the database too
    (trigger ``finance_ranking_weights``).
    """

    model = models.ForeignKey(
        RankingModel, models.PROTECT, related_name="versions", verbose_name=_("银行赛马")
    )

    objects = RankingVersionQuerySet.as_manager()

    class Meta(Version.Meta):
        verbose_name = _("赛马指标版本")
        verbose_name_plural = _("赛马指标版本")
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(published_by=F("edited_by")),
                name="finance_rankingversion_four_eyes",
                violation_error_message=_("编写人不能发布自己写的版本，请由另一人发布。"),
            ),
        ]


class RankingVersionEvent(EventModel):
    """Who published, retired or discarded a version, when, and why."""

    subject = models.ForeignKey(RankingVersion, models.PROTECT, related_name="events", verbose_name=_("版本"))

    class Meta(EventModel.Meta):
        verbose_name = _("赛马指标版本动态")
        verbose_name_plural = _("赛马指标版本动态")


class Direction(models.TextChoices):
    """Which end of an indicator is the good one."""

    HIGHER = "higher", _("越高越好")
    LOWER = "lower", _("越低越好")


class Indicator(models.Model):
    """One thing that counts (指标). `key` names the function that reckons it (`finance.rankings.indicators`).

    One that is not `recorded` is in the model case, but no record here says it: the others share its weight.
    """

    version = models.ForeignKey(
        RankingVersion, models.PROTECT, related_name="indicators", verbose_name=_("版本")
    )
    group = models.CharField(_("类别"), max_length=40)
    key = models.CharField(_("标识"), max_length=40)
    label = models.CharField(_("名称"), max_length=60)
    unit = models.CharField(_("单位"), max_length=10, blank=True)
    weight = models.PositiveSmallIntegerField(_("权重"))
    direction = models.CharField(_("方向"), max_length=6, choices=Direction, default=Direction.HIGHER)
    recorded = models.BooleanField(_("平台有记录"), default=True)
    position = models.PositiveSmallIntegerField(_("次序"))

    class Meta:
        verbose_name = _("赛马指标")
        verbose_name_plural = _("赛马指标")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"],
                name="finance_indicator_once",
                violation_error_message=_("同一版本的指标不能重复。"),
            ),
            models.CheckConstraint(
                condition=Q(weight__lte=100),
                name="finance_indicator_weight",
                violation_error_message=_("权重在 0 到 100 之间。"),
            ),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values),
                name="finance_indicator_direction",
                violation_error_message=_("请选择方向。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class RankingSnapshot(AppendOnly):
    """The ranking of a month, as the records said it at `taken_at`; it stays what it was.

    Its lines come in the transaction that takes it, and never again (trigger ``finance_rankingline_frozen``).
    """

    month = models.DateField(_("月份"), help_text=_("该月第一天"))
    version = models.ForeignKey(
        RankingVersion, models.PROTECT, related_name="snapshots", verbose_name=_("版本")
    )
    taken_at = models.DateTimeField(_("生成时间"))
    taken_in = TransactionIdField(_("事务"), db_default=Func(function="pg_current_xact_id"), editable=False)

    class Meta:
        verbose_name = _("赛马月榜")
        verbose_name_plural = _("赛马月榜")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["month"],
                name="finance_rankingsnapshot_once",
                violation_error_message=_("这个月的榜单已经生成。"),
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="finance_rankingsnapshot_month",
                violation_error_message=_("月份须为该月第一天。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class RankingLine(AppendOnly):
    """A bank's place in a month; `points` are hundredths, `values` by key [value or null, points, weight].

    The weight is what the indicator weighed for this bank, in hundredths; months ranked before it was shared
    among what can be measured have none.
    """

    snapshot = models.ForeignKey(
        RankingSnapshot, models.PROTECT, related_name="lines", verbose_name=_("月榜")
    )
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="rankings", verbose_name=_("银行"))
    values = models.JSONField(_("指标值"))
    points = models.PositiveSmallIntegerField(_("得分（百分之一分）"))
    rank = models.PositiveSmallIntegerField(_("名次"))

    class Meta:
        verbose_name = _("赛马名次")
        verbose_name_plural = _("赛马名次")
        ordering = ["snapshot", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "bank"],
                name="finance_rankingline_once",
                violation_error_message=_("一家银行在一个月只有一个名次。"),
            ),
            models.CheckConstraint(
                condition=Q(points__lte=10_000, rank__gte=1),
                name="finance_rankingline_points",
                violation_error_message=_("得分在 0 到 100 分之间，名次从 1 开始。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} · {self.rank}"
