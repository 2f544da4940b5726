"""What is known of one enterprise on a day, for a purpose: the only thing a rule is evaluated against.

Pure. The value in force of each fact has been chosen before (``enterprises.services.knowledge_of``);
derived facts are computed here, so that whoever asks need not know which facts are derived.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Purpose, Scope, Tier, Value
from enterprises.derived import DERIVED, Derived, Input

__all__ = ["CLAIM", "NOT_APPLICABLE", "SELF", "CredentialRecord", "Knowledge", "Known"]

SELF = "self"
"""Source of a value the enterprise declared itself."""
CLAIM = "claim"
"""Source of a value given in a claim."""


@dataclass(frozen=True, slots=True)
class Known:
    """One value in force and where it comes from."""

    value: Value
    period: int | None
    tier: Tier
    source: str
    """Short name of the department, or ``SELF`` or ``CLAIM``; of derived facts, that of the weakest input."""
    as_of: dt.date

    @property
    def applicable(self) -> bool:
        return self.value is not NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """The newest record of one certificate. It may be expired or revoked: ask ``held_on``."""

    kind: str
    level: str = ""
    first_obtained: dt.date | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    certificate: str = ""
    revoked: bool = False
    tier: Tier = Tier.OFFICIAL
    source: str = ""
    as_of: dt.date | None = None

    @property
    def obtained(self) -> dt.date | None:
        """Day this certificate was granted: the start of its validity, else the first time."""
        return self.valid_from or self.first_obtained

    def held_on(self, day: dt.date) -> bool:
        """Whether the certificate stood on a day (both ends inclusive, an open end stands for ever)."""
        begun = self.valid_from is None or self.valid_from <= day
        ended = self.valid_to is not None and day > self.valid_to
        return not self.revoked and begun and not ended


ByPeriod = Mapping[int | None, Known]


@dataclass(frozen=True)
class Knowledge:
    """What is known of one enterprise at ``as_of``, as it was known at ``known_at``, for a purpose."""

    catalogue: Catalogue
    as_of: dt.date
    purpose: Purpose = Purpose.SHOW
    known_at: dt.datetime | None = None
    enterprise_id: int | None = None
    facts: Mapping[str, ByPeriod] = field(default_factory=dict)
    """Stored values in force: key → period (``None`` when the fact is not periodic) → known."""
    records: tuple[CredentialRecord, ...] = ()
    claims: Mapping[str, Known] = field(default_factory=dict)

    def value(self, key: str, period: int | None = None) -> Known | None:
        """The value in force for exactly this period (``None``: of a fact that has no periods)."""
        spec = self.catalogue[key]
        if spec.scope is Scope.CLAIM:
            return self.claims.get(key)
        if key in DERIVED:
            return self._derive(DERIVED[key], period)
        return self.facts.get(key, {}).get(period)

    def latest(self, key: str, not_after: int) -> Known | None:
        """The newest known year up to ``not_after``; of a fact without periods, its value."""
        if not self.catalogue[key].periodic:
            return self.value(key)
        years = self._years_of(key) if key in DERIVED else self.facts.get(key, {})
        for year in sorted((year for year in years if year is not None and year <= not_after), reverse=True):
            if known := self.value(key, year):
                return known
        return None

    def credentials(self) -> tuple[CredentialRecord, ...]:
        """One record a certificate, revoked and expired ones included."""
        return self.records

    def with_claims(self, values: Mapping[str, Value]) -> "Knowledge":
        """The same knowledge with a claim's answers; ``ValueError`` for a fact that is not of a claim."""
        for key in values:
            if self.catalogue[key].scope is not Scope.CLAIM:
                raise ValueError(f"{key} is not a fact of a claim")
        given = {key: Known(value, None, Tier.DECLARED, CLAIM, self.as_of) for key, value in values.items()}
        return replace(self, claims={**self.claims, **given})

    def with_declared(self, values: Mapping[tuple[str, int | None], Value]) -> "Knowledge":
        """The same knowledge with what the enterprise says of itself, where nobody says better.

        Keys are (fact, year); ``ValueError`` for a fact of a claim.
        """
        facts = {key: dict(known) for key, known in self.facts.items()}
        for (key, period), value in values.items():
            if self.catalogue[key].scope is Scope.CLAIM:
                raise ValueError(f"{key} is a fact of a claim")
            known = facts.setdefault(key, {}).get(period)
            if known is None or known.source == SELF:
                facts[key][period] = Known(value, period, Tier.DECLARED, SELF, self.as_of)
        return replace(self, facts=facts)

    @classmethod
    def from_values(
        cls,
        catalogue: Catalogue,
        values: Mapping[str, Any],
        *,
        as_of: dt.date,
        purpose: Purpose = Purpose.SHOW,
        tier: Tier = Tier.OFFICIAL,
    ) -> "Knowledge":
        """Knowledge from plain values, for tests and a rule's examples; no database.

        A periodic fact takes ``{year: value}``, a claim's fact or one without periods its value, and
        ``credentials`` a list of kinds or ``CredentialRecord``. All values are canonical.
        """
        facts: dict[str, ByPeriod] = {}
        claims: dict[str, Value] = {}
        for key, given in values.items():
            if key == "credentials":
                continue
            if catalogue[key].scope is Scope.CLAIM:
                claims[key] = given
                continue
            by_period = given if catalogue[key].periodic else {None: given}
            source = catalogue[key].department or SELF
            facts[key] = {year: Known(value, year, tier, source, as_of) for year, value in by_period.items()}
        records = tuple(_records(values.get("credentials", ()), tier, as_of))
        return cls(catalogue, as_of, purpose, facts=facts, records=records).with_claims(claims)

    def _years_of(self, key: str) -> set[int]:
        """Years in which a derived fact might be known."""
        years: set[int] = set()
        for needed in DERIVED[key].inputs:
            if not needed.periodic:
                continue
            known = self._years_of(needed.key) if needed.key in DERIVED else self.facts.get(needed.key, {})
            years |= {year - needed.offset for year in known if year is not None}
        return years

    def _derive(self, derived: Derived, period: int | None) -> Known | None:
        if derived.periodic and period is None:
            return None
        inputs = [(needed, self._input(needed, period)) for needed in derived.inputs]
        asked = [known for _needed, known in inputs]
        if derived.needed is not None:
            first = inputs[0][1]
            if first is None or not first.applicable:
                return first and replace(first, period=period)
            keys = derived.needed(first.value)  # type: ignore[arg-type]
            if keys is None:
                return None
            asked = [first, *(known for needed, known in inputs[1:] if needed.key in keys)]
        present = [known for known in asked if known is not None]
        if len(present) < len(asked):
            return None
        weakest = min(present, key=lambda known: (known.tier, known.as_of))
        oldest = min(known.as_of for known in present)
        if not all(known.applicable for known in present):
            return Known(NOT_APPLICABLE, period, weakest.tier, weakest.source, oldest)
        value = derived.plain(*(known.value if known else None for _needed, known in inputs), self.as_of)
        if value is None:
            return None
        return Known(value, period, weakest.tier, weakest.source, oldest)

    def _input(self, needed: Input, period: int | None) -> Known | None:
        if needed.key not in self.catalogue:
            return None
        if not needed.periodic:
            return self.value(needed.key)
        return None if period is None else self.value(needed.key, period + needed.offset)


def _records(
    given: Iterable[str | CredentialRecord], tier: Tier, as_of: dt.date
) -> Iterable[CredentialRecord]:
    for record in given:
        if isinstance(record, CredentialRecord):
            yield record
        else:
            yield CredentialRecord(kind=record, tier=tier, as_of=as_of)
