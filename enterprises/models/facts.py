"""The catalogue of facts as data, and their values: insert-only and bitemporal."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from enterprises.catalogue import NUMERIC, Kind, Scope, Tier
from enterprises.models.enterprise import Enterprise
from enterprises.models.history import tracked
from enterprises.models.reference import HIERARCHY_CHOICES, KIND_CHOICES
from portal.accounts.models import Department
from portal.kernel.models import KEY_PATTERN, AppendOnly

SCOPE_CHOICES = [(Scope.ENTERPRISE, _("企业")), (Scope.CLAIM, _("单次申报"))]
TIER_CHOICES = [
    (Tier.DECLARED, _("企业自报")),
    (Tier.ATTESTED, _("第三方佐证")),
    (Tier.OFFICIAL, _("部门数据")),
]
DIMENSION_CHOICES = [(name, name) for name in ("经营", "创新", "结构", "质效", "风险", "信用", "资质")]


def validate_choices(choices: Any) -> None:
    """A list of {"value": text, "label": text}, each value once. Raises ValidationError."""
    try:
        values = [choice["value"] for choice in choices]
        sound = all(set(choice) == {"value", "label"} for choice in choices) and all(
            isinstance(text, str) and text for choice in choices for text in choice.values()
        )
    except (TypeError, KeyError):
        values, sound = [], False
    if not sound or not isinstance(choices, list):
        raise ValidationError(_("选项应写成 [{“value”: “标识”, “label”: “名称”}, …]。"))
    if len(set(values)) < len(values):
        raise ValidationError(_("选项标识不能重复。"))


@tracked
class Fact(models.Model):
    """One typed thing that can be known of an enterprise or of a claim.

    Key, kind, unit, scale, scope, hierarchy and ``periodic`` freeze with the first value (database trigger
    ``enterprises_fact_frozen``). ``least`` and ``most``, in the unit, hold for values to come.
    """

    key = models.CharField(_("标识"), max_length=60, unique=True)
    label = models.CharField(_("名称"), max_length=80)
    label_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    kind = models.CharField(_("类型"), max_length=8, choices=KIND_CHOICES)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    scale = models.PositiveSmallIntegerField(_("小数位"), default=0)
    least = models.DecimalField(
        _("最小值"),
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("按单位填写，金额按元；不填即不限"),
    )
    most = models.DecimalField(_("最大值"), max_digits=18, decimal_places=4, null=True, blank=True)
    dimension = models.CharField(_("维度"), max_length=8, choices=DIMENSION_CHOICES)
    department = models.ForeignKey(
        Department,
        verbose_name=_("数据部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="facts",
    )
    scope = models.CharField(_("范围"), max_length=10, choices=SCOPE_CHOICES, default=Scope.ENTERPRISE)
    periodic = models.BooleanField(_("按年度"), default=False)
    fresh_days = models.PositiveIntegerField(_("有效天数"), null=True, blank=True)
    complete = models.BooleanField(
        _("名单完整"), default=False, help_text=_("部门掌握全部名单：没有记录即没有")
    )
    choices = models.JSONField(
        _("选项"),
        default=list,
        blank=True,
        validators=[validate_choices],
        help_text=_("[{“value”: …, “label”: …}]，有序时由低到高"),
    )
    ordered = models.BooleanField(_("选项有序"), default=False)
    derived = models.BooleanField(_("计算得出"), default=False, editable=False)
    hierarchy = models.CharField(_("代码体系"), max_length=8, choices=HIERARCHY_CHOICES, blank=True)
    supply = models.PositiveSmallIntegerField(_("最低来源"), choices=TIER_CHOICES, default=Tier.OFFICIAL)
    help = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN),
                name="enterprises_fact_key",
                violation_error_message=_("标识只用小写字母、数字和下划线，以字母开头。"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]),
                name="enterprises_fact_kind",
                violation_error_message=_("请选择类型。"),
            ),
            models.CheckConstraint(
                condition=Q(scope__in=[scope.value for scope in Scope]),
                name="enterprises_fact_scope",
                violation_error_message=_("请选择范围。"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["number", "percent"], scale__lte=6) | Q(scale=0),
                name="enterprises_fact_scale",
                violation_error_message=_("只有小数和百分数有小数位，最多 6 位。"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in sorted(NUMERIC)])
                | Q(least__isnull=True, most__isnull=True),
                name="enterprises_fact_range_of_numbers",
                violation_error_message=_("只有金额、小数、百分数和整数有最小值和最大值。"),
            ),
            models.CheckConstraint(
                condition=Q(least__isnull=True) | Q(most__isnull=True) | Q(least__lte=F("most")),
                name="enterprises_fact_range",
                violation_error_message=_("最小值不能大于最大值。"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["choice", "choices"]) & ~Q(choices=[])
                | ~Q(kind__in=["choice", "choices"]) & Q(choices=[], ordered=False),
                name="enterprises_fact_choices",
                violation_error_message=_("单选、多选须列出选项，其他类型没有选项。"),
            ),
            models.CheckConstraint(
                condition=Q(kind="code") & ~Q(hierarchy="") | ~Q(kind="code") & Q(hierarchy=""),
                name="enterprises_fact_hierarchy",
                violation_error_message=_("分级代码须选代码体系，其他类型不选。"),
            ),
            models.CheckConstraint(
                condition=~Q(complete=True) | Q(kind="choices"),
                name="enterprises_fact_complete",
                violation_error_message=_("只有多选指标可标“名单完整”。"),
            ),
            models.CheckConstraint(
                condition=Q(scope="enterprise") | Q(periodic=False, derived=False),
                name="enterprises_fact_claim",
                violation_error_message=_("单次申报的指标不分年度，也不是计算得出。"),
            ),
            models.CheckConstraint(
                condition=Q(supply__in=[tier.value for tier in Tier]),
                name="enterprises_fact_supply",
                violation_error_message=_("请选择最低来源。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label


_SAYS_NOTHING = {
    "scaled__isnull": True,
    "text__isnull": True,
    "items__isnull": True,
    "not_applicable": False,
    "withdrawn": False,
}


class FactValue(AppendOnly):
    """One value of a fact as one source gave it. A correction is a new row.

    ``withdrawn``: the source gives no value any more. In force such a row hides what was said before, by
    lesser sources too, and the fact is unknown.

    ``scaled`` holds money in fen, number, percent and integer × 10^scale, bool as 0 or 1 and a date as its
    proleptic Gregorian ordinal; ``text`` a choice or code; ``items`` a set of choices.
    That the value fits its fact is checked by the trigger ``enterprises_factvalue_fits``.
    """

    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="values", db_index=False
    )
    fact = models.ForeignKey(
        Fact, verbose_name=_("指标"), on_delete=models.PROTECT, related_name="values", db_index=False
    )
    period = models.SmallIntegerField(_("年度"), null=True, blank=True)
    scaled = models.BigIntegerField(_("数值"), null=True, blank=True)
    text = models.CharField(_("选项或代码"), max_length=60, null=True, blank=True)  # noqa: DJ001
    items = ArrayField(models.CharField(max_length=60), verbose_name=_("多选"), null=True, blank=True)
    not_applicable = models.BooleanField(_("不适用"), default=False)
    withdrawn = models.BooleanField(_("已撤回"), default=False, db_default=False)
    source_department = models.ForeignKey(
        Department,
        verbose_name=_("来源部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("空表示企业自己"),
    )
    tier = models.PositiveSmallIntegerField(_("可信层级"), choices=TIER_CHOICES)
    as_of = models.DateField(_("截至日期"))
    recorded_at = models.DateTimeField(_("入库时间"), db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("录入人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        editable=False,
    )

    class Meta:
        verbose_name = _("指标取值")
        verbose_name_plural = _("指标取值")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["enterprise", "fact", "period"], name="enterprises_value_of"),
            models.Index(fields=["fact", "id"], name="enterprises_value_fact"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(**_SAYS_NOTHING | {"scaled__isnull": False})
                    | Q(**_SAYS_NOTHING | {"text__isnull": False})
                    | Q(**_SAYS_NOTHING | {"items__isnull": False})
                    | Q(**_SAYS_NOTHING | {"not_applicable": True})
                    | Q(**_SAYS_NOTHING | {"withdrawn": True})
                ),
                name="enterprises_factvalue_one_value",
                violation_error_message=_("每条取值只有一个值，或者“不适用”“已撤回”。"),
            ),
            models.CheckConstraint(
                condition=Q(period__isnull=True) | Q(period__range=(1949, 2200)),
                name="enterprises_factvalue_period",
                violation_error_message=_("年度不合理，请核对。"),
            ),
            models.CheckConstraint(
                condition=Q(tier__in=[tier.value for tier in Tier]),
                name="enterprises_factvalue_tier",
                violation_error_message=_("请选择可信层级。"),
            ),
            models.CheckConstraint(
                condition=Q(source_department__isnull=False) | Q(tier__lt=Tier.OFFICIAL),
                name="enterprises_factvalue_self_not_official",
                violation_error_message=_("企业自己填报的数据不是部门数据。"),
            ),
            models.CheckConstraint(
                condition=Q(as_of__range=(dt.date(1949, 1, 1), dt.date(2200, 12, 31))),
                name="enterprises_factvalue_as_of",
                violation_error_message=_("截至日期不合理，请核对。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact_id}@{self.period or self.as_of}"


IN_FORCE_ORDER = [F("tier").desc(), F("as_of").desc(), F("recorded_at").desc(), F("id").desc()]
"""Best tier, then newest date, then newest record, then id: the first row is the value in force."""
