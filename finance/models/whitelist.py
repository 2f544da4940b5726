"""Enterprises that a department recommends to banks (白名单): found by a rule, confirmed by two people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from finance.models.bank import Bank
from matching.models import RuleVersion
from portal.accounts.models import Department
from portal.kernel.transitions import EventModel, Machine, Transition


class WhitelistState(models.TextChoices):
    """Where a list stands."""

    DRAFT = "draft", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    PUSHED = "pushed", _("已推送银行")
    CLOSED = "closed", _("已结束")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"draft": "due", "pushed": "done", "closed": "plain"}.get(self.value, "info")


S = WhitelistState


class Whitelist(models.Model):
    """Enterprises that a version of a rule fits on a day, recommended to some banks.

    Entries stand once the list is confirmed, by another person than the one who drew it up. `population` is
    how many enterprises were asked, `as_of` the day for which and `known_at` the knowledge with which.
    """

    title = models.CharField(_("名称"), max_length=100)
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="whitelists"
    )
    rule_version = models.ForeignKey(
        RuleVersion, verbose_name=_("规则版本"), on_delete=models.PROTECT, related_name="whitelists"
    )
    as_of = models.DateField(_("截至"))
    known_at = models.DateTimeField(_("数据截至"))
    population = models.PositiveIntegerField(_("筛选企业数"), default=0, editable=False)
    banks: Any = models.ManyToManyField(
        Bank, verbose_name=_("推送银行"), related_name="whitelists", blank=True
    )
    state = models.CharField(_("状态"), max_length=9, choices=S, default=S.DRAFT, editable=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("确认人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, editable=False)
    pushed_at = models.DateTimeField(_("推送时间"), null=True, editable=False)

    machine = Machine(
        "state",
        initial=S.DRAFT,
        transitions=(
            Transition("confirm", (S.DRAFT,), S.CONFIRMED, _("确认")),
            Transition("push", (S.CONFIRMED,), S.PUSHED, _("推送银行")),
            Transition("close", (S.DRAFT, S.CONFIRMED, S.PUSHED), S.CLOSED, _("结束")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("白名单")
        verbose_name_plural = _("白名单")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""),
                name="finance_whitelist_titled",
                violation_error_message=_("请填写白名单名称。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.DRAFT, confirmed_by=None, confirmed_at=None, pushed_at=None)
                | Q(state=S.CONFIRMED, confirmed_by__isnull=False, confirmed_at__isnull=False, pushed_at=None)
                | Q(state=S.PUSHED, confirmed_by__isnull=False, pushed_at__isnull=False)
                | Q(state=S.CLOSED),
                name="finance_whitelist_signed",
                violation_error_message=_("确认须有确认人，推送须先确认。"),
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("drafted_by")),
                name="finance_whitelist_four_eyes",
                violation_error_message=_("提出的人不能自己确认，请由另一人办理。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return WhitelistState(self.state).colour


class WhitelistEvent(EventModel):
    """What became of a list, when and by whom."""

    subject = models.ForeignKey(
        Whitelist, verbose_name=_("白名单"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("白名单经过")
        verbose_name_plural = _("白名单经过")


class WhitelistEntry(models.Model):
    """One enterprise of a list; a person may take it off with a reason, before the list is confirmed.

    `evidence` is why the rule fits it, as it was judged when the list was drawn up, `digest` its SHA-256
    (``finance.whitelists.evidence``).
    """

    whitelist = models.ForeignKey(
        Whitelist, verbose_name=_("白名单"), on_delete=models.PROTECT, related_name="entries"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="whitelistings"
    )
    evidence = models.JSONField(_("依据"), default=dict, editable=False)
    digest = models.CharField(_("依据 SHA-256"), max_length=64, blank=True, editable=False)
    excluded = models.CharField(_("剔除原因"), max_length=300, blank=True, editable=False)
    excluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("剔除人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("白名单企业")
        verbose_name_plural = _("白名单企业")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["whitelist", "enterprise"],
                name="finance_whitelistentry_once",
                violation_error_message=_("这家企业已在名单上。"),
            ),
            models.CheckConstraint(
                condition=Q(excluded="", excluded_by=None) | ~Q(excluded="") & Q(excluded_by__isnull=False),
                name="finance_whitelistentry_excluded",
                violation_error_message=_("剔除须写明原因和办理人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whitelist_id} · {self.enterprise_id}"

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """Each condition with what was known, from whom and of when; none of old lists."""
        found: list[dict[str, Any]] = self.evidence.get("conditions", [])
        return found


class EntryOutcome(models.TextChoices):
    """What a bank came to with an enterprise."""

    CONTACTED = "contacted", _("已联系")
    NO_NEED = "no_need", _("无融资需求")
    REFUSED = "refused", _("不符合本行条件")
    GRANTED = "granted", _("已授信")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"granted": "done", "contacted": "info"}.get(self.value, "plain")


class WhitelistResult(models.Model):
    """A bank's word on an entry: one a bank, the newest; all that it ever said is in `WhitelistWord`."""

    entry = models.ForeignKey(
        WhitelistEntry, verbose_name=_("白名单企业"), on_delete=models.PROTECT, related_name="results"
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
        verbose_name = _("白名单结果")
        verbose_name_plural = _("白名单结果")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "bank"],
                name="finance_whitelistresult_once",
                violation_error_message=_("本行已填报过这家企业。"),
            ),
            models.CheckConstraint(
                condition=Q(outcome="granted", amount_fen__isnull=False, amount_fen__gt=0)
                | Q(outcome__in=["contacted", "no_need", "refused"], amount_fen=None),
                name="finance_whitelistresult_amount",
                violation_error_message=_("已授信的须填写授信金额，其他结果不填。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} · {self.get_outcome_display()}"

    @property
    def colour(self) -> str:
        """Of a badge that shows what the bank came to."""
        return EntryOutcome(self.outcome).colour
