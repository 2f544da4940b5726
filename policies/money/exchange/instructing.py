"""From a batch's rows to its instruction file, and the same file again from the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.utils import timezone

from policies.models import InstructionFile, PaymentBatch
from policies.models.money.payment import PaymentState
from policies.money.exchange.formats import Format, Instruction, Line
from policies.money.exchange.writing import write

LONGEST_PURPOSE: Final = 60
"""Characters of the item's title that a bank statement has room for."""


def content_of(batch: PaymentBatch, number: str, day: dt.date, form: Format | str = Format.CSV) -> bytes:
    """The instruction file of a batch under a number, of a day in China: all its payments, one query."""
    payments: Iterable[Any] = (
        batch.payments.exclude(state=PaymentState.VOID)
        .order_by("pk")
        .values_list(
            "pk",
            "award",
            "enterprise__uscc",
            "account__holder",
            "account__bank",
            "account__number",
            "amount_fen",
            "award__version__title",
            "award__period",
        )
    )
    lines = [
        Line(pk, award, uscc, holder, bank, account, fen, f"{title[:LONGEST_PURPOSE]} {period}")
        for pk, award, uscc, holder, bank, account, fen, title, period in payments
    ]
    return write(Instruction(number, batch.number, day, lines), form)


def regenerated(file: InstructionFile) -> bytes:
    """The file written anew: what differs from its content was changed behind our back."""
    return content_of(file.batch, file.number, timezone.localdate(file.written_at), file.format)
