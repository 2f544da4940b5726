"""Whether a provider may take an order, and why not: asked by the grab, by the hall and by picking."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from appeals.enums import OrderState, Standing, TeamKind
from appeals.models import Category, Provider, WorkOrder

BUSY = (OrderState.OFFERED, OrderState.HANDLING, OrderState.ASKING)
"""States in which an order weighs on its provider."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a provider may take: its standing, its categories, how much more it can carry."""

    provider: int
    kind: str
    standing: str
    cap: int
    load: int
    categories: frozenset[int]

    @property
    def full(self) -> bool:
        """Whether its hands are full."""
        return self.load >= self.cap


def why_not(rights: Rights, category: int | None, *, market: bool) -> str:
    """Why the provider may not take an order of the category, as a sentence; empty when it may.

    `market`: firms may serve the category; the other two kinds of teams serve any that is theirs.
    """
    if rights.standing == Standing.REMOVED:
        return _("机构已下架，不能接新单；恢复请联系企业服务中心")
    if category not in rights.categories:
        return _("不在本机构可接类别内")
    if rights.kind == TeamKind.MARKET and not market:
        return _("这类诉求不对市场机构开放")
    if rights.full:
        return _("在办已满（%(load)d/%(cap)d），办结后再接") % {"load": rights.load, "cap": rights.cap}
    return ""


def rights_of(provider: Provider) -> Rights:
    """The rights of one provider as they are now (two queries, `team` selected)."""
    return Rights(
        provider.pk,
        provider.team.kind,
        provider.standing,
        provider.cap,
        load_of(provider.pk),
        frozenset(provider.categories.values_list("pk", flat=True)),
    )


def load_of(provider: int) -> int:
    """How many orders it has in hand."""
    return WorkOrder.objects.filter(provider=provider, state__in=BUSY).count()


def lock_provider(pk: int) -> Provider | None:
    """The provider, locked: its load cannot grow until the transaction ends. Before any order's lock.

    Rows that merely point at the provider are not held up (FOR NO KEY UPDATE).
    """
    rows = Provider.objects.select_for_update(no_key=True, of=("self",)).select_related("team")
    return rows.filter(pk=pk).first()


def is_market(category: Category | None) -> bool:
    """Whether firms may serve the category."""
    return category is not None and category.market
