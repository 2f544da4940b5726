"""What a form of consent offers: first what is asked for, each with why, then all else, in groups."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from enterprises.catalogue import Catalogue
from enterprises.consents.groups import groups_of

FACT: Final = "fact:"
KIND: Final = "kind:"
"""How the name of an item begins: a fact by its key, a kind of credential by its own."""


@dataclass(frozen=True, slots=True)
class Need:
    """Facts, or kinds of credential, that are asked for together, and why in plain words.

    `label` says what several of them are together.
    """

    why: str
    facts: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    label: str = ""

    @property
    def items(self) -> list[str]:
        """All of it by name."""
        return [*(FACT + key for key in self.facts), *(KIND + key for key in self.credentials)]


@dataclass(frozen=True, slots=True)
class Choice:
    """One box to tick: what it lets know, and why that is asked for; no reason where nobody asks."""

    items: tuple[str, ...]
    label: str
    reasons: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Of several items, each."""

    @property
    def key(self) -> str:
        """Its name in a form; no two boxes have an item in common."""
        return self.items[0]

    @property
    def facts(self) -> list[str]:
        """Keys of the facts among them."""
        return [item.removeprefix(FACT) for item in self.items if item.startswith(FACT)]

    @property
    def credentials(self) -> list[str]:
        """The kinds of credential among them."""
        return [item.removeprefix(KIND) for item in self.items if item.startswith(KIND)]


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be let know: what is asked for, and the rest by group."""

    needed: tuple[Choice, ...]
    more: tuple[tuple[str, tuple[Choice, ...]], ...]

    @property
    def rest(self) -> list[Choice]:
        """What nobody asks for."""
        return [choice for _name, choices in self.more for choice in choices]


def offer_of(
    catalogue: Catalogue,
    needs: Iterable[Need] = (),
    facts: Collection[str] | None = None,
    credentials: Collection[str] | None = None,
) -> Offer:
    """These facts and kinds (None: all there are); what is needed but not among them is left out."""
    groups = groups_of(catalogue, facts, credentials)
    named = {
        group.key: {
            **{FACT + key: label for key, label in group.facts},
            **{KIND + key: label for key, label in group.credentials},
        }
        for group in groups
    }
    labels = {item: label for items in named.values() for item, label in items.items()}
    needed = _needed(needs, labels)
    asked = {item for choice in needed for item in choice.items}
    more = (
        (name, tuple(Choice((item,), label) for item, label in items.items() if item not in asked))
        for name, items in named.items()
    )
    return Offer(tuple(needed), tuple((name, choices) for name, choices in more if choices))


def _needed(needs: Iterable[Need], labels: dict[str, str]) -> list[Choice]:
    """One box for what comes together the first time; who asks again for some of it adds why."""
    boxes: list[tuple[list[str], str, list[str]]] = []
    box_of: dict[str, int] = {}
    for need in needs:
        items = [item for item in dict.fromkeys(need.items) if item in labels]
        for place in sorted({box_of[item] for item in items if item in box_of}):
            if need.why not in boxes[place][2]:
                boxes[place][2].append(need.why)
        if fresh := [item for item in items if item not in box_of]:
            box_of |= dict.fromkeys(fresh, len(boxes))
            together = (
                need.label if len(fresh) > 1 and need.label else "、".join(labels[one] for one in fresh)
            )
            boxes.append((fresh, together, [need.why]))
    return [
        Choice(
            tuple(items),
            label,
            tuple(reasons),
            tuple(labels[one] for one in items) if len(items) > 1 else (),
        )
        for items, label, reasons in boxes
    ]
