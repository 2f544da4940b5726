"""Pools that bear losses of loans (风险补偿金池): what is in them, what they stand for, when they stop."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.models.bank import Bank, validate_code
from finance.models.history import tracked
from finance.models.product import MOST_MONTHS, CreditProduct
from finance.models.vocabulary import LoanPurpose
from portal.accounts.models import Department
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition


class PoolState(models.TextChoices):
    """Whether a pool takes loans on."""

    OPEN = "open", _("开放")
    FUSED = "fused", _("已熔断")
    CLOSED = "closed", _("已关闭")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"open": "done", "fused": "late"}.get(self.value, "plain")


S = PoolState
FIGURES = ("capital_fen", "balance_fen", "capacity_fen", "used_fen", "bad_fen")
"""Written by triggers alone."""


class PoolQuerySet(models.QuerySet["RiskPool"]):
    """The door to pools: those a department runs, those a bank takes part in."""

    def of(self, department: Department) -> PoolQuerySet:
        """Those the department runs."""
        return self.filter(department=department)

    def for_bank(self, bank: Bank) -> PoolQuerySet:
        """Those the bank takes part in."""
        return self.filter(banks=bank)

    def with_new(self, day: dt.date) -> PoolQuerySet:
        """Each with `new`: how many of its loans the department may still object to on a day."""
        may = Q(admissions__released_at=None, admissions__bad=False, admissions__objection_until__gte=day)
        return self.annotate(new=models.Count("admissions", filter=may))


@tracked
class RiskPool(models.Model):
    """Money that bears a part of what banks lose on loans, so that they lend (风险补偿金池).

    `capital_fen` is the sum of its sources, `capacity_fen` capital × leverage, rounded down to the fen;
    `balance_fen` what is left of the capital after compensation and recovery; `used_fen` the sum of the loans
    it stands for and `bad_fen` of those among them that are overdue or written off. The database alone writes
    these five. A pool takes a loan on only while both its capacity and its balance × leverage allow it.

    Loans are taken on without asking anybody (见贷即担) within its written terms: its banks and `products`
    (none named: all of the banks'), `purposes` (none: all), `most_months`, and `firm_cap_fen`, the most of
    one enterprise's loans in the pool. Its department may object for `objection_days` working days.

    Shares are percent of a loss and sum to 100. Once `bad_fen` is more than `fuse_rate` percent of `used_fen`
    the database itself closes the pool to new loans (熔断), in the transaction that brought it about.
    """

    code = models.CharField(_("编码"), max_length=40, unique=True, validators=[validate_code])
    name = models.CharField(_("名称"), max_length=100)
    department = models.ForeignKey(
        Department, verbose_name=_("主管部门"), on_delete=models.PROTECT, related_name="risk_pools"
    )
    banks: Any = models.ManyToManyField(
        Bank, verbose_name=_("合作银行"), related_name="risk_pools", blank=True
    )
    leverage = models.DecimalField(_("放大倍数"), max_digits=5, decimal_places=2)
    bank_share = models.DecimalField(_("银行分担（%）"), max_digits=5, decimal_places=2)
    guarantee_share = models.DecimalField(_("补偿金分担（%）"), max_digits=5, decimal_places=2)
    fuse_rate = models.DecimalField(
        _("熔断线（不良率，%）"), max_digits=5, decimal_places=2, default=Decimal("5.00")
    )
    firm_cap_fen = models.BigIntegerField(
        _("单户上限（分）"), null=True, blank=True, help_text=_("一家企业在池贷款合计；不填不限。")
    )
    most_months = models.PositiveSmallIntegerField(
        _("最长期限（月）"), null=True, blank=True, help_text=_("不填不限。")
    )
    products: Any = models.ManyToManyField(
        CreditProduct,
        verbose_name=_("纳入产品"),
        related_name="risk_pools",
        blank=True,
        help_text=_("不选表示合作银行的全部产品。"),
    )
    purposes = ArrayField(
        models.CharField(max_length=16, choices=LoanPurpose),
        verbose_name=_("纳入用途"),
        default=list,
        blank=True,
        help_text=_("不选表示全部用途。"),
    )
    objection_days = models.PositiveSmallIntegerField(
        _("异议期（工作日）"),
        default=5,
        help_text=_("入池后这么多个工作日内，主管部门可以提出异议，终止补偿责任。"),
    )
    claim_days = models.PositiveSmallIntegerField(
        _("逾期多少天起可以申请代偿"), default=30, help_text=_("从按计划应还而未还的那天算起。")
    )
    is_example = models.BooleanField(_("演示"), default=False)
    state = models.CharField(_("状态"), max_length=6, choices=S, default=S.OPEN, editable=False)
    capital_fen = models.BigIntegerField(_("资本金（分）"), default=0, db_default=0, editable=False)
    balance_fen = models.BigIntegerField(_("余额（分）"), default=0, db_default=0, editable=False)
    capacity_fen = models.BigIntegerField(_("总容量（分）"), default=0, db_default=0, editable=False)
    used_fen = models.BigIntegerField(_("已用（分）"), default=0, db_default=0, editable=False)
    bad_fen = models.BigIntegerField(_("不良（分）"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)

    objects = PoolQuerySet.as_manager()
    machine = Machine(
        "state",
        initial=S.OPEN,
        transitions=(
            Transition("fuse", (S.OPEN,), S.FUSED, _("熔断")),
            Transition("reopen", (S.FUSED,), S.OPEN, _("恢复开放")),
            Transition("close", (S.OPEN, S.FUSED), S.CLOSED, _("关闭")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("风险补偿金池")
        verbose_name_plural = _("风险补偿金池")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="finance_riskpool_named",
                violation_error_message=_("请填写资金池名称。"),
            ),
            models.CheckConstraint(
                condition=Q(leverage__range=(1, 100)),
                name="finance_riskpool_leverage",
                violation_error_message=_("放大倍数须在 1 至 100 之间。"),
            ),
            models.CheckConstraint(
                condition=Q(bank_share__gte=0, guarantee_share__gte=0, bank_share=100 - F("guarantee_share")),
                name="finance_riskpool_shares",
                violation_error_message=_("银行与补偿金的分担比例之和须为 100%%。"),
            ),
            models.CheckConstraint(
                condition=Q(fuse_rate__gt=0, fuse_rate__lte=100),
                name="finance_riskpool_fuse_rate",
                violation_error_message=_("熔断线须大于 0、不超过 100%%。"),
            ),
            models.CheckConstraint(
                condition=(Q(firm_cap_fen=None) | Q(firm_cap_fen__gt=0))
                & (Q(most_months=None) | Q(most_months__range=(1, MOST_MONTHS)))
                & Q(objection_days__lte=60, claim_days__lte=365),
                name="finance_riskpool_terms",
                violation_error_message=_(
                    "单户上限须大于零，期限为 1 至 480 个月，异议期最多 60 个工作日，逾期最多要求 365 天。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(used_fen__lte=F("capacity_fen")),
                name="finance_riskpool_within",
                violation_error_message=_("已用额度不能超过总容量。"),
            ),
            models.CheckConstraint(
                condition=Q(capital_fen__gte=0, balance_fen__gte=0, used_fen__gte=0, bad_fen__gte=0),
                name="finance_riskpool_not_negative",
                violation_error_message=_("资金池余额不足。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write all but the ledger's figures: those read a moment ago may not be true any more."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - {*FIGURES, "state"} - self.get_deferred_fields()
        super().save(*args, **kwargs)

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return PoolState(self.state).colour

    @property
    def backed_fen(self) -> int:
        """What may be lent in all today: the capacity, or less once compensation has eaten into it."""
        return min(self.capacity_fen, int(self.balance_fen * self.leverage))

    @property
    def free_fen(self) -> int:
        """What may still be taken on; never negative."""
        return max(self.backed_fen - self.used_fen, 0)

    @property
    def bad_rate(self) -> Decimal | None:
        """Bad loans as percent of those it stands for, two decimals; None while there are none."""
        if not self.used_fen:
            return None
        return (Decimal(self.bad_fen) * 100 / self.used_fen).quantize(Decimal("0.01"))

    @property
    def used_percent(self) -> int:
        """Of the capacity, whole percent rounded down."""
        return self.used_fen * 100 // self.capacity_fen if self.capacity_fen else 0


class RiskPoolEvent(EventModel):
    """What became of a pool, when and by whom; nobody: the database fused it."""

    subject = models.ForeignKey(
        RiskPool, verbose_name=_("资金池"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("资金池经过")
        verbose_name_plural = _("资金池经过")


class PoolSource(AppendOnly):
    """Money put into a pool, or taken out of it again (a negative amount): never changed (资金来源)."""

    pool = models.ForeignKey(
        RiskPool, verbose_name=_("资金池"), on_delete=models.PROTECT, related_name="sources"
    )
    name = models.CharField(_("来源"), max_length=100)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    note = models.CharField(_("依据"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("登记人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("资金来源")
        verbose_name_plural = _("资金来源")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount_fen=0) & ~Q(name="") & (Q(amount_fen__gt=0) | ~Q(note="")),
                name="finance_poolsource_whole",
                violation_error_message=_("请填写来源和金额；调减须写明依据。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PoolFuse(models.Model):
    """A time in which a pool takes nothing on, begun by the database, ended by two people (熔断)."""

    pool = models.ForeignKey(
        RiskPool, verbose_name=_("资金池"), on_delete=models.PROTECT, related_name="fuses"
    )
    at = models.DateTimeField(_("熔断时间"))
    bad_fen = models.BigIntegerField(_("当时不良（分）"))
    used_fen = models.BigIntegerField(_("当时已用（分）"))
    fuse_rate = models.DecimalField(_("当时熔断线（%）"), max_digits=5, decimal_places=2)
    told_at = models.DateTimeField(_("告知时间"), null=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("申请恢复人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("申请时间"), null=True, editable=False)
    reason = models.CharField(_("恢复理由"), max_length=300, blank=True, editable=False)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("同意恢复人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    reopened_at = models.DateTimeField(_("恢复时间"), null=True, editable=False)

    class Meta:
        verbose_name = _("熔断")
        verbose_name_plural = _("熔断")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool"],
                condition=Q(reopened_at=None),
                name="finance_poolfuse_one_live",
                violation_error_message=_("资金池已经熔断。"),
            ),
            models.CheckConstraint(
                condition=Q(asked_by=None, asked_at=None, reason="", reopened_by=None, reopened_at=None)
                | Q(asked_by__isnull=False, asked_at__isnull=False)
                & ~Q(reason="")
                & (
                    Q(reopened_by=None, reopened_at=None)
                    | Q(reopened_by__isnull=False, reopened_at__isnull=False)
                ),
                name="finance_poolfuse_in_order",
                violation_error_message=_("恢复须先申请并写明理由，再由另一人同意。"),
            ),
            models.CheckConstraint(
                condition=~Q(reopened_by=F("asked_by")),
                name="finance_poolfuse_four_eyes",
                violation_error_message=_("申请恢复的人不能自己同意，请由另一人办理。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} · {self.at:%Y-%m-%d}"
