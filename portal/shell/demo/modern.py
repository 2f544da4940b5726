"""Nineteen firms with a modern enterprise system: 590,000 yuan in all, as in Deyang's first list of 2022.

Drawn firms are certified until the list is full: eighteen that meet every condition by official data, beside
the exporter of wheel hubs as the model. A few more stand for what the list leaves out: bad credit, a figure
that only the firm itself gave, one that nobody knows, one or two people too few.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Final

from enterprises.catalogue import Tier, Value
from portal.shell.demo.firm import Firm
from portal.shell.demo.showcase import HUBS

MEETING: Final = 18
OTHERS: Final = 3
PEOPLE: Final = 20
NEAR: Final = 16


def certify_modern(firms: Iterable[Firm], today: dt.date) -> None:
    """Note last year's evaluation of the firms that are chosen, in the order in which they were drawn."""
    since = dt.date(today.year - 1, 10, 20)
    wanted = dict.fromkeys(KINDS, OTHERS) | {"meets": MEETING}
    for firm in firms:
        if firm.uscc == HUBS:
            firm.certify("modern_enterprise_model", since)
            continue
        kind = next((name for name, fits in KINDS.items() if wanted[name] and fits(firm, today)), None)
        if kind is not None:
            wanted[kind] -= 1
            firm.certify("modern_enterprise", since)


def _plain(firm: Firm) -> bool:
    return firm.entity_type == "company" and firm.ownership == "private"


def _people(firm: Firm, today: dt.date, tier: Tier) -> int | None:
    """Last year's employees by the best source, when that is of this tier."""
    found = [one for one in firm.values if one.fact == "employees" and one.period == today.year - 1]
    best = max(found, key=lambda one: one.tier, default=None)
    if best is None or best.tier is not tier or not isinstance(best.value, int):
        return None
    return best.value


def _listed(firm: Firm) -> bool:
    """Whether a list of bad credit has it."""
    return any(one.value is True for one in firm.values if one.fact in ("abnormal_list", "serious_dishonest"))


def _meets(firm: Firm, today: dt.date) -> bool:
    people = _people(firm, today, Tier.OFFICIAL)
    return _plain(firm) and not _listed(firm) and people is not None and people >= PEOPLE


def _bad(firm: Firm, today: dt.date) -> bool:
    people = _people(firm, today, Tier.OFFICIAL)
    return _plain(firm) and _listed(firm) and people is not None and people >= PEOPLE


def _own_word(firm: Firm, today: dt.date) -> bool:
    people = _people(firm, today, Tier.DECLARED)
    return _plain(firm) and not _listed(firm) and people is not None and people >= PEOPLE


def _near(firm: Firm, today: dt.date) -> bool:
    people = _people(firm, today, Tier.OFFICIAL)
    return _plain(firm) and not _listed(firm) and people is not None and NEAR <= people < PEOPLE


def _unknown(firm: Firm, today: dt.date) -> bool:
    told: list[Value] = [
        one.value for one in firm.values if one.fact == "employees" and one.period == today.year - 1
    ]
    return _plain(firm) and not _listed(firm) and not told and firm.established_on.year < today.year - 1


KINDS: Final[dict[str, Callable[[Firm, dt.date], bool]]] = {
    "meets": _meets,
    "bad": _bad,
    "own_word": _own_word,
    "near": _near,
    "unknown": _unknown,
}
