"""A batch of payments: three people bring it to the treasury, and sign what it holds."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models.money.budget import BudgetLine
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition


class BatchState(models.TextChoices):
    """Where a batch stands; see `PaymentBatch.machine` for the way between."""

    DRAFT = "draft", _("编制中")
    PREPARED = "prepared", _("待确认")
    CONFIRMED = "confirmed", _("待下达")
    RELEASED = "released", _("已下达")
    SETTLED = "settled", _("已办结")
    CANCELLED = "cancelled", _("已取消")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"settled": "done", "draft": "plain", "cancelled": "plain"}.get(self.value, "info")


S = BatchState
OPEN = (S.DRAFT, S.CANCELLED)
"""States in which nobody answers for the content."""
UNCONFIRMED = (*OPEN, S.PREPARED)
SENT = (S.RELEASED, S.SETTLED)
"""States in which the treasury has, or is to get, the instruction."""


class Step(models.TextChoices):
    """What a person signs."""

    CONFIRM = "confirm", _("确认")
    RELEASE = "release", _("下达")


class PaymentBatch(models.Model):
    """Payments from one budget line that are confirmed and released together (拨付批次).

    `digest` stands for the content, as the SQL function `policies_batch_digest` computes it: prepared,
    confirmed and released are the same content, and the database compares. `round` counts how often it was
    prepared anew: a signature holds for its round.
    """

    number = models.CharField(_("批次号"), max_length=20, unique=True, editable=False)
    line = models.ForeignKey(
        BudgetLine, verbose_name=_("预算指标"), on_delete=models.PROTECT, related_name="batches"
    )
    title = models.CharField(_("名称"), max_length=100)
    state = models.CharField(_("状态"), max_length=10, choices=S, default=S.DRAFT, editable=False)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1, editable=False)
    drafted_at = models.DateTimeField(_("建立时间"), editable=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("编制人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    prepared_at = models.DateTimeField(_("提交时间"), null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("确认人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("下达人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    released_at = models.DateTimeField(_("下达时间"), null=True, editable=False)
    settled_at = models.DateTimeField(_("办结时间"), null=True, editable=False)
    digest = models.CharField(_("内容摘要"), max_length=64, blank=True, editable=False)
    count = models.PositiveIntegerField(_("笔数"), default=0, editable=False)
    total_fen = models.BigIntegerField(_("合计（分）"), default=0, editable=False)

    machine = Machine(
        "state",
        initial=S.DRAFT,
        transitions=(
            Transition("prepare", (S.DRAFT,), S.PREPARED, _("提交确认")),
            Transition("confirm", (S.PREPARED,), S.CONFIRMED, _("确认")),
            Transition("release", (S.CONFIRMED,), S.RELEASED, _("下达")),
            Transition("settle", (S.RELEASED,), S.SETTLED, _("办结")),
            Transition("return", (S.PREPARED, S.CONFIRMED), S.DRAFT, _("退回")),
            Transition("cancel", (S.DRAFT,), S.CANCELLED, _("取消")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("拨付批次")
        verbose_name_plural = _("拨付批次")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["line", "state", "-id"], name="policies_paymentbatch_desk")]
        constraints = [
            models.UniqueConstraint(
                fields=["id", "line"],
                name="policies_paymentbatch_of_line",
                violation_error_message=_("批次的预算指标不能改变。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, prepared_by=None, prepared_at=None)
                & Q(digest="", count=0, total_fen=0)
                | ~Q(state__in=OPEN)
                & Q(prepared_by__isnull=False, prepared_at__isnull=False, count__gt=0, total_fen__gt=0)
                & ~Q(digest=""),
                name="policies_paymentbatch_prepared",
                violation_error_message=_("提交的批次须有编制人和内容。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNCONFIRMED, confirmed_by=None, confirmed_at=None)
                | ~Q(state__in=UNCONFIRMED) & Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="policies_paymentbatch_confirmed",
                violation_error_message=_("确认须有确认人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=SENT, released_by__isnull=False, released_at__isnull=False)
                | ~Q(state__in=SENT) & Q(released_by=None, released_at=None),
                name="policies_paymentbatch_released",
                violation_error_message=_("下达须有下达人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.SETTLED, settled_at__isnull=False)
                | ~Q(state=S.SETTLED) & Q(settled_at=None),
                name="policies_paymentbatch_settled",
                violation_error_message=_("办结须有时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("prepared_by"))
                & ~Q(released_by=F("prepared_by"))
                & ~Q(released_by=F("confirmed_by")),
                name="policies_paymentbatch_three_people",
                violation_error_message=_("编制、确认、下达须由三个不同的人办理。"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return S(self.state).colour

    def get_absolute_url(self) -> str:
        """Its page at the payment desk."""
        return f"/desk/{self.line.department_id}/money/batches/{self.number}/"


class PaymentBatchEvent(EventModel):
    """Who did what to a batch, when and why."""

    subject = models.ForeignKey(
        PaymentBatch, verbose_name=_("批次"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("批次经过")
        verbose_name_plural = _("批次经过")


class BatchSignature(AppendOnly):
    """A person stood for a content: the step, the digest, and the second factor that was shown for it.

    `second_factor` names the code that was shown (never the code itself); each is good for one signature.
    """

    batch = models.ForeignKey(
        PaymentBatch, verbose_name=_("批次"), on_delete=models.PROTECT, related_name="signatures"
    )
    round = models.PositiveSmallIntegerField(_("轮次"))
    step = models.CharField(_("步骤"), max_length=8, choices=Step)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("签署人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("签署时间"))
    digest = models.CharField(_("内容摘要"), max_length=64)
    second_factor = models.CharField(_("第二重验证"), max_length=60)

    class Meta:
        verbose_name = _("批次签署")
        verbose_name_plural = _("批次签署")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "round", "step"],
                name="policies_batchsignature_once",
                violation_error_message=_("这一步已有人签署。"),
            ),
            models.UniqueConstraint(
                fields=["second_factor"],
                name="policies_batchsignature_code_once",
                violation_error_message=_("这个动态码已经用过，请等下一个。"),
            ),
            models.CheckConstraint(
                condition=Q(step__in=Step.values) & ~Q(second_factor="") & ~Q(digest=""),
                name="policies_batchsignature_whole",
                violation_error_message=_("签署须写明步骤、内容摘要和第二重验证。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.get_step_display()} · {self.by_id}"
