"""An application for a loan: asked for, taken on by one bank, decided, lent and paid back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprises.models import Consent, Enterprise
from finance.models.bank import Bank, Branch
from finance.models.loan_states import (
    APPROVED_AND_AFTER,
    LENT,
    MACHINE,
    SIGNED_AND_AFTER,
    UNDERWAY,
    LoanMark,
    LoanMode,
    LoanState,
)
from finance.models.product import HIGHEST_RATE, MOST_MONTHS, ProductVersion
from finance.models.vocabulary import LoanPurpose, Repayment
from portal.kernel.files import KeptFile
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from finance.acting import BankActor

S = LoanState
UNTAKEN: Final = (S.DRAFT, S.SUBMITTED, S.LAPSED)
"""What is open to all banks is no bank's in these; withdrawn it may or may not have been."""


class LoanQuerySet(models.QuerySet["LoanApplication"]):
    """The door to applications: the enterprise's own, and those of one bank."""

    def of(self, actor: Actor) -> LoanQuerySet:
        """Those of the enterprise acted for."""
        return self.filter(enterprise=actor.enterprise)

    def at(self, bank: Bank) -> LoanQuerySet:
        """Those that were sent to the bank or taken by it; never another's."""
        return self.filter(bank=bank).exclude(state=S.DRAFT)

    def visible_to(self, actor: BankActor) -> LoanQuerySet:
        """Those of the bank acted for; who serves one branch sees that branch's and those of none."""
        found = self.at(actor.bank)
        return found.filter(Q(branch=None) | Q(branch=actor.branch)) if actor.branch else found

    def open_to_all(self) -> LoanQuerySet:
        """Those that any bank may take."""
        return self.filter(mode=LoanMode.OPEN, state=S.SUBMITTED)

    def open_for(self, bank: Bank, at: dt.datetime) -> LoanQuerySet:
        """Those of them that the bank may take: with a live consent, of who has nothing under way there."""
        underway = LoanApplication.objects.filter(bank=bank, state__in=UNDERWAY)
        taken = self.open_to_all().filter(consent__in=Consent.objects.live(at))
        return taken.exclude(enterprise__in=underway.values("enterprise"))

    def lent(self) -> LoanQuerySet:
        """Those of which money has gone to the enterprise."""
        return self.filter(state__in=LENT)

    def for_lists(self) -> LoanQuerySet:
        """With what a row of a list shows, in one query."""
        return self.select_related("enterprise", "bank", "branch", "product_version__product")


