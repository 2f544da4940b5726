"""Batches from draft to confirmed: put together by one person, prepared, and confirmed by another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.models import (
    AccountCheck,
    Award,
    BudgetLine,
    PayeeAccount,
    Payment,
    PaymentBatch,
    PaymentBatchEvent,
    PaymentEvent,
)
from policies.models.money.batch import BatchState, Step
from policies.models.money.payment import LIVE, PaymentState, came_back_from
from policies.money.accounts import verified_of
from policies.money.budgets import require_room
from policies.money.duties import PAYING
from policies.money.freezes import require_thawed
from policies.money.refusals import names_of, told
from policies.money.signing import Signer, require_outsider
from policies.money.telling import tell_next, tell_sent_back
from portal.accounts.duties import require_duty
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import NumberSeries
from portal.kernel.transitions import adopt, advance, advance_all

if TYPE_CHECKING:
    from portal.accounts.models import User

CHUNK = 1000


def draft(line: BudgetLine, title: str, *, by: User, at: dt.datetime) -> PaymentBatch:
    """An empty batch of a budget line. Raises DomainError."""
    require_duty(by, line.department, Role.PAYMENT_PREPARER)
    if not title.strip():
        raise DomainError(_("请填写批次名称。"), code="no_title")
    with told():
        number = NumberSeries.take("PC", timezone.localdate(at))
        batch = PaymentBatch.objects.create(number=number, line=line, title=title.strip(), drafted_at=at)
        _note(batch, "draft", by, at, batch.title)
    return batch


def add(batch: PaymentBatch, awards: Iterable[Award], *, by: User, at: dt.datetime) -> list[Payment]:
    """A payment for each award, to the account in use: all of them or none. Raises DomainError.

    Not for items that the line is not for, without a checked account, or what is being paid already.
    """
    wanted = list(awards)
    with told():
        held = hold(batch)
        require_duty(by, held.line.department, Role.PAYMENT_PREPARER)
        _require_draft(held)
        _require_items(held, wanted)
        _refuse_paid(wanted)
        accounts = verified_of(award.enterprise_id for award in wanted)
        _require_accounts(wanted, accounts)
        payments = Payment.objects.bulk_create(
            (
                Payment(
                    batch=held,
                    line_id=held.line_id,
                    award=award,
                    enterprise_id=award.enterprise_id,
                    account=accounts[award.enterprise_id],
                    amount_fen=award.amount_fen,
                )
                for award in wanted
            ),
            batch_size=CHUNK,
        )
        PaymentEvent.objects.bulk_create(
            (
                PaymentEvent(subject=one, actor=by, at=at, name="prepare", target=PaymentState.PREPARED)
                for one in payments
            ),
            batch_size=CHUNK,
        )
        _note(held, "add", by, at, _("加入 %(count)d 笔") % {"count": len(payments)})
    return payments


def drop(payment: Payment, reason: str, *, by: User, at: dt.datetime) -> None:
    """Take a payment out of a draft; its award waits again. Raises DomainError."""
    reason = _require_reason(reason)
    with told():
        held = hold(payment.batch)
        require_duty(by, held.line.department, Role.PAYMENT_PREPARER)
        _require_draft(held)
        advance(payment, "void", actor=by, comment=reason, changes={"reason": reason}, at=at)
        _note(held, "drop", by, at, f"{payment.pk}：{reason}")


def prepare(batch: PaymentBatch, *, by: User, at: dt.datetime) -> None:
    """Hand the draft on to be confirmed: from now on its content stands. Raises DomainError."""
    with told():
        held = hold(batch)
        require_duty(by, held.line.department, Role.PAYMENT_PREPARER)
        _require_draft(held)
        sums = live_payments(held).aggregate(count=Count("pk"), total_fen=Sum("amount_fen", default=0))
        if not sums["count"]:
            raise DomainError(_("批次里还没有拨付，请先加入。"), code="empty")
        require_outsider(by, held)
        require_current_accounts(held)
        require_room(held.line, sums["total_fen"])
        changes = {"prepared_by": by, "prepared_at": at, "digest": digest(held), **sums}
        event = advance(held, "prepare", actor=by, changes=changes, at=at)
        tell_next(held, event)
    adopt(batch, held)


def confirm(batch: PaymentBatch, code: str, *, by: User, at: dt.datetime, seen: str | None = None) -> None:
    """Confirm the content, with a code of the second factor. Raises DomainError.

    `seen` is the digest that the page showed; None: that of the caller's copy of the batch.
    """
    signer = Signer(by, at, code, batch.digest if seen is None else seen)
    with told():
        held = hold(batch)
        require_duty(by, held.line.department, Role.PAYMENT_CONFIRMER)
        require_state(held, "confirm")
        require_thawed(held)
        require_current_accounts(held)
        signer.sign(held, Step.CONFIRM)
        changes = {"confirmed_by": by, "confirmed_at": at}
        event = advance(held, "confirm", actor=by, changes=changes, comment=held.digest, at=at)
        tell_next(held, event)
    adopt(batch, held)


def send_back(batch: PaymentBatch, reason: str, *, by: User, at: dt.datetime) -> None:
    """Back to a draft, as long as it is not released; signatures count no more. Raises DomainError."""
    reason = _require_reason(reason)
    with told():
        held = hold(batch)
        require_duty(by, held.line.department, *PAYING)
        cleared = {"prepared_by": None, "prepared_at": None, "confirmed_by": None, "confirmed_at": None}
        changes = {**cleared, "digest": "", "count": 0, "total_fen": 0, "round": held.round + 1}
        preparer = held.prepared_by_id
        event = advance(held, "return", actor=by, comment=reason, changes=changes, at=at)
        tell_sent_back(held, event, preparer)
    adopt(batch, held)


def cancel(batch: PaymentBatch, reason: str, *, by: User, at: dt.datetime) -> None:
    """Give a draft up; all its awards wait again. Raises DomainError."""
    reason = _require_reason(reason)
    with told():
        held = hold(batch)
        require_duty(by, held.line.department, Role.PAYMENT_PREPARER)
        _require_draft(held)
        changes = {"reason": reason}
        advance_all(held.payments.all(), "void", actor=by, at=at, changes=changes, comment=reason)
        advance(held, "cancel", actor=by, comment=reason, at=at)
    adopt(batch, held)


def hold(batch: PaymentBatch) -> PaymentBatch:
    """The batch as it is now, locked until the transaction ends. Raises DomainError when it is gone.

    Not against rows that refer to it: a freeze of the batch, which releases wait for, must not wait for them.
    """
    locked = PaymentBatch.objects.select_for_update(of=("self",), no_key=True)
    rows = locked.select_related("line__department")
    held = rows.filter(pk=batch.pk).first()
    if held is None:
        raise DomainError(_("记录已不存在，请刷新页面。"), code="gone")
    return held


def digest(batch: PaymentBatch) -> str:
    """What stands for the content of the batch as it is now: SHA-256 in hexadecimal, by the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT policies_batch_digest(%s)", [batch.pk])
        return str(cursor.fetchone()[0])


