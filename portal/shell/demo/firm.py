"""A demo enterprise as plain values, before it is written anywhere."""

import datetime as dt
from dataclasses import dataclass, field

from enterprises.catalogue import NOT_APPLICABLE, Tier, Value
from enterprises.uscc import check_character


@dataclass(frozen=True, slots=True)
class Given:
    """One value as one source gave it. ``by_department``: by the department that keeps the fact."""

    fact: str
    value: Value
    period: int | None
    tier: Tier
    as_of: dt.date

    @property
    def by_department(self) -> bool:
        return self.tier is Tier.OFFICIAL


@dataclass(frozen=True, slots=True)
class Certificate:
    """One credential."""

    kind: str
    certificate: str
    first_obtained: dt.date
    valid_from: dt.date
    valid_to: dt.date | None
    as_of: dt.date


@dataclass(slots=True)
class Firm:
    """The registry columns, the values known and the credentials of one enterprise."""

    uscc: str
    name: str
    region: str
    industry: str
    established_on: dt.date
    entity_type: str
    ownership: str
    address: str
    legal_person: str
    values: list[Given] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)

    def give(
        self,
        fact: str,
        value: Value,
        as_of: dt.date,
        *,
        period: int | None = None,
        tier: Tier = Tier.OFFICIAL,
    ) -> None:
        """Note one value."""
        self.values.append(Given(fact, value, period, tier, as_of))

    def give_all(self, as_of: dt.date, **values: Value) -> None:
        """Note several official values without a period."""
        for fact, value in values.items():
            self.give(fact, value, as_of)

    def certify(self, kind: str, since: dt.date, years: int | None = 3, first: dt.date | None = None) -> None:
        """Note a credential; ``years`` of validity, None for an open end."""
        until = None if years is None else since.replace(year=since.year + years) - dt.timedelta(days=1)
        number = f"YS-{kind.upper().replace('_', '')[:8]}-{self.uscc[-6:]}-{since:%Y}"
        self.certificates.append(Certificate(kind, number, first or since, since, until, since))


def credit_code(kind: str, number: int) -> str:
    """An invented, well-formed credit code of the county: GB 32100-2015 around GB 11714 check characters.

    ``kind`` is the second character (1 company, 2 individual, 3 cooperative); ``number`` below 100,000.
    """
    body = f"MA6{number:05d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(body, weights, strict=True))
    remainder = 11 - total % 11
    organisation = body + {10: "X", 11: "0"}.get(remainder, str(remainder))
    code = f"9{kind}500231{organisation}"
    return code + check_character(code)


def fen(wan: float) -> int:
    """Fen of an amount in 万元, to the hundred yuan."""
    return round(wan * 100) * 10_000


__all__ = ["NOT_APPLICABLE", "Certificate", "Firm", "Given", "credit_code", "fen"]
