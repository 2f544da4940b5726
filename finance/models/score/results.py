"""Scores as they were reckoned: one with its reasons for a bank, and those of all enterprises on a day."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from enterprises.models import ConsentReading, Enterprise
from finance.models.score.version import ScoreVersion
from finance.scoring.sheets import BANDS
from portal.kernel.models import AppendOnly, TrackedProgress


class Score(AppendOnly):
    """One enterprise's score as whoever read under a consent relied on it. Points are hundredths of a point.

    It was reckoned from what that ``reading`` handed out and from nothing else, as of its moment, and no
    other grantee sees it; the runs over everybody reckon from all that is known (``ScoreSheet``).
    ``points`` lets what is missing count neither way; ``low`` and ``high`` say between which bounds the
    score lies whatever the missing turns out to be. ``parts`` are the reasons
    (``finance.scoring.records``): with ``base`` their points add up to the score, in the database too.
    ``digest`` is that of version, day and parts.
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="scores", verbose_name=_("企业"))
    reading = models.OneToOneField(
        ConsentReading, models.PROTECT, related_name="score", verbose_name=_("所依据的查阅")
    )
    version = models.ForeignKey(
        ScoreVersion, models.PROTECT, related_name="scores", verbose_name=_("评分版本")
    )
    as_of = models.DateField(_("评分日"))
    known_at = models.DateTimeField(_("已知时点"))
    base = models.PositiveSmallIntegerField(_("起评分（百分之一分）"))
    points = models.PositiveSmallIntegerField(_("得分（百分之一分）"))
    low = models.PositiveSmallIntegerField(_("下限（百分之一分）"))
    high = models.PositiveSmallIntegerField(_("上限（百分之一分）"))
    parts = models.JSONField(_("理由"))
    digest = models.CharField(_("摘要"), max_length=64)
    recorded_at = models.DateTimeField(_("记录时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("信用评分")
        verbose_name_plural = _("信用评分")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["enterprise", "-as_of"], name="finance_score_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(low__lte=F("points"), high__gte=F("points"), high__lte=10_000),
                name="finance_score_within_range",
                violation_error_message=_("得分须在下限与上限之间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id}@{self.as_of}: {self.points}"


class ScoreRun(TrackedProgress):
    """All enterprises in business scored by one version, on one day, with what was known at one time.

    A run keeps its version to the end, though that be retired meanwhile; begun with one that is not in use
    it never is (trigger ``finance_score_in_use``).
    """

    version = models.ForeignKey(ScoreVersion, models.PROTECT, related_name="runs", verbose_name=_("评分版本"))
    as_of = models.DateField(_("评分日"))
    known_at = models.DateTimeField(_("已知时点"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("发起人"),
        help_text=_("空表示每月自动"),
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)

    class Meta(TrackedProgress.Meta):
        verbose_name = _("批量评分")
        verbose_name_plural = _("批量评分")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-as_of"], name="finance_scorerun_newest")]

    def __str__(self) -> str:
        return _now("批量评分 %(pk)s（%(as_of)s）") % {"pk": self.pk, "as_of": self.as_of}

    def get_absolute_url(self) -> str:
        """Where officials watch it."""
        return reverse("admin:finance_scorerun_change", args=[self.pk])


class ScoreSheet(AppendOnly):
    """A run's scores of some enterprises: ids ``first`` to ``last``, packed (``finance.scoring.sheets``).

    ``bands`` counts them by tens of points, ``settled`` those whose score no missing fact can change.
    """

    run = models.ForeignKey(ScoreRun, models.PROTECT, related_name="sheets", verbose_name=_("批量评分"))
    first = models.BigIntegerField(_("从"))
    last = models.BigIntegerField(_("到"))
    count = models.PositiveIntegerField(_("企业数"))
    settled = models.PositiveIntegerField(_("资料齐全"))
    bands = ArrayField(models.PositiveIntegerField(), size=BANDS, verbose_name=_("分布"))
    payload = models.BinaryField(_("明细"))

    class Meta:
        verbose_name = _("评分结果")
        verbose_name_plural = _("评分结果")
        ordering = ["run", "first"]
        indexes = [models.Index(fields=["first", "last"], name="finance_scoresheet_holds")]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "first"],
                name="finance_scoresheet_once",
                violation_error_message=_("这一段企业在这次评分中已有结果。"),
            ),
            models.CheckConstraint(
                condition=Q(first__lte=F("last"), settled__lte=F("count")),
                name="finance_scoresheet_in_order",
                violation_error_message=_("评分结果的起止或计数不合理。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.first}–{self.last}"


class ScoreComparison(TrackedProgress):
    """A draft against the version in use over all enterprises, before anybody publishes it.

    ``digest`` names the draft as it was compared: one that was changed since wants another comparison. The
    figures stand in ``result`` (``finance.scoring.comparing``).
    """

    draft = models.ForeignKey(
        ScoreVersion, models.PROTECT, related_name="comparisons", verbose_name=_("草稿")
    )
    against = models.ForeignKey(
        ScoreVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("使用中的版本")
    )
    digest = models.CharField(_("草稿摘要"), max_length=64)
    as_of = models.DateField(_("评分日"))
    known_at = models.DateTimeField(_("已知时点"))
    result = models.JSONField(_("结果"), default=dict, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("发起人")
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)

    class Meta(TrackedProgress.Meta):
        verbose_name = _("新旧比较")
        verbose_name_plural = _("新旧比较")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return _now("新旧比较 %(pk)s") % {"pk": self.pk}

    def get_absolute_url(self) -> str:
        """Where officials watch and read it."""
        return reverse("admin:finance_scorecomparison_change", args=[self.pk])