def live_payments(batch: PaymentBatch) -> QuerySet[Payment]:
    """All of a batch that was not taken out."""
    return batch.payments.exclude(state=PaymentState.VOID)


def require_state(held: PaymentBatch, name: str) -> None:
    """Raises DomainError unless the transition may be taken: before anybody's code is asked for."""
    if held.state not in held.machine[name].sources:
        raise DomainError(
            _("批次当前为“%(state)s”，不能%(action)s。请刷新页面查看最新状态。")
            % {"state": held.get_state_display(), "action": held.machine[name].label},
            code="transition_refused",
        )


def require_current_accounts(held: PaymentBatch) -> None:
    """Raises DomainError, naming enterprises whose account is not in use, in their name and checked since."""
    newer = PayeeAccount.objects.filter(enterprise=OuterRef("enterprise"), pk__gt=OuterRef("account"))
    matched = AccountCheck.objects.filter(account=OuterRef("account"), outcome=AccountCheck.Outcome.MATCHED)
    renamed = ~Q(account__holder=F("enterprise__name"))
    stale = held.payments.filter(
        Q(Exists(newer)) | ~Q(Exists(matched)) | Q(came_back_from("account")) | renamed,
        state=PaymentState.PREPARED,
    )
    names = list(stale.values_list("enterprise__name", flat=True))
    if names:
        raise DomainError(
            _(
                "收款账户已变更、未核对或被银行退回过：%(names)s。请退回批次，撤下这些拨付，账户核对后重新加入。"
            )
            % {"names": names_of(names)},
            code="account_changed",
        )


def _require_draft(held: PaymentBatch) -> None:
    if held.state != BatchState.DRAFT:
        raise DomainError(
            _("批次当前为“%(state)s”，不能再改。需要修改的，请先退回。")
            % {"state": held.get_state_display()},
            code="not_draft",
        )


def _require_items(held: PaymentBatch, wanted: Sequence[Award]) -> None:
    allowed = set(held.line.items.values_list("pk", flat=True))
    if not {award.item_id for award in wanted} <= allowed:
        raise DomainError(_("指标 %(code)s 不用于其中的事项。") % {"code": held.line.code}, code="wrong_line")


def _refuse_paid(wanted: Sequence[Award]) -> None:
    paid = Payment.objects.filter(award__in=[award.pk for award in wanted], state__in=LIVE)
    rows = list(paid.values_list("enterprise__name", "batch__number"))
    twice = len(wanted) - len({award.pk for award in wanted})
    if rows or twice:
        names = names_of(f"{name}（{number}）" for name, number in rows)
        raise DomainError(_("已在拨付或已到账，不能重复：%(names)s。") % {"names": names}, code="paid_twice")


def _require_accounts(wanted: Sequence[Award], accounts: dict[int, PayeeAccount]) -> None:
    missing = [award for award in wanted if award.enterprise_id not in accounts]
    if missing:
        raise DomainError(
            _("没有核对相符的收款账户，或银行退回，待更正账户或重新核对：%(names)s。")
            % {"names": names_of(award.enterprise.name for award in missing)},
            code="no_account",
        )


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(_("请写明原因。"), code="no_reason")
    return reason.strip()[:300]


def _note(batch: PaymentBatch, name: str, by: User, at: dt.datetime, comment: str) -> None:
    """An event that changes no state."""
    source = "" if name == "draft" else batch.state
    PaymentBatchEvent.objects.create(
        subject=batch, actor=by, at=at, name=name, source=source, target=batch.state, comment=comment
    )
