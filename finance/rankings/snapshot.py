"""The table of a month: taken once, when the month is over, and frozen."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.measures import first_of_month
from finance.models import RankingLine, RankingModel, RankingSnapshot, RankingVersion
from finance.rankings.indicators import next_month, points, recorded, values
from portal.kernel.errors import DomainError

MODEL: Final = "banks"
"""The ranking that is taken every month."""


@transaction.atomic
def take(month: dt.date, *, at: dt.datetime) -> RankingSnapshot:
    """The table of the month whose first day is given; the one that is there already, if there is one.

    Raises DomainError for a month that is not over, or while no version is in use.
    """
    month = first_of_month(month)
    RankingModel.objects.select_for_update().filter(code=MODEL).first()
    taken = RankingSnapshot.objects.filter(month=month).first()
    if taken is not None:
        return taken
    if next_month(month) > timezone.localdate(at):
        raise DomainError(_("这个月还没有结束，月底后自动生成榜单。"), code="not_over")
    version = RankingVersion.objects.in_use(MODEL)
    if version is None:
        raise DomainError(_("还没有使用中的赛马指标，请先发布一个版本。"), code="no_version")
    snapshot = RankingSnapshot.objects.create(month=month, version=version, taken_at=at)
    RankingLine.objects.bulk_create(_lines(snapshot))
    return snapshot


def take_last(*, at: dt.datetime) -> bool:
    """Take the table of the month that is over; whether that was new."""
    month = first_of_month(timezone.localdate(at), 1)
    if RankingSnapshot.objects.filter(month=month).exists() or not RankingVersion.objects.in_use(MODEL):
        return False
    return take(month, at=at).taken_at == at


def _lines(snapshot: RankingSnapshot) -> list[RankingLine]:
    """Each bank with what every indicator says of it and gives it; equal points are an equal rank."""
    records = recorded(snapshot.month)
    table: dict[int, dict[str, list[str | int | None]]] = {bank: {} for bank in records}
    for indicator in snapshot.version.indicators.all():
        said = values(indicator, records)
        earned = points(indicator, said)
        for bank, value in said.items():
            table[bank][indicator.key] = [None if value is None else str(value), earned[bank]]
    sums = {bank: sum(int(got or 0) for _value, got in row.values()) for bank, row in table.items()}
    return [
        RankingLine(
            snapshot=snapshot,
            bank_id=bank,
            values=row,
            points=sums[bank],
            rank=1 + sum(other > sums[bank] for other in sums.values()),
        )
        for bank, row in table.items()
    ]
