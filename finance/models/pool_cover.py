"""What a pool stands for, and what banks claim of their losses (`pool_books`: what moved because of it)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models.functions import Floor
from django.utils.translation import gettext_lazy as _

from finance.models.bank import Bank
from finance.models.loan import LoanApplication
from finance.models.loan_states import LoanState
from finance.models.pool import RiskPool
from portal.kernel.files import KeptFile
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.uploads import SHOWN, UploadValidator, stored_name


class ReleaseReason(models.TextChoices):
    """Why a pool stands for a loan no more. The first four are states of the loan."""

    REPAID = "repaid", _("贷款已结清")
    REFUSED = "refused", _("未批准")
    WITHDRAWN = "withdrawn", _("企业已撤回")
    EXPIRED = "expired", _("批准已过期")
    ENDED = "ended", _("追偿终结")
    OBJECTED = "objected", _("主管部门异议")


class AdmissionQuerySet(models.QuerySet["PoolAdmission"]):
    """The door to admissions."""

    def live(self) -> AdmissionQuerySet:
        """Those the pool stands for today."""
        return self.filter(released_at=None)

    def objectable(self, day: dt.date) -> AdmissionQuerySet:
        """Those that the department may still object to on a day."""
        return self.live().filter(bad=False, objection_until__gte=day)

    def for_lists(self) -> AdmissionQuerySet:
        """With what a row of a list shows, in one query."""
        return self.select_related("loan__enterprise", "bank", "pool")

    def with_lost(self) -> AdmissionQuerySet:
        """Each with `lost`: written off, and no claim was paid or is open; a person may let it go."""
        asked = PoolClaim.objects.filter(admission=OuterRef("pk")).exclude(state=C.REFUSED)
        written_off = Q(released_at=None, loan__state=LoanState.WRITTEN_OFF)
        return self.annotate(lost=ExpressionWrapper(written_off & ~Exists(asked), models.BooleanField()))


class PoolAdmission(models.Model):
    """A pool stands for a loan (入池), for the amount that the bank approved; a loan is taken on once.

    The database takes it on within the pool's room and terms only, and lets it go when the loan is repaid,
    refused, withdrawn or expired; `bad` follows the loan too. After compensation a person ends it, and a loan
    that was written off without a claim. Until the end of `objection_until`, while it is not bad, the
    department may object with a reason: the pool stands for it no more.
    """

    pool = models.ForeignKey(
        RiskPool, verbose_name=_("资金池"), on_delete=models.PROTECT, related_name="admissions"
    )
    loan = models.OneToOneField(
        LoanApplication,
        verbose_name=_("贷款"),
        on_delete=models.PROTECT,
        related_name="admission",
        db_constraint=False,
    )
    bank = models.ForeignKey(
        Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="admissions"
    )
    amount_fen = models.BigIntegerField(_("金额（分）"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("申请人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("入池时间"))
    bad = models.BooleanField(_("不良"), default=False, db_default=False, editable=False)
    released_at = models.DateTimeField(_("出池时间"), null=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("办理人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text=_("空表示系统自动办理"),
    )
    release_reason = models.CharField(
        _("出池原因"), max_length=9, choices=ReleaseReason, blank=True, editable=False
    )
    objection_until = models.DateField(_("异议截止"), null=True, editable=False)
    objection = models.CharField(_("异议理由"), max_length=300, blank=True, editable=False)

    objects = AdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("入池贷款")
        verbose_name_plural = _("入池贷款")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0),
                name="finance_pooladmission_amount",
                violation_error_message=_("入池金额须大于零。"),
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, release_reason="", released_by=None)
                | Q(released_at__isnull=False, release_reason__in=ReleaseReason.values),
                name="finance_pooladmission_released",
                violation_error_message=_("出池须有时间和原因。"),
            ),
            models.CheckConstraint(
                condition=Q(release_reason=ReleaseReason.OBJECTED, released_by__isnull=False)
                & ~Q(objection="")
                | ~Q(release_reason=ReleaseReason.OBJECTED) & Q(objection=""),
                name="finance_pooladmission_objected",
                violation_error_message=_("异议须有办理人和理由。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} · {self.pool_id}"

    @property
    def claimable(self) -> bool:
        """Whether the bank may ask for part of the loss: it is bad, and no claim stands but refused ones."""
        return self.bad and not self.released_at and all(one.state == "refused" for one in self.claims.all())


class ClaimState(models.TextChoices):
    """Where a claim stands."""

    FILED = "filed", _("待审核")
    REVIEWED = "reviewed", _("待批准")
    APPROVED = "approved", _("待拨付")
    PAID = "paid", _("已拨付")
    REFUSED = "refused", _("不予补偿")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"paid": "done", "refused": "late"}.get(self.value, "due")


C = ClaimState
OPEN_CLAIMS = (C.FILED, C.REVIEWED, C.APPROVED)
"""States in which somebody still has to do something."""


def _user(words: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=words,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )


def _share_of(field: str) -> Floor:
    """The pool's part of a sum, rounded down to the fen: what a fen is too little the bank bears."""
    return Floor(F(field) * F("guarantee_share") / 100)


