"""Who may claim what, and what each would answer when asked."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, Final

from enterprises.catalogue import Catalogue, Kind, Scope
from enterprises.services import knowledge_of, load_catalogue
from enterprises.values import input_text
from matching.services import match_versions
from policies.applying.access import HERE
from policies.applying.questions import key_of, split_key
from policies.example_shift import shifted
from policies.example_values import knowledge_of_example
from policies.models import ItemVersion
from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money

LOOKS: Final = (115, 14)
"""Days before the present for which the whole county is matched: facts become known as the year goes on."""
MOST: Final = 60
"""Items that are open to thousands are claimed no more than those that are open to so many."""


@dataclass(frozen=True)
class Claims:
    """One item: who may claim it, from which day on, and how claims of it are filled in."""

    version: ItemVersion
    seen: tuple[tuple[dt.date, tuple[int, ...]], ...]
    """Day of a look and the enterprises that fitted then or only had questions to answer; oldest first."""

    @property
    def weight(self) -> float:
        """How often it is claimed."""
        return min(len(self.seen[-1][1]), MOST) ** 0.7

    @property
    def since(self) -> dt.date:
        """The first day on which somebody might have started a claim."""
        opened = self.version.window_from
        return max(self.seen[0][0], opened) if opened else self.seen[0][0]

    def claimants(self, day: dt.date) -> tuple[int, ...]:
        """Ids of enterprises that might have claimed it on a day."""
        return next((ids for seen, ids in reversed(self.seen) if seen <= day), ())


def claimable(today: dt.date) -> list[Claims]:
    """The items that are applied for here, with who may, by the county as it is known."""
    versions = list(
        ItemVersion.objects.in_force(today)
        .open_on(today)
        .filter(mode__in=HERE)
        .select_related("item__department", "rule_version")
        .prefetch_related("item__co_departments", "sources")
        .order_by("item__code")
    )
    rules = [version.rule_version for version in versions]
    seen: dict[int, list[tuple[dt.date, tuple[int, ...]]]] = {rule.pk: [] for rule in rules}
    for days in LOOKS:
        day = today - dt.timedelta(days=days)
        for rule, matches in match_versions(rules, as_of=day):
            if ids := tuple(each.enterprise_id for each in matches if each.eligible or each.open):
                seen[rule.pk].append((day, ids))
    return [Claims(each, tuple(found)) for each in versions if (found := seen[each.rule_version_id])]


@dataclass
class Answers:
    """What an enterprise answers: as departments know it today, else as the item's example says."""

    version: ItemVersion
    enterprise: int
    at: dt.datetime
    today: dt.date
    dice: random.Random

    @cached_property
    def _said(self) -> dict[str, str]:
        """What the item's example says."""
        return dict(self._examples(load_catalogue()))

    @cached_property
    def _known(self) -> dict[str, str]:
        """What is known of the enterprise today, by question."""
        known = knowledge_of(self.enterprise, as_of=self.today)
        return {
            key_of(key, period): input_text(known.catalogue[key], one.value)
            for key, values in known.facts.items()
            for period, one in values.items()
        }

    def of(self, key: str) -> str:
        """The answer to a question, by its key; nothing when neither says."""
        return self._known.get(key) or self._said.get(key, "")

    def of_claim(self, *, enlarged: bool) -> dict[str, str]:
        """What is said of the claim itself, money and counts a little above the example's if wished."""
        catalogue = load_catalogue()
        own = {key: text for key, text in self._said.items() if _is_claim(key, catalogue)}
        if not enlarged:
            return own
        factor = self.dice.choice((1, 1, 2, 3))
        return {
            key: str(int(text) * factor)
            if catalogue[key].kind in (Kind.MONEY, Kind.INTEGER) and text.isdigit()
            else text
            for key, text in own.items()
        }

    def _examples(self, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
        """What the examples that fit say: first the one that brings least, then what only others speak of."""
        rule = self.version.rule_version
        begins = rule.begins.isoformat() if rule.begins else self.today.isoformat()
        said: dict[str, Any] = {}
        for example in sorted((each for each in rule.examples if each["verdict"] == "eligible"), key=_brings):
            written = dt.date.fromisoformat(example.get("as_of") or begins)
            (moved,) = shifted([example], self.at.year - written.year, catalogue)
            with suppress(DomainError):  # somebody has edited the item by hand
                said = dict(_values_of(moved, catalogue, self.today)) | said
            said = {key: value for key, value in said.items() if value != frozenset()}  # no answer in words
        for key, value in said.items():
            yield key, input_text(catalogue[split_key(key)[0]], value)


def _brings(example: dict[str, Any]) -> tuple[bool, float]:
    """What an example that fits brings, in fen, for sorting; those that bring nothing come last."""
    text = (example.get("amount") or [None])[-1]
    most = float(parse_money(text)) if text else inf
    return not most, most


def _values_of(example: dict[str, Any], catalogue: Catalogue, day: dt.date) -> Iterator[tuple[str, Any]]:
    known = knowledge_of_example(example, catalogue, day)
    for key, values in known.facts.items():
        yield from ((key_of(key, period), one.value) for period, one in values.items())
    yield from ((key, claimed.value) for key, claimed in known.claims.items())


def _is_claim(key: str, catalogue: Catalogue) -> bool:
    return key in catalogue and catalogue[key].scope is Scope.CLAIM
