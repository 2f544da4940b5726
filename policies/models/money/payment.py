"""Payments, their way, and the transfers that the database books for each step of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from policies.models.money.account import PayeeAccount
from policies.models.money.award import Award
from policies.models.money.batch import PaymentBatch
from policies.models.money.budget import BudgetLine
from portal.kernel.models import DatabaseWritten
from portal.kernel.transitions import EventModel, Machine, Transition


class PaymentState(models.TextChoices):
    """Where a payment stands; silence of the bank is `UNKNOWN`, never "not paid"."""

    PREPARED = "prepared", _("待下达")
    SENT = "sent", _("已下达")
    UNKNOWN = "unknown", _("结果未知")
    PAID = "paid", _("已到账")
    RETURNED = "returned", _("已退回")
    VOID = "void", _("已撤下")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"unknown": "due", "paid": "done", "returned": "late", "void": "plain"}.get(self.value, "info")


S = PaymentState
LIVE = (S.PREPARED, S.SENT, S.UNKNOWN, S.PAID)
"""States in which an award is being paid or is paid: it has one such payment at most."""
UNDERWAY = (S.SENT, S.UNKNOWN)
"""The treasury has it and has not said what became of it."""
ANSWERED = (S.PAID, S.RETURNED)
"""The treasury has said what became of it."""


class Payment(models.Model):
    """One sum to one account (拨付). Its id is the number of the instruction, for ever.

    Its foreign keys are composite ones of the database: the amount is the award's, the account the
    enterprise's own, the line the batch's. Nothing but the state and its dates ever changes.
    """

    batch = models.ForeignKey(
        PaymentBatch,
        verbose_name=_("批次"),
        on_delete=models.PROTECT,
        related_name="payments",
        db_constraint=False,
    )
    line = models.ForeignKey(
        BudgetLine,
        verbose_name=_("预算指标"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    award = models.ForeignKey(
        Award,
        verbose_name=_("应付资金"),
        on_delete=models.PROTECT,
        related_name="payments",
        db_constraint=False,
    )
    enterprise = models.ForeignKey(
        Enterprise,
        verbose_name=_("企业"),
        on_delete=models.PROTECT,
        related_name="payments",
        db_constraint=False,
    )
    account = models.ForeignKey(
        PayeeAccount,
        verbose_name=_("收款账户"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    amount_fen = models.BigIntegerField(_("金额（分）"))
    state = models.CharField(_("状态"), max_length=8, choices=S, default=S.PREPARED, editable=False)
    sent_at = models.DateTimeField(_("下达时间"), null=True, editable=False)
    settled_at = models.DateTimeField(_("回单时间"), null=True, editable=False)
    reason = models.CharField(_("原因"), max_length=300, blank=True, editable=False)

    machine = Machine(
        "state",
        initial=S.PREPARED,
        transitions=(
            Transition("send", (S.PREPARED,), S.SENT, _("下达")),
            Transition("lose", (S.SENT,), S.UNKNOWN, _("逾期无回单")),
            Transition("pay", UNDERWAY, S.PAID, _("到账")),
            Transition("return", (*UNDERWAY, S.PAID), S.RETURNED, _("退回")),
            Transition("void", (S.PREPARED,), S.VOID, _("撤下")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("拨付")
        verbose_name_plural = _("拨付")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["state", "sent_at"],
                condition=Q(state__in=UNDERWAY),
                name="policies_payment_underway",
            ),
            models.Index(
                fields=["account"], condition=Q(state=S.RETURNED), name="policies_payment_came_back"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="policies_payment_amount",
                violation_error_message=_("拨付金额须大于零。"),
            ),
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(state__in=LIVE),
                name="policies_payment_one_live",
                violation_error_message=_("这笔资金已在拨付或已到账。"),
            ),
            models.UniqueConstraint(
                fields=["id", "line", "amount_fen"],
                name="policies_payment_as_made",
                violation_error_message=_("拨付的指标和金额不能改变。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=(S.PREPARED, S.VOID), sent_at=None)
                | Q(state__in=(*UNDERWAY, *ANSWERED), sent_at__isnull=False),
                name="policies_payment_sent_at",
                violation_error_message=_("下达的拨付须有下达时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ANSWERED, settled_at__isnull=False)
                | ~Q(state__in=ANSWERED) & Q(settled_at=None),
                name="policies_payment_settled_at",
                violation_error_message=_("有回单的拨付须有回单时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(S.RETURNED, S.VOID)) | ~Q(reason=""),
                name="policies_payment_with_reason",
                violation_error_message=_("退回或撤下须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return S(self.state).colour


def came_back_from(account: str) -> Exists:
    """Whether the bank ever sent back what went to the account, a field of the outer query.

    Nothing more goes there, whatever the bank's reason: the enterprise gives another account, or the same one
    again, a new row that is checked anew. The database refuses to send as well.
    """
    return Exists(Payment.objects.filter(account=OuterRef(account), state=S.RETURNED))


class PaymentEvent(EventModel):
    """What happened to a payment, when and by whom."""

    subject = models.ForeignKey(
        Payment, verbose_name=_("拨付"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("拨付经过")
        verbose_name_plural = _("拨付经过")


class TransferKind(models.TextChoices):
    """What moved on the budget line."""

    RESERVE = "reserve", _("占用")
    POST = "post", _("列支")
    RELEASE = "release", _("释放")
    REVERSE = "reverse", _("冲回")


class Transfer(DatabaseWritten):
    """One booking (记账): a trigger of the payments writes it and moves the budget line, nobody else can."""

    payment = models.ForeignKey(
        Payment,
        verbose_name=_("拨付"),
        on_delete=models.PROTECT,
        related_name="transfers",
        db_constraint=False,
        db_index=False,
    )
    line = models.ForeignKey(
        BudgetLine,
        verbose_name=_("预算指标"),
        on_delete=models.PROTECT,
        related_name="transfers",
        db_constraint=False,
        db_index=False,
    )
    kind = models.CharField(_("类别"), max_length=8, choices=TransferKind)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("记账")
        verbose_name_plural = _("记账")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind"],
                name="policies_transfer_once",
                violation_error_message=_("同一笔拨付的同类记账只有一次。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} · {self.get_kind_display()}"
