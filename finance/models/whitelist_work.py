"""How whitelists come about and come back: runs that draw them up, and the results that banks bring."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from finance.models.bank import Bank
from finance.models.whitelist import EntryOutcome, Whitelist, WhitelistEntry
from matching.models import RuleVersion
from portal.accounts.models import Department
from portal.kernel.brought import BroughtFile
from portal.kernel.models import DatabaseWritten, Progress, TrackedProgress
from portal.kernel.transitions import EventModel


class WhitelistRun(TrackedProgress):
    """The county before a rule, to become a list: people watch it; what it looks for stands.

    `total` and `done` count enterprises that the rule fits, each judged by itself for its evidence.
    """

    title = models.CharField(_("名称"), max_length=100)
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="whitelist_runs"
    )
    rule_version = models.ForeignKey(
        RuleVersion, verbose_name=_("规则版本"), on_delete=models.PROTECT, related_name="whitelist_runs"
    )
    as_of = models.DateField(_("截至"))
    known_at = models.DateTimeField(_("数据截至"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)
    whitelist = models.OneToOneField(
        Whitelist,
        verbose_name=_("名单"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="run",
    )

    class Meta(TrackedProgress.Meta):
        verbose_name = _("白名单筛选")
        verbose_name_plural = _("白名单筛选")
        ordering = ["-pk"]
        constraints = [
            *TrackedProgress.Meta.constraints,
            models.UniqueConstraint(
                fields=["department", "rule_version"],
                condition=Q(state__in=[Progress.QUEUED, Progress.RUNNING]),
                name="finance_whitelistrun_one_at_work",
                violation_error_message=_("正在按这条规则筛选，请等它完成。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=Progress.DONE) | Q(whitelist__isnull=False),
                name="finance_whitelistrun_drawn",
                violation_error_message=_("筛选完成须有名单。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class WhitelistWord(DatabaseWritten):
    """All that banks ever said of entries: a trigger writes down each result and each change of it."""

    entry = models.ForeignKey(
        WhitelistEntry, verbose_name=_("白名单企业"), on_delete=models.PROTECT, related_name="words"
    )
    bank = models.ForeignKey(Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("结果"), max_length=9, choices=EntryOutcome)
    amount_fen = models.BigIntegerField(_("授信金额（分）"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("填报人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("填报时间"))

    class Meta:
        verbose_name = _("白名单填报记录")
        verbose_name_plural = _("白名单填报记录")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.entry_id} · {self.get_outcome_display()}"

    @property
    def colour(self) -> str:
        """Of a badge that shows what the bank came to."""
        return EntryOutcome(self.outcome).colour


class WhitelistReturn(BroughtFile):
    """Results of a list as a bank brought them (Excel)."""

    bank = models.ForeignKey(Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="+")
    whitelist = models.ForeignKey(
        Whitelist, verbose_name=_("名单"), on_delete=models.PROTECT, related_name="returns"
    )

    class Meta(BroughtFile.Meta):
        verbose_name = _("白名单结果清单")
        verbose_name_plural = _("白名单结果清单")
        constraints = [
            *BroughtFile.Meta.constraints,
            models.UniqueConstraint(
                fields=["bank", "whitelist", "sha256"],
                name="finance_whitelistreturn_same_bytes",
                violation_error_message=_("同样内容的清单已经收到过。"),
            ),
        ]


class WhitelistReturnEvent(EventModel):
    """What became of it."""

    subject = models.ForeignKey(
        WhitelistReturn, verbose_name=_("白名单结果清单"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("白名单结果清单经过")
        verbose_name_plural = _("白名单结果清单经过")