class LoanApplication(models.Model):
    """A loan application (贷款申请).

    What the enterprise said stands once it is submitted; `bank` is set when it is sent to one, or by the one
    that takes it. `consent` is what that bank may read of the enterprise, given with the submission.
    `drawn_fen` and `repaid_fen` (principal) are the sums of drawdowns and repayments, written by a trigger
    alone.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True, editable=False)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="loans"
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("申请人"),
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
    )
    mode = models.CharField(_("方式"), max_length=9, choices=LoanMode)
    product_version = models.ForeignKey(
        ProductVersion,
        verbose_name=_("产品版本"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="loans",
    )
    bank = models.ForeignKey(
        Bank, verbose_name=_("银行"), on_delete=models.PROTECT, null=True, blank=True, related_name="loans"
    )
    branch = models.ForeignKey(
        Branch, verbose_name=_("网点"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("银行经办人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    amount_fen = models.BigIntegerField(_("申请金额（分）"))
    term_months = models.PositiveSmallIntegerField(_("期限（月）"))
    purpose = models.CharField(_("用途"), max_length=10, choices=LoanPurpose)
    purpose_note = models.CharField(_("用途说明"), max_length=500, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=50)
    contact_phone = models.CharField(_("联系电话"), max_length=30)
    consent = models.ForeignKey(
        Consent,
        verbose_name=_("授权"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="loans",
    )
    state = models.CharField(_("状态"), max_length=13, choices=S, default=S.DRAFT, editable=False)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, editable=False)
    due_at = models.DateTimeField(
        _("最近到期"), null=True, editable=False, help_text=_("正在计时的时限中最早的一个")
    )
    approved_fen = models.BigIntegerField(_("批准金额（分）"), null=True, editable=False)
    approved_rate = models.DecimalField(
        _("批准年利率（%）"), max_digits=7, decimal_places=4, null=True, editable=False
    )
    approved_months = models.PositiveSmallIntegerField(_("批准期限（月）"), null=True, editable=False)
    method = models.CharField(
        _("还款方式"), max_length=15, choices=Repayment, blank=True, default="", db_default="", editable=False
    )
    approved_at = models.DateTimeField(_("批准时间"), null=True, editable=False)
    bank_number = models.CharField(_("银行贷款编号"), max_length=40, blank=True, editable=False)
    renews = models.ForeignKey(
        "self",
        verbose_name=_("所续的贷款"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="renewals",
    )
    signed_on = models.DateField(_("签约日"), null=True, editable=False)
    matures_on = models.DateField(_("到期日"), null=True, editable=False)
    drawn_fen = models.BigIntegerField(_("已放款（分）"), default=0, db_default=0, editable=False)
    repaid_fen = models.BigIntegerField(_("已还本金（分）"), default=0, db_default=0, editable=False)
    drawn_on = models.DateField(_("首次放款日"), null=True, editable=False)
    mark = models.CharField(_("类别"), max_length=20, choices=LoanMark, blank=True, editable=False)
    idempotency_key = models.CharField(max_length=64, blank=True, editable=False)

    objects = LoanQuerySet.as_manager()
    machine = MACHINE

    class Meta:
        verbose_name = _("贷款申请")
        verbose_name_plural = _("贷款申请")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="finance_loan_own"),
            models.Index(fields=["bank", "state", "due_at", "id"], name="finance_loan_desk"),
            models.Index(
                fields=["submitted_at"], condition=Q(mode="open", state="submitted"), name="finance_loan_hall"
            ),
            GinIndex(fields=["bank_number"], opclasses=["gin_trgm_ops"], name="finance_loan_bank_number"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, term_months__range=(1, MOST_MONTHS)),
                name="finance_loan_asked",
                violation_error_message=_("申请金额须大于零，期限为 1 至 480 个月。"),
            ),
            models.CheckConstraint(
                condition=~Q(mode=LoanMode.OPEN) & Q(bank__isnull=False, product_version__isnull=False)
                | Q(mode=LoanMode.OPEN, bank=None, product_version=None, state__in=UNTAKEN)
                | Q(mode=LoanMode.OPEN, state=S.WITHDRAWN)
                | Q(mode=LoanMode.OPEN, bank__isnull=False) & ~Q(state__in=(*UNTAKEN, S.DECLINED)),
                name="finance_loan_of_one_bank",
                violation_error_message=_("点单和推荐的申请须有产品和银行；抢单的在接单后才有银行。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.DRAFT, submitted_at=None)
                | Q(state=S.WITHDRAWN)
                | ~Q(state__in=(S.DRAFT, S.WITHDRAWN)) & Q(submitted_at__isnull=False),
                name="finance_loan_submitted",
                violation_error_message=_("提交的申请须有提交时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=(S.DRAFT, S.WITHDRAWN)) | Q(consent__isnull=False),
                name="finance_loan_with_consent",
                violation_error_message=_("提交的申请须有企业的授权。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.DRAFT) | ~Q(contact_name="") & ~Q(contact_phone=""),
                name="finance_loan_contact",
                violation_error_message=_("请填写联系人和联系电话。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(*APPROVED_AND_AFTER, S.WITHDRAWN, S.REFUSED),  # taken back
                    approved_fen__gt=0,
                    approved_rate__gt=0,
                    approved_rate__lte=HIGHEST_RATE,
                    approved_months__range=(1, MOST_MONTHS),
                    approved_fen__isnull=False,  # a comparison with NULL would pass
                    approved_rate__isnull=False,
                    approved_months__isnull=False,
                    approved_at__isnull=False,
                )
                | ~Q(state__in=APPROVED_AND_AFTER)
                & Q(approved_fen=None, approved_rate=None, approved_months=None, approved_at=None),
                name="finance_loan_approved",
                violation_error_message=_("批准须写明金额、年利率（0 到 36%%）和期限，未批准的没有。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=SIGNED_AND_AFTER, signed_on__isnull=False) & ~Q(bank_number="")
                | Q(state=S.EXPIRED, signed_on__isnull=False) & ~Q(bank_number="")  # called off
                | ~Q(state__in=SIGNED_AND_AFTER) & Q(signed_on=None, bank_number=""),
                name="finance_loan_signed",
                violation_error_message=_("签约的贷款须有签约日和银行贷款编号。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=LENT, drawn_on__isnull=False, matures_on__isnull=False) & ~Q(mark="")
                | ~Q(state__in=LENT) & Q(drawn_on=None, matures_on=None, mark=""),
                name="finance_loan_lent",
                violation_error_message=_("放款的贷款须有放款日、到期日和类别。"),
            ),
            models.CheckConstraint(
                condition=Q(drawn_fen=0, approved_fen=None)
                | Q(drawn_fen__gte=0, drawn_fen__lte=F("approved_fen"), approved_fen__isnull=False),
                name="finance_loan_drawn_within",
                violation_error_message=_("放款合计不能超过批准金额。"),
            ),
            models.CheckConstraint(
                condition=Q(repaid_fen__gte=0, repaid_fen__lte=F("drawn_fen")),
                name="finance_loan_repaid_within",
                violation_error_message=_("归还本金合计不能超过放款合计。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=S.REPAID) | Q(repaid_fen=F("drawn_fen")),
                name="finance_loan_repaid_whole",
                violation_error_message=_("本金还清才算结清。"),
            ),
            models.CheckConstraint(
                condition=Q(renews=None) | ~Q(renews=F("id")),
                name="finance_loan_renews_another",
                violation_error_message=_("续贷须是另一笔贷款。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise", "bank"],
                condition=Q(state__in=UNDERWAY),
                name="finance_loan_one_underway",
                violation_error_message=_("本企业在这家银行已有一笔正在办理的申请。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(mode=LoanMode.OPEN, state=S.SUBMITTED),
                name="finance_loan_one_open",
                violation_error_message=_("本企业已有一笔申请正面向全部银行，请等它有结果。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(mark=LoanMark.FIRST),
                name="finance_loan_one_first",
                violation_error_message=_("首贷只有一次。"),
            ),
            models.UniqueConstraint(
                fields=["bank", "bank_number"],
                condition=~Q(bank_number=""),
                name="finance_loan_bank_number_once",
                violation_error_message=_("本行已有这个贷款编号。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="finance_loan_filed_once",
                violation_error_message=_("这份申请已经提交过。"),
            ),
            models.UniqueConstraint(fields=["id", "bank"], name="finance_loan_of_bank"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The enterprise's own page of it."""
        return f"/e/{self.enterprise_id}/finance/loans/{self.number}/"

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return LoanState(self.state).colour

    @property
    def state_words(self) -> str:
        """Its state, where that has come about in another way than usual by that way."""
        if self.state == S.EXPIRED and self.signed_on:
            return gettext("合同已终止")
        if self.state == S.REFUSED and self.approved_at:
            return gettext("批准已撤回")
        return str(LoanState(self.state).label)

    @property
    def owed_fen(self) -> int:
        """Principal that is still to be paid back."""
        return self.drawn_fen - self.repaid_fen

    @property
    def undrawn_fen(self) -> int:
        """Of what was approved, what has not gone out yet."""
        return (self.approved_fen or 0) - self.drawn_fen


