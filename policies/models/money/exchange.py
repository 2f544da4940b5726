"""Files between the portal and the treasury, as they were written and as they came."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models.money.batch import PaymentBatch
from policies.models.money.payment import Payment
from portal.kernel.brought import KeptBytes, Sha256  # noqa: F401 - migrations find it here
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition


class FileFormat(models.TextChoices):
    """How a file is written."""

    CSV = "csv", "CSV"
    XML = "xml", "XML"


class InstructionFile(KeptBytes):
    """What the treasury is told to pay (拨付指令文件): one a batch, written by the transaction that releases.

    It is delivered as often as needed, always the same bytes under the same number.
    """

    number = models.CharField(_("文件号"), max_length=20, unique=True, editable=False)
    batch = models.OneToOneField(
        PaymentBatch, verbose_name=_("批次"), on_delete=models.PROTECT, related_name="instruction"
    )
    format = models.CharField(_("格式"), max_length=4, choices=FileFormat, default=FileFormat.CSV)
    count = models.PositiveIntegerField(_("笔数"))
    total_fen = models.BigIntegerField(_("合计（分）"))
    written_at = models.DateTimeField(_("生成时间"))
    delivered_at = models.DateTimeField(_("送达时间"), null=True, editable=False)

    class Meta(KeptBytes.Meta):
        verbose_name = _("拨付指令文件")
        verbose_name_plural = _("拨付指令文件")
        constraints = [
            *KeptBytes.Meta.constraints,
            models.CheckConstraint(
                condition=Q(count__gt=0, total_fen__gt=0),
                name="policies_instructionfile_pays",
                violation_error_message=_("指令文件须有笔数和金额。"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class InstructionDelivery(AppendOnly):
    """The file was put into the treasury's folder: first, and again while payments stay silent."""

    file = models.ForeignKey(
        InstructionFile, verbose_name=_("拨付指令文件"), on_delete=models.PROTECT, related_name="deliveries"
    )
    at = models.DateTimeField(_("送出时间"))

    class Meta:
        verbose_name = _("指令送出")
        verbose_name_plural = _("指令送出")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_id} · {self.at:%Y-%m-%d %H:%M}"


class FileState(models.TextChoices):
    """What became of a file that came."""

    RECEIVED = "received", _("已收到")
    WAITING = "waiting", _("待复核")
    APPLIED = "applied", _("已入账")
    QUARANTINED = "quarantined", _("已隔离")
    DISMISSED = "dismissed", _("已作废")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        colours = {"waiting": "due", "applied": "done", "quarantined": "late", "dismissed": "plain"}
        return colours.get(self.value, "info")


NOT_BOOKED = (FileState.QUARANTINED, FileState.DISMISSED)
"""Nothing of the file counts; it may be judged again."""


class Via(models.TextChoices):
    """How a file came."""

    UPLOAD = "upload", _("上传")
    FOLDER = "folder", _("文件夹")


