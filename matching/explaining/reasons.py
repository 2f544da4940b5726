"""Why something fits or does not, in the few conditions that a list row has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from matching.explaining.explain import Explanation, LeafRow, NodeRow
from matching.explaining.needs import Need

REASONS_SHOWN = 3
MARKS = {"true": "y", "false": "n", "unknown": "q"}


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition in a list row: `mark` y, n or q, `path` its JSON pointer (empty: the claim's questions).

    `supply`: the enterprise can fill it in now.
    """

    mark: str
    words: str
    path: str
    supply: bool = False


def reasons(explanation: Explanation) -> tuple[Reason, ...]:
    """The few conditions that decide: what fails or is missing first, then what holds."""
    rows = list(_deciding(explanation.root))
    near = explanation.near_miss.path if explanation.near_miss else None
    rank = {"false": 0, "unknown": 1, "true": 2}
    rows.sort(key=lambda row: (row.path != near, rank[row.truth]))
    asked = [need for row in rows for need in row.needs if need.question]
    found = [_reason(row) for row in rows if not any(need.question for need in row.needs)]
    if asked:
        found.insert(
            sum(reason.mark == "n" for reason in found),
            Reason("q", _questions(asked, explanation.questions), "", True),
        )
    once = {reason.words: reason for reason in found}
    return tuple(once.values())[:REASONS_SHOWN]


def _deciding(group: NodeRow) -> Iterator[LeafRow]:
    """Leaves that bear on the verdict: of a group that holds, only those that hold."""
    irrelevant = {"true": ("false", "unknown"), "unknown": ("false",), "false": ()}[group.truth]
    for row in group.rows:
        if row.truth in irrelevant:
            continue
        if isinstance(row, NodeRow):
            yield from _deciding(row)
        elif not row.review:
            yield row


def _questions(needs: Sequence[Need], count: int) -> str:
    """The conditions' questions by name; those of the amount are counted as well."""
    labels = list(dict.fromkeys(need.label for need in needs))[:3]
    shown = "、".join(labels) + (_("等") if count > len(labels) else "")
    return _("再答 %(count)d 题：%(labels)s") % {"count": count, "labels": shown}


def _reason(row: LeafRow) -> Reason:
    if row.truth == "unknown":
        missing = "、".join(dict.fromkeys(need.label for need in row.needs)) or row.sentence
        supply = any(need.here and need.input != "credential" for need in row.needs)
        return Reason("q", _("%(fact)s未知") % {"fact": missing}, row.path, supply)
    words = row.sentence
    if row.truth == "false":
        words = f"{words}，{row.distance or row.value}"
    elif any(letter.isdigit() for letter in row.value):
        words = f"{words}（{row.value}）"
    return Reason(MARKS[row.truth], words, row.path)
