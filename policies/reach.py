"""Money within reach: the arithmetic of the enterprise's home page. Pure; amounts are fen."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """One item's money before one enterprise.

    `certain`: the verdict is ELIGIBLE; otherwise something is still to be told and nothing is sure.
    `enjoy`: it comes without applying. `high` None: no upper bound is known. Items of one non-empty
    `group` exclude each other (就高不重复).
    """

    certain: bool
    enjoy: bool
    low: int
    high: int | None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What comes of all offers together; `enjoy + apply == low` and `low + later == high`.

    `unbounded`: how many offers counted have no known upper bound; `high` holds their lower bound.
    """

    low: int = 0
    high: int = 0
    enjoy: int = 0
    apply: int = 0
    later: int = 0
    items: int = 0
    certain_items: int = 0
    uncertain_items: int = 0
    unbounded: int = 0


def money_within_reach(offers: Iterable[Offer]) -> Reach:
    """Add up offers, exclusive ones once: the best of a group counts, by its sure and by its possible money.

    An offer that is not certain counts as 0 from below, and an offer known to be worth nothing not at all.
    """
    groups: dict[object, list[Offer]] = defaultdict(list)
    worth = [offer for offer in offers if offer.high != 0]
    for position, offer in enumerate(worth):
        groups[offer.group or position].append(offer)
    enjoy = apply = high = 0
    for exclusive in groups.values():
        best = max(exclusive, key=lambda offer: (_sure(offer), offer.enjoy))
        if best.enjoy:
            enjoy += _sure(best)
        else:
            apply += _sure(best)
        high += max(_possible(offer) for offer in exclusive)
    certain = sum(offer.certain for offer in worth)
    low = enjoy + apply
    return Reach(
        low=low,
        high=high,
        enjoy=enjoy,
        apply=apply,
        later=high - low,
        items=len(worth),
        certain_items=certain,
        uncertain_items=len(worth) - certain,
        unbounded=sum(offer.high is None for offer in worth),
    )


def _sure(offer: Offer) -> int:
    return offer.low if offer.certain else 0


def _possible(offer: Offer) -> int:
    return offer.low if offer.high is None else offer.high
