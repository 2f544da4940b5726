"""The books of a pool as a table: what moved, by how much, because of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from finance.models import PoolTransfer, PoolTransferKind, RiskPool
from portal.kernel.money import yuan
from portal.kernel.spreadsheets import Cell, Table

CHUNK: Final = 2_000
"""Rows of a file that are read at once."""
OUTGOING: Final = (PoolTransferKind.RELEASE, PoolTransferKind.COMPENSATE)


JOINED: Final = (
    "source",
    "admission__loan__enterprise",
    "claim__admission__loan__enterprise",
    "recovery__claim__admission__loan__enterprise",
)
"""What the cause of a booking is read from."""


def booked(pool: RiskPool) -> QuerySet[PoolTransfer]:
    """Newest first, with what a row shows."""
    return PoolTransfer.objects.filter(pool=pool).select_related(*JOINED).order_by("-pk")


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
    head = [_("序号"), _("时间"), _("类别"), _("事由"), _("金额（元）")]
    lines: Iterator[list[Cell]] = (
        [
            each.pk,
            each.at,
            each.get_kind_display(),
            cause(each),
            yuan(signed(each)),
        ]
        for each in booked(pool).iterator(CHUNK)
    )
    notes = [
        _("资金池：%(name)s（%(code)s）") % {"name": pool.name, "code": pool.code},
        _("每一行由数据库随业务写入，不能修改。入池占用和出池释放是额度，其余是资金。"),
    ]
    return Table(_("记账"), head, lines, notes)
