"""Rules with their dated versions, and the runs that matched them against enterprises."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from matching.batch.results import Matches
from portal.kernel.models import AppendOnly, TrackedProgress


class GoverningDate(models.TextChoices):
    """Which date of a claim gives the reference year ``Y`` when the version does not fix it."""

    EVENT = "event", _("事件发生日")
    APPLICATION = "application", _("申报日")
    DECISION = "decision", _("审定日")


def own_key() -> str:
    """A key for a rule that is nobody's: policy items and products give theirs."""
    return f"rule-{uuid4().hex[:12]}"


class Rule(models.Model):
    """What holds conditions and an amount over time: a policy item's, a credit product's."""

    key = models.CharField(_("标识"), max_length=64, unique=True, default=own_key)
    label = models.CharField(_("名称"), max_length=200)
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("规则")
        verbose_name_plural = _("规则")
        ordering = ["label", "pk"]

    def __str__(self) -> str:
        return self.label


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    """Versions by their standing on a day."""

    def drafts(self) -> RuleVersionQuerySet:
        """Versions that may still be edited."""
        return self.filter(published_at=None)

    def standing(self) -> RuleVersionQuerySet:
        """Published and not retracted."""
        return self.filter(published_at__isnull=False, retracted_at=None)

    def in_force(self, as_of: datetime.date) -> RuleVersionQuerySet:
        """Standing versions whose period holds ``as_of``: at most one a rule."""
        return self.standing().filter(valid__contains=as_of)


class RuleVersion(models.Model):
    """Conditions and amount of a rule for a period of days, ``[from, to)``.

    A draft changes freely. Once published, nothing changes but the upper end of its period,
    closed once (``closed_at`` says when), and ``retracted_at``, set once with a reason; a
    database trigger holds that. An exclusion constraint forbids two published, unretracted
    versions of a rule on one day.

    The push key is (enterprise, version): a message about a version reaches an enterprise's
    mailbox at most once, under :attr:`push_key`.
    """

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", verbose_name=_("规则"))
    number = models.PositiveIntegerField(_("版次"))
    conditions = models.JSONField(_("申报条件"), default=dict)
    amount = models.JSONField(_("奖补标准"), null=True, blank=True)
    reference_year = models.PositiveSmallIntegerField(_("基准年度"), null=True, blank=True)
    event_fact = models.CharField(_("事件指标"), max_length=80, blank=True)
    governing_date = models.CharField(
        _("适用日期"), max_length=12, choices=GoverningDate, default=GoverningDate.APPLICATION
    )
    valid = DateRangeField(  # type: ignore[misc] # the stubs cannot say that a range may be missing
        _("有效期"), null=True, blank=True
    )
    examples = models.JSONField(_("样例"), default=list, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("编写人"),
    )
    recorded_at = models.DateTimeField(_("录入时间"), db_default=Now(), editable=False)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("截止设定时间"), null=True, blank=True, editable=False)
    retracted_at = models.DateTimeField(_("撤回时间"), null=True, blank=True, editable=False)
    retraction_reason = models.TextField(_("撤回原因"), blank=True)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则版本")
        verbose_name_plural = _("规则版本")
        ordering = ["rule", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "number"],
                name="matching_version_number_once",
                violation_error_message=_("这条规则已有同一版次。"),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="matching_version_number_positive",
                violation_error_message=_("版次从 1 开始。"),
            ),
            models.CheckConstraint(
                condition=Q(published_at=None)
                | Q(valid__isnull=False, valid__isempty=False, valid__lower_inf=False),
                name="matching_version_published_has_period",
                violation_error_message=_("发布的版本必须写明从哪一天起有效。"),
            ),
            models.CheckConstraint(
                condition=(Q(retracted_at=None) & Q(retraction_reason=""))
                | (Q(retracted_at__isnull=False, published_at__isnull=False) & ~Q(retraction_reason="")),
                name="matching_version_retraction_reasoned",
                violation_error_message=_("撤回已发布的版本必须写明原因。"),
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(published_at__isnull=False, valid__upper_inf=False),
                name="matching_version_closed_has_end",
                violation_error_message=_("截止的版本必须有结束日期。"),
            ),
            ExclusionConstraint(
                name="matching_version_periods_apart",
                expressions=[(F("rule"), RangeOperators.EQUAL), (F("valid"), RangeOperators.OVERLAPS)],
                condition=Q(published_at__isnull=False, retracted_at=None),
                violation_error_message=_("同一规则已有发布的版本在这段日期内有效。"),
            ),
        ]

    def __str__(self) -> str:
        return _("%(rule)s 第 %(number)d 版") % {"rule": self.rule, "number": self.number}

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """As Django's, which stumbles over a conditional exclusion constraint when a field is left out."""
        named = {"published_at", "retracted_at"}
        super().validate_constraints(exclude=None if exclude is None else set(exclude) - named)

    @property
    def is_draft(self) -> bool:
        """Whether the version may still be edited."""
        return self.published_at is None

    @property
    def begins(self) -> datetime.date | None:
        """First day of the period. Every published version has one."""
        return self.valid.lower if self.valid else None

    @property
    def push_key(self) -> str:
        """The key that makes a message about this version unique in a mailbox."""
        return f"push:{self.pk}"


