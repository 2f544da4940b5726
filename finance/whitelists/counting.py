"""Lists in figures: how many are on them, who was answered for, and what each bank came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.models import Bank, EntryOutcome, Whitelist, WhitelistEntry, WhitelistResult

PARTS: Final[Mapping[str, tuple[Promise, Q]]] = {
    "on": (_("在名单上"), Q(excluded="")),
    "waiting": (_("还没有结果"), Q(excluded="", answered=False)),
    "answered": (_("已有结果"), Q(excluded="", answered=True)),
    "out": (_("已剔除"), ~Q(excluded="")),
}
"""Parts of a list, by which it is looked through."""
_ANSWERED: Final = Exists(WhitelistResult.objects.filter(entry=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class BankCount:
    """What a bank has answered of a list; sums in fen."""

    bank: Bank
    answered: int
    counts: Mapping[str, int]
    granted_fen: int

    @property
    def said(self) -> list[tuple[str, int]]:
        """Each outcome with how many."""
        return [(str(one.label), self.counts.get(one.value, 0)) for one in EntryOutcome]


def counted(lists: QuerySet[Whitelist]) -> QuerySet[Whitelist]:
    """With `size` (on the list), `out` (taken off), `answered` (with a result of any bank), `granted`."""
    entries = WhitelistEntry.objects.filter(whitelist=OuterRef("pk")).order_by()
    answered = entries.filter(excluded="").filter(_ANSWERED)
    granted = entries.filter(results__outcome=EntryOutcome.GRANTED)
    return lists.annotate(
        size=_count(entries.filter(excluded="")),
        out=_count(entries.exclude(excluded="")),
        answered=_count(answered),
        granted=_count(granted, distinct=True),
    )


def _count(entries: QuerySet[WhitelistEntry], *, distinct: bool = False) -> Coalesce:
    rows = entries.values("whitelist").annotate(count=Count("pk", distinct=distinct)).values("count")
    return Coalesce(Subquery(rows, output_field=IntegerField()), 0)


def with_answers(entries: QuerySet[WhitelistEntry]) -> QuerySet[WhitelistEntry]:
    """With `answered`: whether any bank said something."""
    return entries.annotate(answered=_ANSWERED)


def parts_of(held: Whitelist) -> dict[str, int]:
    """How many there are of each part: one query."""
    rows = with_answers(held.entries.order_by()).annotate(on=Q(excluded=""))
    found: Any = rows.values_list("on", "answered").annotate(count=Count("pk"))
    kinds = {(on, answered): count for on, answered, count in found}
    waiting, answered = kinds.get((True, False), 0), kinds.get((True, True), 0)
    out = kinds.get((False, False), 0) + kinds.get((False, True), 0)
    return {"on": waiting + answered, "waiting": waiting, "answered": answered, "out": out}


def by_bank(held: Whitelist) -> list[BankCount]:
    """Each bank that the list was pushed to: one query."""
    own = WhitelistResult.objects.filter(entry__whitelist=held, bank=OuterRef("pk")).order_by()
    sums: dict[str, Any] = {
        outcome: _of_bank(own.filter(outcome=outcome), Count("pk")) for outcome in EntryOutcome.values
    }
    banks: Any = held.banks.annotate(**sums, granted_fen=_of_bank(own, Sum("amount_fen")))
    return [_bank_count(bank) for bank in banks.order_by("short")]


def _of_bank(rows: QuerySet[WhitelistResult], what: Any) -> Coalesce:
    found = rows.values("bank").annotate(found=what).values("found")
    return Coalesce(Subquery(found, output_field=BigIntegerField()), 0)


def _bank_count(bank: Any) -> BankCount:
    counts = {outcome: getattr(bank, outcome) for outcome in EntryOutcome.values}
    return BankCount(bank, sum(counts.values()), counts, bank.granted_fen)
