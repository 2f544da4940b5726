"""What the treasury said: lines of a return file booked whole, and silence that becomes `unknown`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.models import Payment, PaymentBatch, ReturnFile, ReturnLine
from policies.models.money.batch import BatchState
from policies.models.money.exchange import BankOutcome
from policies.models.money.payment import ANSWERED, UNDERWAY, PaymentState
from policies.money.telling import tell_answers
from portal.kernel.errors import DomainError
from portal.kernel.spans import start_of_day
from portal.kernel.transitions import advance, advance_all
from portal.kernel.workdays import add_workdays

CHUNK = 1000
_TO_PAID = (*UNDERWAY, PaymentState.RETURNED)
_TO_RETURNED = (*UNDERWAY, PaymentState.PAID)


class Answer(Protocol):
    """One line of a return file, as it was read."""

    @property
    def line_no(self) -> int: ...
    @property
    def serial(self) -> str: ...
    @property
    def payment(self) -> int: ...
    @property
    def account(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def value_date(self) -> dt.date: ...
    @property
    def message(self) -> str: ...


class Inconsistent(DomainError):  # noqa: N818 - reads as what happened, as its base does
    """A return file contradicts what is known: none of it is booked. One reason a line of the message."""

    code = "inconsistent"

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("\n".join(self.reasons))


def settle(lines: Sequence[Answer], file: ReturnFile, at: dt.datetime) -> int:
    """Book the lines of a file, all or none; how many were new. Raises Inconsistent with every reason.

    A line that was booked before (same serial, same content) is passed over. The file's instruction says
    which batch it answers, and payments of no other are booked. Files may come out of order: that a payment
    had been paid before it came back is kept, and changes nothing any more.
    """
    with transaction.atomic():
        books = require_consistent(lines, file)
        fresh = books.fresh(lines)
        ReturnLine.objects.bulk_create((_row(line, file) for line in fresh), batch_size=CHUNK)
        _book(file, at)
        tell_answers(file)
        _settle_batches(books.batches, at)
    return len(fresh)


def require_consistent(lines: Sequence[Answer], file: ReturnFile) -> _Books:
    """What is known of what the lines name, locked. Raises Inconsistent with all that stands against them."""
    books = _Books.of(lines, file)
    reasons = [*books.contradictions(lines), *_repeated(books.fresh(lines))]
    if reasons:
        raise Inconsistent(reasons)
    return books


def overdue(at: dt.datetime) -> int:
    """Payments that `settings.TREASURY_PATIENCE` working days went by for become unknown; how many did.

    The day on which one was sent does not count: the last day ends with its midnight, Beijing time.

    Nothing is paid anew for it: only the treasury's own word that it has not paid sets an award free.
    """
    first_of_wait = add_workdays(timezone.localdate(at), -settings.TREASURY_PATIENCE)
    silent = Payment.objects.filter(state=PaymentState.SENT, sent_at__lt=start_of_day(first_of_wait))
    with transaction.atomic():
        # in the order of those who book answers, and what is being answered right now is not silent
        held = silent.select_for_update(skip_locked=True, no_key=True).order_by("pk")
        found = list(held.values_list("pk", flat=True))
        return advance_all(Payment.objects.filter(pk__in=found), "lose", actor=None, at=at)


@dataclass(frozen=True)
class _Books:
    """What is known of the payments and serials that a file names, its batch locked against rivals."""

    payments: dict[int, Payment]
    known: dict[str, ReturnLine]
    answered: set[tuple[int, str]]
    """Payments with what was booked of them before: each outcome comes once."""
    back: dict[int, dt.date]
    """When payments came back, by this file or an earlier one."""
    batches: list[PaymentBatch]

    @classmethod
    def of(cls, lines: Sequence[Answer], file: ReturnFile) -> _Books:
        named = {line.payment for line in lines}
        mine = Payment.objects.filter(pk__in=named)
        if file.instruction is not None:
            mine = mine.filter(batch=file.instruction.batch_id)
        held = PaymentBatch.objects.select_for_update(no_key=True).filter(pk__in=mine.values("batch"))
        batches = list(held.order_by("pk"))
        payments = mine.select_related("account")
        serials = ReturnLine.objects.filter(serial__in=[line.serial for line in lines])
        back = {line.payment: line.value_date for line in lines if line.outcome == BankOutcome.RETURNED}
        before = list(
            ReturnLine.objects.filter(payment__in=named).values_list("payment", "outcome", "value_date")
        )
        earlier = {payment: day for payment, outcome, day in before if outcome == BankOutcome.RETURNED}
        return cls(
            {payment.pk: payment for payment in payments},
            {line.serial: line for line in serials},
            {(payment, outcome) for payment, outcome, _day in before},
            back | earlier,
            batches,
        )

    def fresh(self, lines: Sequence[Answer]) -> list[Answer]:
        """Those that were not booked before."""
        return [line for line in lines if line.serial not in self.known]

    def contradictions(self, lines: Sequence[Answer]) -> Iterator[str]:
        """What each line has against it, in the order of the file."""
        for line in lines:
            words = self._against(line)
            if words:
                yield _("第 %(line)d 行：%(words)s") % {"line": line.line_no, "words": words}

    def _against(self, line: Answer) -> str:
        known = self.known.get(line.serial)
        if known is not None:
            same = (known.payment_id, known.outcome, known.amount_fen, known.value_date)
            if same == (line.payment, line.outcome, line.amount_fen, line.value_date):
                return ""
            return _("银行流水号 %(serial)s 已入账，内容不同。") % {"serial": line.serial}
        payment = self.payments.get(line.payment)
        if payment is None:
            return _("指令里没有编号为 %(pk)d 的拨付。") % {"pk": line.payment}
        if payment.amount_fen != line.amount_fen:
            return _("拨付 %(pk)d 的金额不符。") % {"pk": payment.pk}
        if payment.account.number != line.account:
            return _("拨付 %(pk)d 的账号不符。") % {"pk": payment.pk}
        if line.outcome == BankOutcome.PAID and line.value_date > self.back.get(payment.pk, line.value_date):
            words = _("拨付 %(pk)d 已于 %(day)s 退回，之后又记为到账。")
            return words % {"pk": payment.pk, "day": self.back[payment.pk]}
        if (payment.pk, str(line.outcome)) in self.answered:
            words = _("拨付 %(pk)d 已有“%(outcome)s”的回单，流水号不同。")
            return words % {"pk": payment.pk, "outcome": BankOutcome(line.outcome).label}
        expected = _TO_PAID if line.outcome == BankOutcome.PAID else _TO_RETURNED
        if payment.state not in expected:
            words = _("拨付 %(pk)d 当前为“%(state)s”，不能记为“%(outcome)s”。")
            outcome = BankOutcome(line.outcome).label
            return words % {"pk": payment.pk, "state": payment.get_state_display(), "outcome": outcome}
        return ""


def _repeated(fresh: Sequence[Answer]) -> Iterator[str]:
    """A serial, or an outcome of a payment, that comes twice in one file: nobody can tell which is true."""
    seen: set[tuple[int, str] | str] = set()
    for line in fresh:
        said = (line.payment, str(line.outcome))
        if said in seen or line.serial in seen:
            yield _("第 %(line)d 行：同一笔拨付的同一结果或流水号在文件中重复。") % {"line": line.line_no}
        seen |= {said, line.serial}


def _row(line: Answer, file: ReturnFile) -> ReturnLine:
    return ReturnLine(
        file=file,
        line_no=line.line_no,
        serial=line.serial,
        payment_id=line.payment,
        outcome=str(line.outcome),
        amount_fen=line.amount_fen,
        value_date=line.value_date,
        message=line.message,
    )


def _book(file: ReturnFile, at: dt.datetime) -> None:
    """Let the payments follow the file's lines: two statements, whatever their number."""
    told = ReturnLine.objects.filter(file=file)
    paid = Payment.objects.filter(pk__in=told.filter(outcome=BankOutcome.PAID).values("payment"))
    advance_all(paid, "pay", actor=file.confirmed_by, at=at, changes={"settled_at": at})
    returned = told.filter(outcome=BankOutcome.RETURNED)
    back = Payment.objects.filter(pk__in=returned.values("payment"))
    said = Subquery(returned.filter(payment=OuterRef("pk")).values("message")[:1])
    reason = Coalesce(NullIf(said, Value("")), Value(_("银行退回，未写明原因")))
    changes = {"settled_at": at, "reason": reason}
    advance_all(back, "return", actor=file.confirmed_by, at=at, changes=changes, comment=F("reason"))


def _settle_batches(batches: Sequence[PaymentBatch], at: dt.datetime) -> None:
    """A batch of which everything is answered is settled."""
    open_ones = Payment.objects.filter(batch=OuterRef("pk")).exclude(
        Q(state__in=ANSWERED) | Q(state=PaymentState.VOID)
    )
    pks = [batch.pk for batch in batches if batch.state == BatchState.RELEASED]
    for batch in PaymentBatch.objects.filter(~Exists(open_ones), pk__in=pks):
        advance(batch, "settle", actor=None, changes={"settled_at": at}, at=at)
