"""Ranking of banks (赛马): what counts how much, kept in versions, and a frozen table a month."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from enterprises.models.reference import KEY_PATTERN
from enterprises.models.stamps import TransactionIdField
from finance.models.bank import Bank
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition


class RankingModel(models.Model):
    """A way to rank banks; its versions say what counts how much."""

    code = models.CharField(_("标识"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    summary = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("银行赛马")
        verbose_name_plural = _("银行赛马")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=KEY_PATTERN),
                name="finance_rankingmodel_code",
                violation_error_message=_("标识只用小写字母、数字和下划线，以字母开头。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RankingState(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("使用中")
    RETIRED = "retired", _("已停用")
    DISCARDED = "discarded", _("已放弃")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"draft": "due", "published": "done"}.get(self.value, "plain")


S = RankingState


class RankingVersionQuerySet(models.QuerySet["RankingVersion"]):
    """The door to versions."""

    def in_use(self, code: str) -> RankingVersion | None:
        """The published version of a model; None before the first one is."""
        return self.filter(model__code=code, state=S.PUBLISHED).first()

    def in_use_at(self, code: str, moment: datetime) -> RankingVersion | None:
        """What was published last before a moment; of moments before the first one, that first one."""
        were = self.filter(model__code=code, published_at__isnull=False)
        before = were.filter(published_at__lt=moment).order_by("-published_at", "-number")
        return before.first() or were.order_by("published_at", "number").first()


class RankingVersion(models.Model):
    """What counts how much, from a time on. One person writes a draft, another publishes it; then it stands.

    The weights of its indicators make 100: checked at publication, by the database too
    (trigger ``finance_ranking_weights``).
    """

    model = models.ForeignKey(
        RankingModel, models.PROTECT, related_name="versions", verbose_name=_("银行赛马")
    )
    number = models.PositiveIntegerField(_("版次"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("编写人"),
        help_text=_("空表示随系统提供"),
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("发布人"),
    )
    published_at = models.DateTimeField(_("发布时间"), null=True, editable=False)
    retired_at = models.DateTimeField(_("停用时间"), null=True, editable=False)
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)
    state = models.CharField(_("状态"), max_length=10, choices=S, default=S.DRAFT, editable=False)

    objects = RankingVersionQuerySet.as_manager()
    machine = Machine(
        "state",
        initial=S.DRAFT,
        transitions=(
            Transition("publish", (S.DRAFT,), S.PUBLISHED, _("发布")),
            Transition("discard", (S.DRAFT,), S.DISCARDED, _("放弃草稿")),
            Transition("retire", (S.PUBLISHED,), S.RETIRED, _("停用")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("赛马指标版本")
        verbose_name_plural = _("赛马指标版本")
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"],
                name="finance_rankingversion_number_once",
                violation_error_message=_("版次不能重复。"),
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state=S.PUBLISHED),
                name="finance_rankingversion_one_in_use",
                violation_error_message=_("只能有一个使用中的版本。"),
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state=S.DRAFT),
                name="finance_rankingversion_one_draft",
                violation_error_message=_("已有一个草稿，请在草稿上继续修改。"),
            ),
            models.CheckConstraint(
                condition=~Q(published_by=F("edited_by")),
                name="finance_rankingversion_four_eyes",
                violation_error_message=_("编写人不能发布自己写的版本，请由另一人发布。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(S.DRAFT, S.DISCARDED), published_at=None, published_by=None, retired_at=None
                )
                | Q(state=S.PUBLISHED, published_at__isnull=False, retired_at=None)
                & (Q(published_by__isnull=False) | Q(edited_by=None))
                | Q(state=S.RETIRED, published_at__isnull=False, retired_at__isnull=False),
                name="finance_rankingversion_signed",
                violation_error_message=_("发布须有发布人和时间，停用须有时间。"),
            ),
        ]

    def __str__(self) -> str:
        return _now("第 %(number)d 版") % {"number": self.number}

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return RankingState(self.state).colour


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

    One that is not `recorded` is in the model case, but no record here says it: it counts for nobody.
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
    """A bank's place in a month. `points` are hundredths; `values` has by key [value or null, points]."""

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
