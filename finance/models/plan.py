"""How a loan is to be paid back: a plan, laid out with each drawdown anew, and its instalments."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from finance.models.loan import LoanApplication
from finance.models.vocabulary import Repayment
from portal.kernel.models import AppendOnly


class LoanPlan(AppendOnly):
    """The plan of a loan (还款计划) for all that has gone out; the one with the highest number holds.

    `principal_fen` is what had gone out then, and the principal of its instalments is the same to the fen:
    the database refuses others. Plans before it stay, for whoever asks what was due when.
    """

    loan = models.ForeignKey(
        LoanApplication, verbose_name=_("贷款"), on_delete=models.PROTECT, related_name="plans"
    )
    number = models.PositiveSmallIntegerField(_("第几版"))
    method = models.CharField(_("还款方式"), max_length=15, choices=Repayment)
    rate = models.DecimalField(_("年利率（%）"), max_digits=7, decimal_places=4)
    principal_fen = models.BigIntegerField(_("本金（分）"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("还款计划")
        verbose_name_plural = _("还款计划")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "number"],
                name="finance_loanplan_number",
                violation_error_message=_("这一版还款计划已经有了。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} · {self.number}"


class LoanInstalment(AppendOnly):
    """What is due of a plan on a day (一期): principal and interest; months with nothing due have none."""

    plan = models.ForeignKey(
        LoanPlan, verbose_name=_("还款计划"), on_delete=models.PROTECT, related_name="instalments"
    )
    number = models.PositiveSmallIntegerField(_("期次"))
    due_on = models.DateField(_("应还日"))
    principal_fen = models.BigIntegerField(_("本金（分）"))
    interest_fen = models.BigIntegerField(_("利息（分）"))

    class Meta:
        verbose_name = _("还款期次")
        verbose_name_plural = _("还款期次")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="finance_loaninstalment_number",
                violation_error_message=_("这一期已经有了。"),
            ),
            models.CheckConstraint(
                condition=Q(principal_fen__gte=0, interest_fen__gte=0)
                & (Q(principal_fen__gt=0) | Q(interest_fen__gt=0)),
                name="finance_loaninstalment_amount",
                violation_error_message=_("一期须有本金或利息，不能为负。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.due_on}"

    @property
    def fen(self) -> int:
        """Principal and interest together."""
        return self.principal_fen + self.interest_fen