class ReturnFile(KeptBytes):
    """What the treasury says became of payments (回单文件): applied whole or quarantined whole, with reasons.

    `number` is the treasury's own, empty while nobody could read it. The same bytes are one row for ever; a
    file that was not applied may be judged again, once that has come which was missing.

    What lies in the treasury's folder is its word. An upload is the word of who brings it: it waits until
    another person confirms it, or until the same bytes lie in the folder.
    """

    number = models.CharField(_("回单文件号"), max_length=60, blank=True)
    instruction = models.ForeignKey(
        InstructionFile,
        verbose_name=_("拨付指令文件"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="returns",
    )
    name = models.CharField(_("文件名"), max_length=200)
    via = models.CharField(_("来源"), max_length=6, choices=Via)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("上传人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    received_at = models.DateTimeField(_("收到时间"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("复核人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("复核时间"), null=True, blank=True, editable=False)
    state = models.CharField(
        _("状态"), max_length=11, choices=FileState, default=FileState.RECEIVED, editable=False
    )
    reasons = models.JSONField(_("隔离原因"), default=list, blank=True, encoder=DjangoJSONEncoder)

    machine = Machine(
        "state",
        initial=FileState.RECEIVED,
        transitions=(
            Transition("apply", (FileState.RECEIVED,), FileState.APPLIED, _("入账")),
            Transition("quarantine", (FileState.RECEIVED,), FileState.QUARANTINED, _("隔离")),
            Transition("wait", (FileState.RECEIVED,), FileState.WAITING, _("核对无误，等人复核")),
            Transition("confirm", (FileState.WAITING,), FileState.RECEIVED, _("复核同意入账")),
            Transition(
                "collect", (FileState.WAITING, *NOT_BOOKED), FileState.RECEIVED, _("从交换目录收到同一份")
            ),
            Transition("dismiss", (FileState.WAITING, FileState.QUARANTINED), FileState.DISMISSED, _("作废")),
            Transition("reopen", NOT_BOOKED, FileState.RECEIVED, _("重新核验")),
        ),
        deletable=(),
    )

    class Meta(KeptBytes.Meta):
        verbose_name = _("回单文件")
        verbose_name_plural = _("回单文件")
        constraints = [
            *KeptBytes.Meta.constraints,
            models.UniqueConstraint(
                fields=["sha256"],
                name="policies_returnfile_same_bytes",
                violation_error_message=_("同样内容的文件已经收到过。"),
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(state=FileState.APPLIED),
                name="policies_returnfile_number_once",
                violation_error_message=_("这个文件号的回单已经入账。"),
            ),
            models.CheckConstraint(
                condition=Q(via=Via.UPLOAD, by__isnull=False) | Q(via=Via.FOLDER, by=None),
                name="policies_returnfile_via",
                violation_error_message=_("上传的文件须有上传人。"),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(via=Via.UPLOAD, by__isnull=False, confirmed_by__isnull=False, confirmed_at__isnull=False)
                & ~Q(confirmed_by=F("by")),
                name="policies_returnfile_four_eyes",
                violation_error_message=_("上传的回单由上传人以外的人复核。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=FileState.APPLIED) | ~Q(number="") & Q(instruction__isnull=False),
                name="policies_returnfile_applied",
                violation_error_message=_("入账的回单须有文件号和所答的指令文件。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=(FileState.RECEIVED, FileState.WAITING, FileState.APPLIED), reasons=[])
                | Q(state__in=(FileState.QUARANTINED, FileState.DISMISSED)) & ~Q(reasons=[]),
                name="policies_returnfile_reasons",
                violation_error_message=_("隔离的回单须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.name

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return FileState(self.state).colour

    @property
    def is_believed(self) -> bool:
        """Whether what it says may be booked: the treasury's folder had it, or a second person said so."""
        return self.via == Via.FOLDER or self.confirmed_by_id is not None


class ReturnFileEvent(EventModel):
    """What became of a return file, when and by whom."""

    subject = models.ForeignKey(
        ReturnFile, verbose_name=_("回单文件"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("回单经过")
        verbose_name_plural = _("回单经过")


class BankOutcome(models.TextChoices):
    """What the bank did. The values are those of the payment's state that follows."""

    PAID = "paid", _("已到账")
    RETURNED = "returned", _("已退回")


class ReturnLine(AppendOnly):
    """The bank's word on one payment (回单): no payment is paid or returned without one."""

    file = models.ForeignKey(
        ReturnFile, verbose_name=_("回单文件"), on_delete=models.PROTECT, related_name="lines"
    )
    line_no = models.PositiveIntegerField(_("行号"))
    serial = models.CharField(_("银行流水号"), max_length=60)
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("拨付"),
        on_delete=models.PROTECT,
        related_name="answers",
        db_index=False,
    )
    outcome = models.CharField(_("结果"), max_length=8, choices=BankOutcome)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    value_date = models.DateField(_("银行日期"))
    message = models.CharField(_("银行附言"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("回单")
        verbose_name_plural = _("回单")
        ordering = ["file_id", "line_no"]
        constraints = [
            models.UniqueConstraint(
                fields=["serial"],
                name="policies_returnline_serial_once",
                violation_error_message=_("这个银行流水号已经入账。"),
            ),
            models.UniqueConstraint(
                fields=["payment", "outcome"],
                name="policies_returnline_outcome_once",
                violation_error_message=_("这笔拨付已有同样结果的回单。"),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=BankOutcome.values, amount_fen__gt=0) & ~Q(serial=""),
                name="policies_returnline_whole",
                violation_error_message=_("回单须有流水号、结果和金额。"),
            ),
        ]

    def __str__(self) -> str:
        return self.serial