class LoanEvent(EventModel):
    """Who did what to an application; a note of the bank is an event that changes no state, never public."""

    subject = models.ForeignKey(
        LoanApplication, verbose_name=_("贷款申请"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("贷款经过")
        verbose_name_plural = _("贷款经过")


class LoanGrab(AppendOnly):
    """Which bank took an open application (抢单): the first, and no other ever."""

    loan = models.OneToOneField(
        LoanApplication, verbose_name=_("贷款申请"), on_delete=models.PROTECT, related_name="grab"
    )
    bank = models.ForeignKey(Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="grabs")
    by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("接单人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("抢单记录")
        verbose_name_plural = _("抢单记录")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.loan_id} → {self.bank_id}"


class LoanFile(KeptFile):
    """What a bank's people brought of their due diligence; nobody else sees it, nor whether it is there."""

    loan = models.ForeignKey(
        LoanApplication, verbose_name=_("贷款申请"), on_delete=models.PROTECT, related_name="files"
    )
    bank = models.ForeignKey(Bank, verbose_name=_("银行"), on_delete=models.PROTECT, related_name="+")

    class Meta(KeptFile.Meta):
        verbose_name = _("尽调材料")
        verbose_name_plural = _("尽调材料")
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "bank", "digest"],
                name="finance_loanfile_once",
                violation_error_message=_("同一文件已经上传过。"),
            ),
        ]
