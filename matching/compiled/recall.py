"""Knowledge of one enterprise that answers each question once, while many rules ask the same."""

from __future__ import annotations

from typing import Any

from enterprises.catalogue import Catalogue
from enterprises.knowledge import CredentialRecord, Knowledge, Known
from matching.plain.context import Context
from matching.plain.leaves import LeafResult, judge_leaf
from matching.plain.situation import Situation
from matching.plain.truth import Truth
from matching.tree import Leaf, RuleTree


class Recall:
    """Stands in for ``Knowledge`` and remembers its answers, derived facts above all."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.catalogue: Catalogue = knowledge.catalogue
        self._values: dict[tuple[str, int | None], Known | None] = {}
        self._latest: dict[tuple[str, int], Known | None] = {}
        self._results: dict[tuple[Leaf, int, str | None, bool], LeafResult] = {}
        self._events: dict[str, Any] = {}

    def value(self, key: str, period: int | None = None) -> Known | None:
        """See ``Knowledge.value``."""
        asked = (key, period)
        if asked not in self._values:
            self._values[asked] = self._knowledge.value(key, period)
        return self._values[asked]

    def latest(self, key: str, not_after: int) -> Known | None:
        """See ``Knowledge.latest``."""
        asked = (key, not_after)
        if asked not in self._latest:
            self._latest[asked] = self._knowledge.latest(key, not_after)
        return self._latest[asked]

    def credentials(self) -> tuple[CredentialRecord, ...]:
        """See ``Knowledge.credentials``."""
        return self._knowledge.credentials()

    def situation(self, tree: RuleTree, context: Context) -> Situation:
        """A rule before this enterprise; what the event's year is, is remembered too."""
        return Situation(tree, self, context, self._events)  # type: ignore[arg-type]

    def truth(self, leaf: Leaf, situation: Situation) -> Truth:
        """Truth of a leaf that is no review."""
        return self.result(leaf, situation, True).truth

    def result(self, leaf: Leaf, situation: Situation, wanted: bool) -> LeafResult:
        """What the plain evaluator says of a leaf: the same for all rules of one Y and event."""
        asked = (leaf, situation.reference_year, situation.tree.event_fact, wanted)
        if asked not in self._results:
            self._results[asked] = judge_leaf(leaf, situation, wanted)
        return self._results[asked]
