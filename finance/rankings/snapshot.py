"""The table of a month: taken once, when the month is over, and frozen."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.measures import MONTHS, first_of_month, midnight
from finance.models import RankingLine, RankingModel, RankingSnapshot, RankingVersion
from finance.rankings.indicators import next_month, reached, recorded, values
from finance.rankings.sharing import shared
from portal.kernel.errors import DomainError

log = logging.getLogger(__name__)
MODEL: Final = "banks"
"""The ranking that is taken every month."""


@transaction.atomic
def take(month: dt.date, *, at: dt.datetime) -> RankingSnapshot:
    """The table of the month whose first day is given; the one that is there already, if there is one.

    It counts what counted when the month was over. Raises DomainError for a month that is not over, or while
    no version was ever published.
    """
    month = first_of_month(month)
    RankingModel.objects.select_for_update().filter(code=MODEL).first()
    taken = RankingSnapshot.objects.filter(month=month).first()
    if taken is not None:
        return taken
    if next_month(month) > timezone.localdate(at):
        raise DomainError(_("这个月还没有结束，月底后自动生成榜单。"), code="not_over")
    version = RankingVersion.objects.in_use_at(MODEL, midnight(next_month(month)))
    if version is None:
        raise DomainError(_("还没有使用中的赛马指标，请先发布一个版本。"), code="no_version")
    snapshot = RankingSnapshot.objects.create(month=month, version=version, taken_at=at)
    RankingLine.objects.bulk_create(_lines(snapshot))
    return snapshot


def take_missing(*, at: dt.datetime) -> int:
    """Take the tables of the months that are over and have none; how many that were.

    Those since the oldest table there is, of the last twelve months; the last month where there is no table
    at all. What one month makes impossible keeps no other from its table.
    """
    if RankingVersion.objects.in_use_at(MODEL, at) is None:
        return 0
    return sum(_taken(month, at) for month in _missing(timezone.localdate(at)))


def _missing(today: dt.date) -> list[dt.date]:
    taken = set(RankingSnapshot.objects.values_list("month", flat=True))
    over = [first_of_month(today, back) for back in range(MONTHS, 0, -1)]
    oldest = min(taken, default=over[-1])
    return [month for month in over if month >= oldest and month not in taken]


def _taken(month: dt.date, at: dt.datetime) -> bool:
    try:
        return take(month, at=at).taken_at == at
    except (DomainError, DatabaseError):
        log.exception("The ranking of %s could not be taken", month)
        return False


def _lines(snapshot: RankingSnapshot) -> list[RankingLine]:
    """Each bank with what every indicator says of it and gives it; equal points are an equal rank."""
    records = recorded(snapshot.month)
    indicators = list(snapshot.version.indicators.all())
    said = [values(one, records) for one in indicators]
    parts = [reached(one, found) for one, found in zip(indicators, said, strict=True)]
    table: dict[int, dict[str, tuple[str | None, int, int]]] = {}
    for bank in records:
        shares = shared([one.weight for one in indicators], [found[bank] for found in parts])
        table[bank] = {
            one.key: (None if found[bank] is None else str(found[bank]), share.points, share.weight)
            for one, found, share in zip(indicators, said, shares, strict=True)
        }
    sums = {bank: sum(got for _value, got, _weight in row.values()) for bank, row in table.items()}
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
