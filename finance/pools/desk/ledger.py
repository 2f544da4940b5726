"""The books of a pool as a table: what moved, by how much, because of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When, Window
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from finance.models import PoolTransfer, PoolTransferKind, RiskPool
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import Cell, Table

CHUNK: Final = 2_000
"""Rows of a file that are read at once."""
FEN: Final = BigIntegerField()
MONEY: Final = (PoolTransferKind.FUND, PoolTransferKind.COMPENSATE, PoolTransferKind.RECOVER)
"""They move the balance; the others what the pool stands for."""
ROOM: Final = (PoolTransferKind.ADMIT, PoolTransferKind.RELEASE)
OUTGOING: Final = (PoolTransferKind.RELEASE, PoolTransferKind.COMPENSATE)


JOINED: Final = (
    "source",
    "admission__loan__enterprise",
    "claim__admission__loan__enterprise",
    "recovery__claim__admission__loan__enterprise",
)
"""What the cause of a booking is read from."""


def booked(pool: RiskPool) -> QuerySet[Any]:
    """In the order of booking, the last one first, with what a row shows.

    `money` and `room` are what the pool had and what it stood for once the row was booked (fen).
    """
    moved = F("amount_fen") * Case(When(kind__in=OUTGOING, then=-1), default=1)
    after = {
        name: Coalesce(Window(Sum(moved, filter=Q(kind__in=kinds)), order_by="pk"), 0, output_field=FEN)
        for name, kinds in (("money", MONEY), ("room", ROOM))
    }
    rows = PoolTransfer.objects.filter(pool=pool).select_related(*JOINED)
    return rows.annotate(**after).order_by("-pk")


def cause(transfer: PoolTransfer) -> str:
    """What it was for, in words."""
    if transfer.source is not None:
        return transfer.source.name
    admission: Any = transfer.admission
    if transfer.claim is not None:
        admission = transfer.claim.admission
    elif transfer.recovery is not None:
        admission = transfer.recovery.claim.admission
    return f"{admission.loan.number} {admission.loan.enterprise.name}"


def signed(transfer: PoolTransfer) -> int:
    """Fen, negative when room or money went out."""
    return -transfer.amount_fen if transfer.kind in OUTGOING else transfer.amount_fen


def table(pool: RiskPool) -> Table:
    """For a file: all of them, however many."""
    sums = [_("金额（元）"), _("资金余额（元）"), _("在池占用（元）")]
    head = [_("序号"), _("发生时间"), _("类别"), _("事由"), *sums]
    lines: Iterator[list[Cell]] = (
        [
            each.pk,
            each.at,
            each.get_kind_display(),
            cause(each),
            *map(yuan, (signed(each), each.money, each.room)),
        ]
        for each in booked(pool).iterator(CHUNK)
    )
    notes = [
        _("资金池：%(name)s（%(code)s）") % {"name": pool.name, "code": pool.code},
        _("每一行由数据库随业务写入，不能修改。入池占用和出池释放是额度，其余是资金。"),
    ]
    return Table(_("记账"), head, lines, notes)