def plain_voucher_of(field: str) -> Func:
    """A voucher's number as the database writes it plainly: NFKC, capitals, no spaces."""
    return Func(
        F(field),
        template=r"upper(regexp_replace(normalize(%(expressions)s, NFKC), '\s', '', 'g'))",
        output_field=models.CharField(),
    )


class PoolClaim(models.Model):
    """A bank asks a pool for its part of a loss (代偿申请): four people file, review, approve and pay it.

    `loss_fen` is principal. The pool bears `guarantee_share` percent as agreed when the claim was filed,
    rounded down to the fen; the bank bears the rest. `serial` is the voucher's number (`plain_voucher_of`),
    `paid_on` the day the money went, `second_factor` the code that its payer showed. `recovered_fen` is what
    came back of the loss later and `returned_fen` the pool's part of it by the same rule: all back means
    exactly what the pool had paid.
    """

    admission = models.ForeignKey(
        PoolAdmission, verbose_name=_("入池贷款"), on_delete=models.PROTECT, related_name="claims"
    )
    loss_fen = models.BigIntegerField(_("本金损失（分）"))
    guarantee_share = models.DecimalField(_("补偿金分担（%）"), max_digits=5, decimal_places=2)
    guarantee_fen = models.BigIntegerField(_("补偿金承担（分）"))
    bank_fen = models.BigIntegerField(_("银行承担（分）"))
    words = models.TextField(_("情况说明"), max_length=1000)
    state = models.CharField(_("状态"), max_length=8, choices=C, default=C.FILED, editable=False)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("申请人"), on_delete=models.PROTECT, related_name="+"
    )
    filed_at = models.DateTimeField(_("申请时间"))
    reviewed_by = _user(_("审核人"))
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, editable=False)
    approved_by = _user(_("批准人"))
    approved_at = models.DateTimeField(_("批准时间"), null=True, editable=False)
    paid_by = _user(_("拨付人"))
    paid_at = models.DateTimeField(_("拨付时间"), null=True, editable=False)
    paid_on = models.DateField(_("拨付日"), null=True, editable=False)
    serial = models.CharField(_("拨付凭证号"), max_length=40, blank=True, editable=False)
    second_factor = models.CharField(_("第二重验证"), max_length=60, blank=True, editable=False)
    refusal = models.CharField(_("不予补偿的理由"), max_length=300, blank=True, editable=False)
    recovered_fen = models.BigIntegerField(_("已追回（分）"), default=0, db_default=0, editable=False)
    returned_fen = models.BigIntegerField(_("已归还资金池（分）"), default=0, db_default=0, editable=False)

    machine = Machine(
        "state",
        initial=C.FILED,
        transitions=(
            Transition("review", (C.FILED,), C.REVIEWED, _("审核通过")),
            Transition("approve", (C.REVIEWED,), C.APPROVED, _("批准")),
            Transition("pay", (C.APPROVED,), C.PAID, _("登记拨付")),
            Transition("refuse", OPEN_CLAIMS, C.REFUSED, _("不予补偿")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("代偿申请")
        verbose_name_plural = _("代偿申请")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission"],
                condition=~Q(state=C.REFUSED),
                name="finance_poolclaim_once",
                violation_error_message=_("这笔贷款已经申请过代偿。"),
            ),
            models.UniqueConstraint(
                fields=["serial"],
                condition=~Q(serial=""),
                name="finance_poolclaim_serial_once",
                violation_error_message=_("这个拨付凭证号已经登记过。"),
            ),
            models.UniqueConstraint(
                fields=["second_factor"],
                condition=~Q(second_factor=""),
                name="finance_poolclaim_code_once",
                violation_error_message=_("这个动态码已经用过，请等下一个。"),
            ),
            models.CheckConstraint(
                condition=Q(serial=plain_voucher_of("serial")),
                name="finance_poolclaim_serial_plain",
                violation_error_message=_("凭证号不能有空格、全角或小写字母。"),
            ),
            models.CheckConstraint(
                condition=Q(state=C.PAID) | Q(paid_on=None, second_factor="", serial=""),
                name="finance_poolclaim_unpaid",
                violation_error_message=_("没有拨付的代偿没有凭证。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    loss_fen__gt=0,
                    guarantee_fen=_share_of("loss_fen"),
                    bank_fen=F("loss_fen") - F("guarantee_fen"),
                ),
                name="finance_poolclaim_split",
                violation_error_message=_("损失须按比例分担，合计一分不差。"),
            ),
            models.CheckConstraint(
                condition=Q(recovered_fen__gte=0, recovered_fen__lte=F("loss_fen")),
                name="finance_poolclaim_recovered_within",
                violation_error_message=_("追回合计不能超过损失。"),
            ),
            models.CheckConstraint(
                condition=Q(returned_fen=_share_of("recovered_fen")),
                name="finance_poolclaim_returned",
                violation_error_message=_("追回的款项须按比例归还资金池。"),
            ),
            models.CheckConstraint(
                condition=Q(state=C.FILED, reviewed_by=None, approved_by=None, paid_by=None)
                | Q(state=C.REVIEWED, reviewed_by__isnull=False, approved_by=None, paid_by=None)
                | Q(state=C.APPROVED, reviewed_by__isnull=False, approved_by__isnull=False, paid_by=None)
                | Q(
                    state=C.PAID,
                    reviewed_by__isnull=False,
                    approved_by__isnull=False,
                    paid_by__isnull=False,
                )
                & ~Q(serial="")
                | Q(state=C.REFUSED, paid_by=None)
                & (Q(approved_by=None) | Q(reviewed_by__isnull=False))
                & ~Q(refusal=""),
                name="finance_poolclaim_signed",
                violation_error_message=_("每一步须有办理人；拨付须有凭证号，不予补偿须有理由。"),
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("filed_by"))
                & ~Q(approved_by=F("filed_by"))
                & ~Q(approved_by=F("reviewed_by")),
                name="finance_poolclaim_four_eyes",
                violation_error_message=_("申请、审核、批准须由三个不同的人办理。"),
            ),
            models.CheckConstraint(
                condition=~Q(paid_by=F("approved_by"))
                & (~Q(paid_by=F("reviewed_by")) | Q(second_factor=""))  # paid before codes were asked
                & ~Q(paid_by=F("filed_by")),
                name="finance_poolclaim_paid_by_another",
                violation_error_message=_("登记拨付的人不能是申请人、审核人或批准人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.admission_id} · {self.get_state_display()}"

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return ClaimState(self.state).colour


class PoolClaimEvent(EventModel):
    """Who did what with a claim, when and why."""

    subject = models.ForeignKey(
        PoolClaim, verbose_name=_("代偿申请"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("代偿经过")
        verbose_name_plural = _("代偿经过")


class PoolClaimFile(KeptFile):
    """A document that proves the loss: the contract, the records of collecting, a judgment."""

    claim = models.ForeignKey(
        PoolClaim, verbose_name=_("代偿申请"), on_delete=models.PROTECT, related_name="files"
    )

    class Meta(KeptFile.Meta):
        verbose_name = _("代偿材料")
        verbose_name_plural = _("代偿材料")
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "digest"],
                name="finance_poolclaimfile_once",
                violation_error_message=_("同一文件已经上传过。"),
            ),
        ]


class PoolReceipt(KeptFile):
    """What shows that a claim was paid (回单): one for each, and no other claim's."""

    file = models.FileField(_("文件"), upload_to=stored_name, validators=[UploadValidator(SHOWN)])
    claim = models.OneToOneField(
        PoolClaim, verbose_name=_("代偿申请"), on_delete=models.PROTECT, related_name="receipt"
    )

    class Meta(KeptFile.Meta):
        verbose_name = _("拨付回单")
        verbose_name_plural = _("拨付回单")
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                name="finance_poolreceipt_once",
                violation_error_message=_("这份回单已经用于另一笔代偿。"),
            ),
        ]
