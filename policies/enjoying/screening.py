"""Who must not be on a list although the rule fits: paid already, another claim, no money left.

An order decides who gets what is left of budget and quota: the SHA-256 of item, year and credit code, as a
lot is drawn. Nobody chooses it, it favours neither old nor large firms, and anybody can work it out again.
From the first enterprise on that does not fit any more, all behind it are out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from policies.enjoying.reasons import Reason, reason
from policies.enums import ApplicationState
from policies.models import (
    Application,
    Award,
    BudgetLine,
    EnjoyCandidate,
    EnjoyRun,
    ItemVersion,
    PolicyItem,
)
from policies.models.enjoying.vocabulary import OVER, CandidateState, Place
from policies.models.money.award import AwardSource
from policies.money.budgets import outlook
from portal.kernel.money import format_money

NOT_ALIVE = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)
PENDING = (CandidateState.LISTED, CandidateState.OFFERED, CandidateState.OBJECTED)
"""States in which a candidate of a list that is alive may still come to money."""
Said = tuple[int, str]
"""Fen, and of which item."""


@dataclass(frozen=True)
class Claims:
    """What enterprises have, or are about to have, of a run's item or of its group in the run's year."""

    awarded: dict[int, int]
    applied: dict[int, str]
    group_awarded: dict[int, Said] = field(default_factory=dict)
    group_listed: dict[int, Said] = field(default_factory=dict)

    @classmethod
    def known(cls, run: EnjoyRun, ids: list[int]) -> Claims:
        """Of these enterprises: two queries, four with a group."""
        awards = Award.objects.filter(enterprise__in=ids, period=run.period).exclude(
            source=AwardSource.CORRECTION
        )
        applications = Application.objects.filter(enterprise__in=ids, item=run.item_id, period=run.period)
        claims = cls(
            dict(awards.filter(item=run.item_id).values_list("enterprise", "amount_fen")),
            dict(applications.exclude(state__in=NOT_ALIVE).values_list("enterprise", "number")),
        )
        if group := run.version.exclusivity_group:
            others = awards.filter(exclusivity_group=group).exclude(item=run.item_id)
            claims.group_awarded.update(_highest(others, "version__title"))
            lists = EnjoyCandidate.objects.filter(
                enterprise__in=ids,
                state__in=PENDING,
                rank__isnull=False,
                run__period=run.period,
                run__version__exclusivity_group=group,
            ).exclude(run__item=run.item_id)
            claims.group_listed.update(_highest(lists.exclude(run__state__in=OVER), "run__version__title"))
        return claims

    def against(self, pk: int, fen: int, *, listed: bool = True) -> list[Reason]:
        """Why an enterprise may not have `fen` of the item; `listed`: other lists count as well."""
        found = []
        if pk in self.awarded:
            words = _("本年度已享受这项政策 %(amount)s") % {"amount": format_money(self.awarded[pk])}
            found.append(reason("awarded", words))
        if pk in self.applied:
            words = _("本年度已有一件申报在办：%(number)s") % {"number": self.applied[pk]}
            found.append(reason("applied", words))
        if pk in self.group_awarded:
            found.append(_exclusive(_("已享受"), self.group_awarded[pk], fen))
        elif listed and self.group_listed.get(pk, (0, ""))[0] >= fen:
            found.append(_exclusive(_("另一份名单上有"), self.group_listed[pk], fen))
        return found


@dataclass
class Room:
    """What is left of quota and budget: None is no bound. It shrinks as it is given out."""

    places: int | None
    fen: int | None
    full: bool = False

    @classmethod
    def of(cls, run: EnjoyRun) -> Room:
        """Of the version's quota and budget, and of the budget lines that pay the item in the run's year."""
        awards = Award.objects.filter(item=run.item_id, period=run.period)
        given = awards.aggregate(fen=Sum("amount_fen", default=0))["fen"]
        quota, budget = run.version.quota, run.version.budget_fen
        bounds = [] if budget is None else [budget - given]
        lines = list(BudgetLine.objects.filter(items=run.item_id, year=run.period))
        if lines:
            bounds.append(sum(outlook(line).free_fen for line in lines) - promised(run, lines))
        return cls(None if quota is None else quota - awards.count(), min(bounds, default=None))

    def take(self, fen: int) -> Reason | None:
        """Give `fen` to the next in the order; why not, when nothing is left of it."""
        no_place = self.places is not None and self.places < 1
        no_money = self.fen is not None and self.fen < fen
        if self.full or no_place or no_money:
            self.full = True
            if no_place:
                return reason("quota", _("名额已满，次序在后"))
            return reason("budget", _("预算余额不足，次序在后"))
        self.places = None if self.places is None else self.places - 1
        self.fen = None if self.fen is None else self.fen - fen
        return None


def promised(run: EnjoyRun, lines: list[BudgetLine]) -> int:
    """Fen that stand on other lists and may still be accepted, of items that the same lines pay."""
    others = EnjoyCandidate.objects.filter(
        run__item__in=PolicyItem.objects.filter(budget_lines__in=lines).values("pk"),
        place=Place.IN,
        state__in=PENDING,
        award=None,
    )
    alive = others.exclude(run=run.pk).exclude(run__state__in=OVER)
    return int(alive.aggregate(fen=Sum("amount_fen", default=0))["fen"])


def in_order(version: ItemVersion, period: int, usccs: Iterable[str]) -> list[str]:
    """Credit codes in the order in which budget and quota are given out."""
    salt = f"{version.item.code}:{period}:"
    return sorted(usccs, key=lambda uscc: (hashlib.sha256(f"{salt}{uscc}".encode()).hexdigest(), uscc))


def _highest(rows: QuerySet, title: str) -> dict[int, Said]:
    """By enterprise the most that the rows give, and of which item."""
    said = rows.order_by("amount_fen", "-pk").annotate(said=F(title))
    return {pk: (fen, words) for pk, fen, words in said.values_list("enterprise", "amount_fen", "said")}


def _exclusive(how: str, said: Said, fen: int) -> Reason:
    most, title = said
    words = _("就高不重复：%(how)s同组“%(item)s”%(amount)s") % {
        "how": how,
        "item": title,
        "amount": format_money(most),
    }
    if most < fen:
        words += _("，差额请由主管部门核定")
    return reason("exclusive", words)
