"""What an enterprise is owed: once an item and period, with the evidence that it rests on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from policies.models.applying import Application
from policies.models.item import PolicyItem
from policies.models.version import ItemVersion
from portal.kernel.models import AppendOnly, AppendOnlyQuerySet


class AwardSource(models.TextChoices):
    """How it came to be owed."""

    ENJOY = "enjoy", _("免申即享")
    APPLICATION = "application", _("申报核定")
    CORRECTION = "correction", _("更正补发")


class AwardQuerySet(AppendOnlyQuerySet):
    """The door to awards."""

    def for_lists(self) -> AwardQuerySet:
        """With what a row of a list shows, in one query."""
        return self.select_related("enterprise", "version", "item__department").defer(
            "evidence", "version__materials", "version__steps", "version__contacts"
        )


class Award(AppendOnly):
    """A sum that an enterprise is owed (应付). Of an item and period there is one, but for what corrects it.

    `evidence` says what it rests on, as whoever made it knew it (rule version, day, what was known); `digest`
    is the SHA-256 of its canonical JSON.
    """

    item = models.ForeignKey(
        PolicyItem,
        verbose_name=_("事项"),
        on_delete=models.PROTECT,
        related_name="awards",
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="awards"
    )
    period = models.PositiveSmallIntegerField(_("年度"))
    version = models.ForeignKey(
        ItemVersion, verbose_name=_("版本"), on_delete=models.PROTECT, related_name="+"
    )
    amount_fen = models.BigIntegerField(_("金额（分）"))
    source = models.CharField(_("来源"), max_length=12, choices=AwardSource)
    application = models.OneToOneField(
        Application,
        verbose_name=_("申报"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="award",
    )
    correction = models.OneToOneField(
        "policies.Correction",
        verbose_name=_("更正"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topup",
    )
    exclusivity_group = models.CharField(_("就高不重复组"), max_length=64, blank=True)
    evidence = models.JSONField(_("依据"), encoder=DjangoJSONEncoder)
    digest = models.CharField(_("SHA-256"), max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("确定人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("空表示系统自动办理"),
    )
    made_at = models.DateTimeField(_("确定时间"))

    objects: ClassVar[Any] = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("应付资金")
        verbose_name_plural = _("应付资金")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="policies_award_amount",
                violation_error_message=_("应付金额须大于零。"),
            ),
            models.UniqueConstraint(
                fields=["item", "enterprise", "period"],
                condition=~Q(source=AwardSource.CORRECTION),
                name="policies_award_once",
                violation_error_message=_("该企业已享受过这个事项的同一年度。"),
            ),
            models.UniqueConstraint(
                fields=["id", "enterprise", "amount_fen"],
                name="policies_award_as_made",
                violation_error_message=_("应付资金的企业和金额不能改变。"),
            ),
            models.CheckConstraint(
                condition=Q(source=AwardSource.ENJOY, application=None, correction=None)
                | Q(source=AwardSource.APPLICATION, application__isnull=False, correction=None)
                | Q(source=AwardSource.CORRECTION, application=None, correction__isnull=False),
                name="policies_award_source",
                violation_error_message=_("来源与申报、更正不一致。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} · {self.period}"
