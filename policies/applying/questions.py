"""What the form asks: only what nobody knows yet, and each answer as its applicant wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from enterprises.catalogue import Catalogue, FactSpec, Kind, Scope, Value
from enterprises.services.declare import can_declare
from enterprises.values import parse_value, range_words
from matching.claims import claim_facts
from matching.explaining.explain import Explanation
from matching.tree import RuleTree
from portal.kernel.errors import DomainError

Answered = dict[tuple[str, int | None], Value]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `text` is the answer as written; `error` says why it could not be read.

    `needed`: the verdict or the amount hangs on it.
    """

    spec: FactSpec
    period: int | None
    text: str = ""
    error: str = ""
    needed: bool = True

    @property
    def key(self) -> str:
        """By which answers are kept: the fact, with its year where it has years."""
        return key_of(self.spec.key, self.period)

    @property
    def of_claim(self) -> bool:
        """Whether it belongs to this application alone; else the answer becomes a fact of the enterprise."""
        return self.spec.scope is Scope.CLAIM

    @property
    def hint(self) -> str:
        """What the value lies between, and how it is counted."""
        return "；".join(words for words in (self.spec.help, range_words(self.spec)) if words)


def key_of(fact: str, period: int | None) -> str:
    """`rd_expense@2025`, `equipment_invest`."""
    return fact if period is None else f"{fact}@{period}"


def split_key(key: str) -> tuple[str, int | None]:
    """The fact and the year of a key; a year that is none leaves the key as it is."""
    fact, _at, year = key.partition("@")
    return (fact, int(year)) if year.isascii() and year.isdecimal() else (key, None)


def read_answers(given: Mapping[str, str], catalogue: Catalogue) -> tuple[Answered, dict[str, str]]:
    """The values that could be read, and for each that could not, by its key, why."""
    values: Answered = {}
    errors: dict[str, str] = {}
    for key, text in given.items():
        fact, period = split_key(key)
        spec = catalogue.get(fact)
        if spec is None or not text.strip() or not _asked_of_applicants(spec):
            continue
        try:
            values[fact, period] = parse_value(spec, text, unit="万元" if spec.kind is Kind.MONEY else "")
        except DomainError as error:
            errors[key] = str(error)
    return values, errors


def questions_of(
    tree: RuleTree, explanation: Explanation, given: Mapping[str, str], errors: Mapping[str, str]
) -> list[Question]:
    """The questions of an application, those of the claim first, in the catalogue's order."""
    catalogue = explanation.judgement.situation.knowledge.catalogue
    needed = set(_needed(explanation))
    claims = {(fact, None) for fact in claim_facts(tree, catalogue)}
    answered = {split_key(key) for key in given}
    places = {fact: place for place, fact in enumerate(catalogue)}
    keys = claims | needed | {key for key in answered if key[0] in places}
    asked = [key for key in keys if _asked_of_applicants(catalogue[key[0]])]
    asked.sort(key=lambda key: (key not in claims, places[key[0]], -(key[1] or 0)))
    return [
        Question(
            catalogue[fact],
            period,
            given.get(key_of(fact, period), ""),
            errors.get(key_of(fact, period), ""),
            (fact, period) in needed,
        )
        for fact, period in asked
    ]


def _needed(explanation: Explanation) -> Iterator[tuple[str, int | None]]:
    """What an open condition or an open amount waits for."""
    for need in (*explanation.needs, *explanation.amount_needs):
        if need.here and need.input != "credential":
            yield need.fact, need.period


def _asked_of_applicants(spec: FactSpec) -> bool:
    return spec.scope is Scope.CLAIM or can_declare(spec)


def claims_in(values: Answered, catalogue: Catalogue) -> dict[str, Value]:
    """Of the answers, those about this application alone."""
    return {fact: value for (fact, _period), value in values.items() if catalogue[fact].scope is Scope.CLAIM}


def declared_in(values: Answered, catalogue: Catalogue) -> Answered:
    """Of the answers, those about the enterprise."""
    return {key: value for key, value in values.items() if catalogue[key[0]].scope is not Scope.CLAIM}


def unanswered(questions: Iterable[Question]) -> list[Question]:
    """Questions that something hangs on and that have no answer yet."""
    return [question for question in questions if question.needed and not question.text.strip()]
