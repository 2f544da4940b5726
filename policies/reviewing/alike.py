"""Similar cases: how applications for the same item were decided that are most like this one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from enterprises.codes import section_of
from enterprises.services import knowledge_of_many
from enterprises.sizes import SIZES
from policies.enums import DECIDED
from policies.models import Application, Evidence

LOOKED_THROUGH: Final = 200
"""Decided applications of an item that are compared: the newest."""
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Trait:
    """What two applications are compared by; `size` of `SIZES`, empty where nobody knows; `amount` in fen."""

    industry: str
    size: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """A decided application with what it was compared by, and how far it lies from the one looked at."""

    application: Application
    trait: Trait
    distance: float


def distance(one: Trait, other: Trait) -> float:
    """How far two are apart, from 0: industry and size count alike, amounts by their ratio (halved is 1)."""
    return _industry(one.industry, other.industry) + _size(one.size, other.size) + _amount(one, other)


def nearest(trait: Trait, cases: Iterable[tuple[Application, Trait]], most: int = SHOWN) -> list[Case]:
    """The most like it, the newest first among equals."""
    found = [Case(application, other, distance(trait, other)) for application, other in cases]
    return sorted(found, key=lambda case: (case.distance, -case.application.pk))[:most]


def similar(application: Application, day: dt.date) -> list[Case]:
    """Decided applications of the same item, most alike first: four queries."""
    decided = Application.objects.filter(item=application.item_id, state__in=DECIDED)
    rows = decided.exclude(pk=application.pk).for_lists().order_by("-decided_at")[:LOOKED_THROUGH]
    everything = [application, *rows]
    if len(everything) == 1:
        return []
    traits = _traits(everything, day)
    return nearest(traits[application.pk], [(one, traits[one.pk]) for one in everything[1:]])


def _traits(applications: list[Application], day: dt.date) -> dict[int, Trait]:
    known = knowledge_of_many({one.enterprise_id for one in applications}, as_of=day)
    newest = Evidence.objects.filter(application__in=applications).order_by("application_id", "-number")
    amounts = dict(newest.distinct("application_id").values_list("application", "amount_high"))
    traits = {}
    for one in applications:
        knowledge = known[one.enterprise_id]
        size = knowledge.latest("size", day.year) if "size" in knowledge.catalogue else None
        words = str(size.value) if size is not None and size.applicable else ""
        traits[one.pk] = Trait(one.enterprise.industry, words, amounts.get(one.pk))
    return traits


def _industry(one: str, other: str) -> float:
    """0 of the same division (two digits), 1 of the same section (letter), 2 otherwise."""
    if one[:2] == other[:2] and one[:2].isdigit():
        return 0
    section = section_of(one)
    return 1 if section is not None and section == section_of(other) else 2


def _size(one: str, other: str) -> float:
    """Classes apart; as far as two where one is not known."""
    if one not in SIZES or other not in SIZES:
        return 0 if one == other else 2
    return abs(SIZES.index(one) - SIZES.index(other))


def _amount(one: Trait, other: Trait) -> float:
    """How often one amount is halved to come to the other, at most 3."""
    if not one.amount or not other.amount:
        return 0 if one.amount == other.amount else 3
    return min(3.0, abs(math.log2(one.amount / other.amount)))
