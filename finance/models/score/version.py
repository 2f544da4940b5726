"""A points table and its versions: what scores are reckoned by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from finance.scoring.enums import Dimension
from portal.kernel.transitions import EventModel
from portal.kernel.versions import Editor, Version, Versioned, VersionQuerySet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.accounts.models import User


class ScoreModel(Versioned):
    """A points table for a kind of enterprise; its versions say what counts how much."""

    class Meta(Versioned.Meta):
        verbose_name = _("评分模型")
        verbose_name_plural = _("评分模型")


class ScoreVersionQuerySet(VersionQuerySet["ScoreVersion"]):
    """The door to versions."""


class ScoreVersion(Version):
    """What counts how much, from a time on. Several people may write a draft (`editors`).

    A score starts at ``base``; each characteristic adds or takes away the points of the bin that its value
    falls in. The weight of a dimension is by how much its characteristics can move the score in all; the
    weights make 100, and ``base`` is such that scores lie between 0 and 100. Publication checks it in the
    database (trigger ``finance_score_publication``), and that whoever edited a version does not publish it.
    """

    model = models.ForeignKey(ScoreModel, models.PROTECT, related_name="versions", verbose_name=_("评分模型"))
    base = models.PositiveSmallIntegerField(_("起评分（百分之一分）"), help_text=_("4000 即 40 分。"))
    tax_weight = models.PositiveSmallIntegerField(_("纳税信用权重"))
    trust_weight = models.PositiveSmallIntegerField(_("履约诚信权重"))
    conduct_weight = models.PositiveSmallIntegerField(_("经营行为权重"))
    scene_weight = models.PositiveSmallIntegerField(_("场景特征权重"))
    note = models.TextField(_("修订说明"), blank=True)

    objects = ScoreVersionQuerySet.as_manager()

    class Meta(Version.Meta):
        verbose_name = _("评分版本")
        verbose_name_plural = _("评分版本")
        constraints = [
            *Version.Meta.constraints,
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

    def is_by(self, user: User) -> bool:
        """Whether a user is among those who wrote it."""
        return self.editors.filter(user=user).exists()


class ScoreEditor(Editor):
    """Who wrote a version. Kept by a database trigger from `edited_by`; none of them may publish it."""

    version = models.ForeignKey(ScoreVersion, models.PROTECT, related_name="editors", verbose_name=_("版本"))

    class Meta:
        verbose_name = _("编写记录")
        verbose_name_plural = _("编写记录")
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="finance_scoreeditor_once")]


class ScoreVersionEvent(EventModel):
    """Who published, retired or discarded a version, when and why."""

    subject = models.ForeignKey(ScoreVersion, models.PROTECT, related_name="events", verbose_name=_("版本"))

    class Meta(EventModel.Meta):
        verbose_name = _("评分版本动态")
        verbose_name_plural = _("评分版本动态")
