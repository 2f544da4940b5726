"""A points table and its versions: what scores are reckoned by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from enterprises.models.reference import KEY_PATTERN
from finance.scoring.enums import Dimension, ScoreState
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from collections.abc import Mapping


class ScoreModel(models.Model):
    """A points table for a kind of enterprise; its versions say what counts how much."""

    code = models.CharField(_("标识"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    summary = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("评分模型")
        verbose_name_plural = _("评分模型")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=KEY_PATTERN),
                name="finance_scoremodel_code",
                violation_error_message=_("标识只用小写字母、数字和下划线，以字母开头。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScoreVersionQuerySet(models.QuerySet["ScoreVersion"]):
    """The door to versions."""

    def in_use(self, code: str) -> ScoreVersion | None:
        """The published version of a model; None before the first one is."""
        return self.filter(model__code=code, state=ScoreState.PUBLISHED).select_related("model").first()


class ScoreVersion(models.Model):
    """What counts how much, from a time on. Changes while it is a draft and then never again.

    A score starts at ``base``; each characteristic adds or takes away the points of the bin that its value
    falls in. The weight of a dimension is by how much its characteristics can move the score in all; the
    weights make 100, and ``base`` is such that scores lie between 0 and 100. Publication checks it in the
    database (trigger ``finance_score_publication``), and that whoever edited a version does not publish it.
    """

    model = models.ForeignKey(ScoreModel, models.PROTECT, related_name="versions", verbose_name=_("评分模型"))
    number = models.PositiveIntegerField(_("版次"))
    base = models.PositiveSmallIntegerField(_("起评分（百分之一分）"), help_text=_("4000 即 40 分。"))
    tax_weight = models.PositiveSmallIntegerField(_("纳税信用权重"))
    trust_weight = models.PositiveSmallIntegerField(_("履约诚信权重"))
    conduct_weight = models.PositiveSmallIntegerField(_("经营行为权重"))
    scene_weight = models.PositiveSmallIntegerField(_("场景特征权重"))
    note = models.TextField(_("修订说明"), blank=True)
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
    state = models.CharField(
        _("状态"), max_length=10, choices=ScoreState, default=ScoreState.DRAFT, editable=False
    )

    objects = ScoreVersionQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=ScoreState.DRAFT,
        transitions=(
            Transition("publish", (ScoreState.DRAFT,), ScoreState.PUBLISHED, _("发布")),
            Transition("retire", (ScoreState.PUBLISHED,), ScoreState.RETIRED, _("停用")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("评分版本")
        verbose_name_plural = _("评分版本")
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"],
                name="finance_scoreversion_number_once",
                violation_error_message=_("同一模型的版次不能重复。"),
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state=ScoreState.PUBLISHED),
                name="finance_scoreversion_one_published",
                violation_error_message=_("同一模型只能有一个使用中的版本。"),
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state=ScoreState.DRAFT),
                name="finance_scoreversion_one_draft",
                violation_error_message=_("该模型已有一个草稿，请在草稿上继续修改。"),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="finance_scoreversion_number_positive",
                violation_error_message=_("版次从 1 开始。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    tax_weight=100 - F("trust_weight") - F("conduct_weight") - F("scene_weight"),
                ),
                name="finance_scoreversion_weights_make_100",
                violation_error_message=_("四个维度的权重合计须为 100。"),
            ),
            models.CheckConstraint(
                condition=Q(base__lte=10_000),
                name="finance_scoreversion_base",
                violation_error_message=_("起评分在 0 到 100 分之间。"),
            ),
            models.CheckConstraint(
                condition=Q(state=ScoreState.DRAFT, published_at=None, published_by=None)
                | (~Q(state=ScoreState.DRAFT) & Q(published_at__isnull=False)),
                name="finance_scoreversion_published_when",
                violation_error_message=_("发布须记下时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state=ScoreState.RETIRED) ^ Q(retired_at=None),
                name="finance_scoreversion_retired_when",
                violation_error_message=_("停用须记下时间。"),
            ),
        ]

    def __str__(self) -> str:
        return _now("%(model)s 第 %(number)d 版") % {"model": self.model, "number": self.number}

    def get_absolute_url(self) -> str:
        """Where officials look at it."""
        return reverse("admin:finance_scoreversion_change", args=[self.pk])

    @property
    def weights(self) -> Mapping[str, int]:
        """Weight of each dimension."""
        return {dimension: getattr(self, f"{dimension}_weight") for dimension in Dimension.values}

    @property
    def is_draft(self) -> bool:
        """Whether it may still be edited."""
        return self.state == ScoreState.DRAFT


class ScoreEditor(AppendOnly):
    """Who wrote a version. Kept by a database trigger from `edited_by`; none of them may publish it."""

    version = models.ForeignKey(ScoreVersion, models.PROTECT, related_name="editors", verbose_name=_("版本"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("编写人")
    )

    class Meta:
        verbose_name = _("编写记录")
        verbose_name_plural = _("编写记录")
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="finance_scoreeditor_once")]

    def __str__(self) -> str:
        return str(self.user)


class ScoreVersionEvent(EventModel):
    """Who published or retired a version, when and why."""

    subject = models.ForeignKey(ScoreVersion, models.PROTECT, related_name="events", verbose_name=_("版本"))

    class Meta(EventModel.Meta):
        verbose_name = _("评分版本动态")
        verbose_name_plural = _("评分版本动态")
