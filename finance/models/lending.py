"""Money of a loan as the bank told of it, what of it counts no more, and the lists it came with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.models.bank import Bank
from finance.models.loan import LoanApplication
from portal.kernel.brought import BroughtFile
from portal.kernel.models import AppendOnly, AppendOnlyQuerySet
from portal.kernel.transitions import EventModel


class LoanListKind(models.TextChoices):
    """What a list of a bank tells of."""

    DRAWDOWNS = "drawdowns", _("放款")
    REPAYMENTS = "repayments", _("还款")


class LoanList(BroughtFile):
    """A list of drawdowns or repayments as the bank brought it (Excel)."""

    bank = models.ForeignKey(Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="lists")
    kind = models.CharField(_("类别"), max_length=10, choices=LoanListKind)

    class Meta(BroughtFile.Meta):
        verbose_name = _("银行清单")
        verbose_name_plural = _("银行清单")
        constraints = [
            *BroughtFile.Meta.constraints,
            models.UniqueConstraint(
                fields=["bank", "kind", "sha256"],
                name="finance_loanlist_same_bytes",
                violation_error_message=_("同样内容的清单已经收到过。"),
            ),
        ]


class LoanListEvent(EventModel):
    """What became of a list."""

    subject = models.ForeignKey(
        LoanList, verbose_name=_("银行清单"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("银行清单经过")
        verbose_name_plural = _("银行清单经过")


class MovementQuerySet(AppendOnlyQuerySet):
    """Drawdowns or repayments."""

    def standing(self) -> MovementQuerySet:
        """Those that count: without what was set right."""
        return self.filter(live=True)


class LoanMovement(AppendOnly):
    """What drawdowns and repayments share.

    `serial` is the bank's own number of it: among those that count it is there once, and comes again only
    after a reversal. `live` is the database's: a reversal takes it away, and nothing else changes ever.
    """

    loan = models.ForeignKey(
        LoanApplication,
        verbose_name=_("贷款"),
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        db_constraint=False,
    )
    bank = models.ForeignKey(
        Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    serial = models.CharField(_("流水号"), max_length=40)
    on = models.DateField(_("日期"))
    source = models.ForeignKey(
        LoanList,
        verbose_name=_("来自清单"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("登记人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("登记时间"))
    live = models.BooleanField(_("有效"), default=True, db_default=True, editable=False)

    objects: ClassVar[Any] = MovementQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "serial"],
                condition=Q(live=True),
                name="%(app_label)s_%(class)s_serial_once",
                violation_error_message=_("本行已有这个流水号。"),
            ),
            models.CheckConstraint(
                condition=~Q(serial=""),
                name="%(app_label)s_%(class)s_serial",
                violation_error_message=_("请填写流水号。"),
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class Drawdown(LoanMovement):
    """Money that the bank paid out (放款)."""

    amount_fen = models.BigIntegerField(_("金额（分）"))

    class Meta(LoanMovement.Meta):
        verbose_name = _("放款")
        verbose_name_plural = _("放款")
        constraints = [
            *LoanMovement.Meta.constraints,
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="finance_drawdown_amount",
                violation_error_message=_("放款金额须大于零。"),
            ),
        ]


class Repayment(LoanMovement):
    """Money that the enterprise paid back (还款): principal, and interest beside it."""

    principal_fen = models.BigIntegerField(_("本金（分）"))
    interest_fen = models.BigIntegerField(_("利息（分）"), default=0)

    class Meta(LoanMovement.Meta):
        verbose_name = _("还款")
        verbose_name_plural = _("还款")
        constraints = [
            *LoanMovement.Meta.constraints,
            models.CheckConstraint(
                condition=Q(principal_fen__gte=0, interest_fen__gte=0)
                & (Q(principal_fen__gt=0) | Q(interest_fen__gt=0)),
                name="finance_repayment_amount",
                violation_error_message=_("还款须有本金或利息，不能为负。"),
            ),
        ]


class LoanReversal(AppendOnly):
    """A drawdown or repayment that was booked wrong counts no more (冲正): it stands, and this says why.

    A trigger takes it out of the loan's sums with this row.
    """

    drawdown = models.OneToOneField(
        Drawdown, verbose_name=_("放款"), on_delete=models.PROTECT, null=True, related_name="reversal"
    )
    repayment = models.OneToOneField(
        Repayment, verbose_name=_("还款"), on_delete=models.PROTECT, null=True, related_name="reversal"
    )
    reason = models.CharField(_("原因"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("登记人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("冲正")
        verbose_name_plural = _("冲正")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(drawdown__isnull=False, repayment=None)
                | Q(drawdown=None, repayment__isnull=False),
                name="finance_loanreversal_of_one",
                violation_error_message=_("冲正的是一笔放款或一笔还款。"),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="finance_loanreversal_reason",
                violation_error_message=_("冲正须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drawdown or self.repayment}"
