"""What suggestions are made from: written duties, rules, the trained model; and what was suggested."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from appeals.enums import Mode
from appeals.models.appeal import Appeal, Category
from portal.accounts.models import Department, Officer, Section
from portal.kernel.models import AppendOnly


class DutyPhrase(models.Model):
    """One thing a department is there for, in an enterprise's words; the classifier learns from these."""

    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.CASCADE, related_name="duty_phrases"
    )
    section = models.ForeignKey(
        Section,
        verbose_name=_("科室"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="duty_phrases",
    )
    text = models.CharField(_("职责短语"), max_length=120)
    mode = models.CharField(
        _("方式"),
        max_length=8,
        choices=Mode,
        default=Mode.DISPATCH,
        help_text=_("企业可自选的服务写点单，市场机构竞争的写抢单，其余派单。"),
    )

    class Meta:
        verbose_name = _("职责短语")
        verbose_name_plural = _("职责短语")
        ordering = ["department__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "text"],
                name="appeals_dutyphrase_once",
                violation_error_message=_("该部门已有这条短语。"),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class RoutingRule(models.Model):
    """A rule that comes before the classifier: category, town and words, all that are given must hold."""

    title = models.CharField(_("名称"), max_length=80, unique=True)
    category = models.ForeignKey(
        Category, verbose_name=_("类别"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    region = models.CharField(_("镇街代码"), max_length=12, blank=True, help_text=_("按前缀"))
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("任一词"), default=list, blank=True)
    unless = ArrayField(models.CharField(max_length=20), verbose_name=_("不含的词"), default=list, blank=True)
    department = models.ForeignKey(
        Department, verbose_name=_("派给"), on_delete=models.CASCADE, related_name="routing_rules"
    )
    section = models.ForeignKey(
        Section, verbose_name=_("科室"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.DISPATCH)
    priority = models.PositiveSmallIntegerField(_("优先"), default=100, help_text=_("小的先"))
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("派单规则")
        verbose_name_plural = _("派单规则")
        ordering = ["priority", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(category__isnull=False) | ~Q(region="") | ~Q(words=[]),
                name="appeals_routingrule_asks_something",
                violation_error_message=_("类别、镇街、词至少写一样。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RoutingModel(AppendOnly):
    """A trained classifier: `weights` is NumPy's npz (no pickle), `vocabulary` and `classes` its axes."""

    trained_at = models.DateTimeField(_("训练时间"), db_default=Now(), editable=False)
    samples = models.PositiveIntegerField(_("样本数"))
    classes = models.JSONField(_("部门"))
    vocabulary = models.JSONField(_("词"))
    weights = models.BinaryField(_("权重"))
    figures = models.JSONField(_("检验"), default=dict)

    class Meta:
        verbose_name = _("建议模型")
        verbose_name_plural = _("建议模型")
        ordering = ["-pk"]
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"#{self.pk} {self.trained_at:%Y-%m-%d %H:%M}"


class Suggestion(AppendOnly):
    """What the system suggested for an appeal, in order, with its reasons. Newer `made_at` replaces older."""

    appeal = models.ForeignKey(
        Appeal, verbose_name=_("诉求"), on_delete=models.PROTECT, related_name="suggestions"
    )
    made_at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    rank = models.PositiveSmallIntegerField(_("第几"))
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="+"
    )
    section = models.ForeignKey(
        Section, verbose_name=_("科室"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    leader = models.ForeignKey(
        Officer, verbose_name=_("责任领导"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.DISPATCH)
    percent = models.PositiveSmallIntegerField(_("把握（%）"))
    reasons = models.JSONField(_("理由"), default=dict)
    rule = models.ForeignKey(
        RoutingRule, verbose_name=_("命中规则"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    model = models.ForeignKey(
        RoutingModel, verbose_name=_("模型"), on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("派单建议")
        verbose_name_plural = _("派单建议")
        ordering = ["appeal", "-made_at", "rank"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rank__range=(1, 3), percent__range=(0, 100)),
                name="appeals_suggestion_rank",
                violation_error_message=_("建议最多三个，把握在 0 到 100 之间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.department} {self.percent}%"
