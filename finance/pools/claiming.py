"""Claims on a pool (代偿): filed by the bank with documents, reviewed, approved and paid by three others."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from finance.models import (
    ClaimState,
    PoolAdmission,
    PoolClaim,
    PoolClaimFile,
    PoolReceipt,
    PoolRecovery,
    RiskPool,
)
from finance.pools.duties import APPROVING, PAYING, REVIEWING, require_duty
from finance.pools.lateness import require_long_overdue
from finance.pools.refusals import told
from finance.pools.shares import returned, split
from finance.pools.telling import tell_step
from portal.accounts.second_factor import prove_totp
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from django.core.files.base import File

    from finance.acting import BankActor
    from portal.accounts.models import User


REQUIRED: Final = ("contract", "collecting")
"""Kinds of documents without which no claim is looked at."""
LONGEST: Final = 40
"""Characters of a voucher's number."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a bank says it lost: principal in fen, how it came, and the documents that prove it."""

    loss_fen: int
    words: str
    files: Sequence[File[Any]]
    """The contract and what shows how the money was asked for, and more where there is more."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What shows that a claim was paid: the voucher's number, the day, the receipt."""

    serial: str
    on: dt.date
    receipt: File[Any] | None


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back of a loss, in fen, on which day, by which voucher."""

    amount_fen: int
    serial: str
    on: dt.date


def file_claim(admission: PoolAdmission, loss: Loss, *, by: BankActor, at: dt.datetime) -> PoolClaim:
    """Ask the pool for its part of a loss.

    Raises DomainError; `too_early` before the loan has been overdue for the days that the pool wants.
    """
    if admission.bank_id != by.bank.pk:
        raise DomainError(_("这笔贷款不属于本行。"), code="not_yours")
    if not loss.words.strip():
        raise DomainError(_("请说明逾期经过和催收情况。"), code="no_words")
    if len(loss.files) < len(REQUIRED):
        raise DomainError(_("请上传借款合同和催收记录。"), code="no_documents")
    if loss.loss_fen <= 0:
        raise DomainError(_("本金损失须大于零。"), code="no_loss")
    pool = RiskPool.objects.get(pk=admission.pool_id)
    require_long_overdue(admission.loan, pool, timezone.localdate(at))
    shares = split(loss.loss_fen, pool.guarantee_share)
    with told():
        claim = PoolClaim.objects.create(
            admission=admission,
            loss_fen=loss.loss_fen,
            guarantee_share=pool.guarantee_share,
            guarantee_fen=shares.guarantee_fen,
            bank_fen=shares.bank_fen,
            words=loss.words.strip(),
            filed_by=by.user,
            filed_at=at,
        )
        for file in loss.files:
            PoolClaimFile.taken_in(file, claim=claim, added_by=by.user).save()
        tell_step(claim)
    return claim


def review(claim: PoolClaim, *, by: User, at: dt.datetime, comment: str = "") -> None:
    """Find that the claim is as it says. Raises DomainError."""
    require_duty(by, claim.admission.pool, *REVIEWING)
    _require_others(claim, by)
    with told():
        advance(
            claim, "review", actor=by, comment=comment, changes={"reviewed_by": by, "reviewed_at": at}, at=at
        )
        tell_step(claim)


def approve(claim: PoolClaim, *, by: User, at: dt.datetime, comment: str = "") -> None:
    """Agree that it is paid. Raises DomainError."""
    require_duty(by, claim.admission.pool, *APPROVING)
    _require_others(claim, by)
    with told():
        advance(
            claim, "approve", actor=by, comment=comment, changes={"approved_by": by, "approved_at": at}, at=at
        )
        tell_step(claim)


def refuse(claim: PoolClaim, reason: str, *, by: User, at: dt.datetime) -> None:
    """Refuse with a reason that the bank reads; it may file anew. Raises DomainError.

    What was approved is refused too, until it is paid: the loss may have become less meanwhile.
    """
    require_duty(by, claim.admission.pool, *REVIEWING, *APPROVING)
    if not reason.strip():
        raise DomainError(_("请写明不予补偿的理由。"), code="no_reason")
    with told():
        advance(claim, "refuse", actor=by, comment=reason, changes={"refusal": reason.strip()}, at=at)
        tell_step(claim)


def pay(claim: PoolClaim, payment: Payment, code: str, *, by: User, at: dt.datetime) -> None:
    """Book the payment with its receipt, signed with a code of the second factor. Raises DomainError.

    Once: the claim is held, and no voucher, receipt or code serves twice. The pool's balance falls.
    """
    require_duty(by, claim.admission.pool, *PAYING)
    serial = plain_voucher(payment.serial)
    if payment.receipt is None:
        raise DomainError(_("请上传拨付回单。"), code="no_receipt")
    _require_past(payment.on, at)
    with told():
        held = PoolClaim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
        _require_payable(held, payment.on, by)
        receipt = PoolReceipt.taken_in(payment.receipt, claim=held, added_by=by)
        changes = {"paid_by": by, "paid_at": at, "paid_on": payment.on, "serial": serial}
        changes["second_factor"] = prove_totp(by, code, at=at)
        receipt.save()
        advance(claim, "pay", actor=by, changes=changes, at=at)
        tell_step(claim)


def recover(claim: PoolClaim, money: Returned, *, by: User, at: dt.datetime) -> PoolRecovery:
    """Book what came back; the pool gets its part. Raises DomainError."""
    require_duty(by, claim.admission.pool, *PAYING)
    if money.amount_fen <= 0:
        raise DomainError(_("请填写追回金额。"), code="empty")
    serial = plain_voucher(money.serial)
    _require_past(money.on, at)
    with told():
        locked = PoolClaim.objects.select_for_update().get(pk=claim.pk)
        if locked.state != ClaimState.PAID:
            raise DomainError(_("只有已拨付的代偿可以登记回款。"), code="not_paid")
        part = returned(locked.recovered_fen, money.amount_fen, locked.guarantee_share)
        return PoolRecovery.objects.create(
            claim=locked,
            amount_fen=money.amount_fen,
            pool_fen=part,
            serial=serial,
            on=money.on,
            by=by,
            at=at,
        )


def plain_voucher(typed: str) -> str:
    """A voucher's number however it was typed: 〔2026〕ｖ－1 and 〔2026〕V-1 are one. Raises DomainError."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    plain = "".join(char for char in plain if unicodedata.category(char)[0] not in "CZ")
    if not plain:
        raise DomainError(_("请填写凭证号。"), code="no_serial")
    if len(plain) > LONGEST:
        raise DomainError(_("凭证号最多 %(most)d 个字符。") % {"most": LONGEST}, code="serial_long")
    return plain


