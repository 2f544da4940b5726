"""What a version looks at, and the bins that its values fall in."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DecimalRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Fact
from finance.models.score.version import ScoreVersion
from finance.scoring.enums import Dimension, Monotone
from portal.kernel.models import KEY_PATTERN

LARGEST = 10_000
"""No bin moves a score by more than a hundred points."""


class ScoreCharacteristic(models.Model):
    """One thing that counts: a fact of the enterprise, or which certificates it holds.

    Of a fact by year the newest value counts that is at most ``years`` years older than the day judged.
    """

    version = models.ForeignKey(
        ScoreVersion, models.CASCADE, related_name="characteristics", verbose_name=_("版本")
    )
    key = models.CharField(_("标识"), max_length=40)
    label = models.CharField(_("名称"), max_length=60)
    dimension = models.CharField(_("维度"), max_length=8, choices=Dimension)
    fact = models.ForeignKey(
        Fact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("指标"),
        help_text=_("空表示持有的资质"),
    )
    monotone = models.CharField(
        _("单调"),
        max_length=8,
        choices=Monotone,
        blank=True,
        help_text=_("数值指标的分数须随数值单调变化时选择"),
    )
    years = models.PositiveSmallIntegerField(
        _("可用年数"), default=2, help_text=_("按年度的指标最多往前看几年")
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = _("评分项")
        verbose_name_plural = _("评分项")
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"],
                name="finance_scorecharacteristic_once",
                violation_error_message=_("同一版本的评分项标识不能重复。"),
            ),
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN),
                name="finance_scorecharacteristic_key",
                violation_error_message=_("标识只用小写字母、数字和下划线，以字母开头。"),
            ),
            models.CheckConstraint(
                condition=Q(dimension__in=Dimension.values),
                name="finance_scorecharacteristic_dimension",
                violation_error_message=_("请选择维度。"),
            ),
            models.CheckConstraint(
                condition=Q(monotone__in=["", *Monotone.values]),
                name="finance_scorecharacteristic_monotone",
                violation_error_message=_("请选择单调方向，或者不选。"),
            ),
            models.CheckConstraint(
                condition=Q(years__lte=10),
                name="finance_scorecharacteristic_years",
                violation_error_message=_("最多往前看 10 年。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ScoreBin(models.Model):
    """Values that count alike.

    Of a figure ``lower`` ≤ value < ``upper`` in the fact's unit, money in yuan; an empty bound is none.
    Of choices and certificates one of ``values``; of sets the first bin in order that has one of them; no
    ``values``: everything else. Of yes or no the values are ``true`` and ``false``.
    """

    characteristic = models.ForeignKey(
        ScoreCharacteristic, models.CASCADE, related_name="bins", verbose_name=_("评分项")
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    label = models.CharField(_("档次"), max_length=60)
    lower = models.DecimalField(_("不低于"), max_digits=20, decimal_places=4, null=True, blank=True)
    upper = models.DecimalField(_("低于"), max_digits=20, decimal_places=4, null=True, blank=True)
    values = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("取值"),
        null=True,
        blank=True,
        help_text=_("逗号分隔"),
    )
    points = models.SmallIntegerField(_("分值（百分之一分）"), help_text=_("250 即 2.5 分，负数为减分。"))
    reason = models.CharField(_("加减分理由"), max_length=200, blank=True)
    tip = models.CharField(
        _("提升建议"), max_length=200, blank=True, help_text=_("企业怎样做可以到这一档；企业做不到的不写。")
    )

    class Meta:
        verbose_name = _("分档")
        verbose_name_plural = _("分档")
        ordering = ["characteristic", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["characteristic", "position"],
                name="finance_scorebin_position_once",
                violation_error_message=_("同一评分项的次序不能重复。"),
            ),
            models.CheckConstraint(
                condition=Q(values=None) | Q(lower=None, upper=None),
                name="finance_scorebin_figure_or_values",
                violation_error_message=_("分档要么写上下限，要么写取值。"),
            ),
            models.CheckConstraint(
                condition=Q(lower=None) | Q(upper=None) | Q(lower__lt=F("upper")),
                name="finance_scorebin_in_order",
                violation_error_message=_("上限须大于下限。"),
            ),
            models.CheckConstraint(
                condition=Q(points__range=(-LARGEST, LARGEST)),
                name="finance_scorebin_points",
                violation_error_message=_("分值在 -100 到 100 分之间。"),
            ),
            models.CheckConstraint(
                condition=Q(points=0) | ~Q(reason=""),
                name="finance_scorebin_reasoned",
                violation_error_message=_("加分或减分须写明理由。"),
            ),
            ExclusionConstraint(
                name="finance_scorebin_apart",
                expressions=[
                    (F("characteristic"), RangeOperators.EQUAL),
                    (
                        Func("lower", "upper", function="numrange", output_field=DecimalRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(values=None),
                violation_error_message=_("这一档与另一档重叠。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label