class RunPurpose(models.TextChoices):
    """Why a run matches: to show (unknowns stay open) or to pay (official and fresh values only)."""

    SHOW = "show", _("展示")
    PAY = "pay", _("兑付")


class Run(TrackedProgress):
    """One matching of versions against enterprises, on one day, with what was known at one time.

    ``version`` is set for the run of a single published version and empty for a run of all
    versions in force. ``position`` is how far the run's caller has come in its own work on the
    result (say, messages written), so that a run killed half way resumes there.
    """

    label = models.CharField(_("说明"), max_length=200, blank=True)
    version = models.ForeignKey(
        RuleVersion, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("规则版本")
    )
    purpose = models.CharField(_("用途"), max_length=4, choices=RunPurpose, default=RunPurpose.SHOW)
    as_of = models.DateField(_("判断日"))
    known_at = models.DateTimeField(_("已知时点"))
    position = models.BigIntegerField(_("进行到"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("发起人"),
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)

    class Meta(TrackedProgress.Meta):
        verbose_name = _("匹配任务")
        verbose_name_plural = _("匹配任务")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return _("匹配任务 %(pk)s（%(as_of)s）") % {"pk": self.pk, "as_of": self.as_of}

    def get_absolute_url(self) -> str:
        """The page where officials watch it."""
        return reverse("admin:matching_run_progress", args=[self.pk])


class RunResult(AppendOnly):
    """What a run found for one version: who fits, who is open, who lacks information, how much.

    One row a version, not a row a pair: ``payload`` holds the enterprise ids and amounts as
    compressed bytes (see :mod:`matching.batch.results`), the columns hold the counts. Money in fen;
    ``total_high`` is empty where some amount has no upper bound.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="results", verbose_name=_("匹配任务"))
    version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="results", verbose_name=_("规则版本")
    )
    enterprises = models.PositiveIntegerField(_("参与企业"))
    eligible = models.PositiveIntegerField(_("符合"))
    opened = models.PositiveIntegerField(_("对其开放"))
    needs_info = models.PositiveIntegerField(_("待补充"))
    total_low = models.BigIntegerField(_("金额合计下限"), default=0)
    total_high = models.BigIntegerField(_("金额合计上限"), null=True, blank=True)
    payload = models.BinaryField(_("明细"))
    recorded_at = models.DateTimeField(_("记录时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("匹配结果")
        verbose_name_plural = _("匹配结果")
        ordering = ["run", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "version"],
                name="matching_result_once",
                violation_error_message=_("这次匹配已记录过这个版本的结果。"),
            ),
            models.CheckConstraint(
                condition=Q(enterprises__gte=F("eligible") + F("needs_info")),
                name="matching_result_counts_add_up",
                violation_error_message=_("符合与待补充的企业数不能超过参与企业数。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} × {self.version_id}"

    @property
    def ineligible(self) -> int:
        """How many enterprises the version does not fit."""
        return self.enterprises - self.eligible - self.needs_info

    def unpack(self) -> Matches:
        """The matched ids and amounts."""
        return Matches.from_bytes(bytes(self.payload))