def _require_past(on: dt.date, at: dt.datetime) -> None:
    if on > timezone.localdate(at):
        raise DomainError(_("日期不能晚于今天。"), code="in_future")


def _require_payable(held: PoolClaim, on: dt.date, by: User) -> None:
    """Raises DomainError for what is not to be paid now, or not by this person."""
    if held.state != ClaimState.APPROVED or held.approved_at is None:
        raise DomainError(
            _("这笔代偿现在是“%(state)s”，不能登记拨付。") % {"state": held.get_state_display()},
            code="not_approved",
        )
    if by.pk in (held.filed_by_id, held.reviewed_by_id, held.approved_by_id):
        raise DomainError(_("申请、审核、批准过这笔代偿的人不能登记拨付，请由另一人办理。"), code="four_eyes")
    approved = timezone.localdate(held.approved_at)
    if on < approved:
        raise DomainError(
            _("拨付日不能早于批准日 %(day)s。") % {"day": f"{approved:%Y-%m-%d}"}, code="before_approval"
        )


def _require_others(claim: PoolClaim, by: User) -> None:
    """Raises DomainError for one who has signed the claim already."""
    if by.pk in (claim.filed_by_id, claim.reviewed_by_id):
        raise DomainError(_("申请、审核、批准须由三个不同的人办理，请由另一人办理。"), code="four_eyes")
