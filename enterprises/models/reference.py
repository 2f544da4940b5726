"""Public code tables and figures, seeded from ``enterprises/reference``."""

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.catalogue import Kind
from enterprises.codes import Hierarchy, canonical
from enterprises.models.recorded import Recorded, RecordedQuerySet
from portal.kernel.models import KEY_PATTERN

KIND_CHOICES = [
    (Kind.MONEY, _("金额")),
    (Kind.NUMBER, _("小数")),
    (Kind.PERCENT, _("百分数")),
    (Kind.INTEGER, _("整数")),
    (Kind.BOOL, _("是否")),
    (Kind.DATE, _("日期")),
    (Kind.CHOICE, _("单选")),
    (Kind.CHOICES, _("多选")),
    (Kind.CODE, _("分级代码")),
]
HIERARCHY_CHOICES = [
    (Hierarchy.REGION, _("行政区划")),
    (Hierarchy.INDUSTRY, _("国民经济行业")),
    (Hierarchy.PREFIX, _("前缀包含")),
]


class Region(models.Model):
    """A place, by its canonical code: province 50, county 500231, town 500231101."""

    code = models.CharField(_("代码"), max_length=12, primary_key=True)
    name = models.CharField(_("名称"), max_length=60)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$"),
                name="enterprises_region_code",
                violation_error_message=_("区划代码应为 2、4、6、9 或 12 位数字。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Industry(models.Model):
    """A section or division (later groups and classes) of GB/T 4754-2017."""

    code = models.CharField(_("代码"), max_length=4, primary_key=True)
    name = models.CharField(_("名称"), max_length=80)
    section = models.CharField(_("门类"), max_length=1, db_index=True)

    class Meta:
        verbose_name = _("行业")
        verbose_name_plural = _("行业")
        ordering = ["section", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^([A-T]|\d{2,4})$"),
                name="enterprises_industry_code",
                violation_error_message=_("行业代码应为一个门类字母或 2 至 4 位数字。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CodeList(Recorded):
    """A named set of codes that rules may use wherever codes are listed, as it was recorded at a time."""

    names = ("key",)

    key = models.CharField(_("标识"), max_length=60)
    label = models.CharField(_("名称"), max_length=120)
    hierarchy = models.CharField(_("代码体系"), max_length=8, choices=HIERARCHY_CHOICES)
    codes = ArrayField(models.CharField(max_length=12), verbose_name=_("代码"))
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("代码清单")
        verbose_name_plural = _("代码清单")
        ordering = ["key", "-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN),
                name="enterprises_codelist_key",
                violation_error_message=_("标识只用小写字母、数字和下划线。"),
            ),
            models.CheckConstraint(
                condition=Q(codes__len__gte=1),
                name="enterprises_codelist_not_empty",
                violation_error_message=_("清单至少要有一个代码。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Codes in canonical form. Raises ValidationError naming the one that is none."""
        for place, code in enumerate(self.codes or []):
            try:
                self.codes[place] = canonical(Hierarchy(self.hierarchy), code)
            except ValueError:
                raise ValidationError({"codes": _("“%(code)s”不是有效代码。") % {"code": code}}) from None


class FigureQuerySet(RecordedQuerySet):
    """Figures by what was known when."""

    def in_force(self, known_at: dt.datetime | None = None) -> Any:
        """Of each key, region and day the newest row recorded by ``known_at``, unless it withdraws them."""
        return self.newest(known_at).filter(withdrawn=False).order_by("key", "region", "on")


class ReferenceFigure(Recorded):
    """A dated public figure of a region: it holds from ``on`` until the next day its key and region have.

    A figure recorded for a wrong region or day is withdrawn there by a row that says so.
    """

    names = ("key", "region", "on")

    key = models.CharField(_("标识"), max_length=60)
    label = models.CharField(_("名称"), max_length=120)
    region = models.CharField(_("区划"), max_length=12, blank=True, help_text=_("空表示全国"))
    on = models.DateField(_("起用日期"))
    kind = models.CharField(_("类型"), max_length=8, choices=KIND_CHOICES[:4])
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=6)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    source = models.CharField(_("出处"), max_length=200, blank=True)
    withdrawn = models.BooleanField(
        _("撤销"), default=False, help_text=_("这一区划、这一日期本不该有这条数据")
    )

    objects = FigureQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("公布数据")
        verbose_name_plural = _("公布数据")
        ordering = ["key", "region", "-on", "-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN),
                name="enterprises_referencefigure_key",
                violation_error_message=_("标识只用小写字母、数字和下划线。"),
            ),
            models.CheckConstraint(
                # numeric takes NaN, which is greater than every number
                condition=Q(value__lt=10**14),
                name="enterprises_referencefigure_number",
                violation_error_message=_("数值太大或不是数字。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.on}: {self.value} {self.unit}"
