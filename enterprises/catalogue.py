"""The catalogue of facts, as plain values: what can be known of an enterprise and in what form.

Pure: no ORM, no clock. ``enterprises.services.load_catalogue`` builds it from the database.
"""

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from enterprises import codes
from enterprises.codes import Hierarchy


class Kind(enum.StrEnum):
    """Type of a fact's value. Canonical Python values in brackets."""

    MONEY = "money"
    """Fen [int]."""
    NUMBER = "number"
    """Exact decimal in the fact's unit [Fraction or int]."""
    PERCENT = "percent"
    """Percentage points: 5 % is 5 [Fraction or int]."""
    INTEGER = "integer"
    """[Fraction or int]."""
    BOOL = "bool"
    DATE = "date"
    CHOICE = "choice"
    """One of the fact's choices [str]."""
    CHOICES = "choices"
    """A set of the fact's choices [frozenset of str]."""
    CODE = "code"
    """A hierarchical code in canonical form [str]."""


NUMERIC: Final = frozenset({Kind.MONEY, Kind.NUMBER, Kind.PERCENT, Kind.INTEGER})
"""Kinds that can be compared by size, added and multiplied."""


class Scope(enum.StrEnum):
    """Of whom a fact is known."""

    ENTERPRISE = "enterprise"
    CLAIM = "claim"
    """Known only of one claim: asked in the form, never stored as a FactValue."""


class Tier(enum.IntEnum):
    """How far a value may be trusted; greater is better."""

    DECLARED = 1
    ATTESTED = 2
    OFFICIAL = 3


class Purpose(enum.StrEnum):
    """What an evaluation is for: showing takes any tier, paying only official values."""

    SHOW = "show"
    PAY = "pay"

    @property
    def least_tier(self) -> Tier:
        return Tier.OFFICIAL if self is Purpose.PAY else Tier.DECLARED


class NotApplicable(enum.Enum):
    """Type of the one value ``NOT_APPLICABLE``: known to make no sense for this enterprise."""

    NOT_APPLICABLE = "not_applicable"

    def __repr__(self) -> str:
        return "NOT_APPLICABLE"


NOT_APPLICABLE: Final = NotApplicable.NOT_APPLICABLE

Plain = int | Fraction | bool | dt.date | str | frozenset[str]
"""A canonical value that is known and applicable."""
Value = Plain | NotApplicable


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of the catalogue."""

    id: int
    key: str
    label: str
    kind: Kind
    unit: str = ""
    """What people read behind the figure: 万元, 人, %; empty for none."""
    scale: int = 0
    """Decimal places stored, for number, percent and integer."""
    dimension: str = ""
    department: str = ""
    """Short name of the department that keeps it; empty when the enterprise itself does."""
    scope: Scope = Scope.ENTERPRISE
    periodic: bool = False
    """A value a year (True) or one current value (False)."""
    fresh_days: int | None = None
    """Days after ``as_of`` for which a value is good; ``None`` for ever."""
    complete: bool = False
    """The department holds the whole list: of ``choices`` no record means the empty set."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label), in rising order when ``ordered``."""
    ordered: bool = False
    derived: bool = False
    """Computed from other facts (``enterprises.derived``), never stored."""
    hierarchy: Hierarchy | None = None
    """Code system of a fact of kind ``code``."""
    help: str = ""
    supply: Tier = Tier.OFFICIAL
    """The weakest source the department works with: what is OFFICIAL here cannot be declared."""
    least: int | Fraction | None = None
    """The smallest value there can be, canonical as the value itself; ``None`` for no bound."""
    most: int | Fraction | None = None

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def choice_values(self) -> tuple[str, ...]:
        return tuple(value for value, _label in self.choices)

    def admits(self, value: int | Fraction) -> bool:
        """Whether a numeric value lies within what there can be."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def rank(self, value: str) -> int:
        """Position of a choice in rising order; ``ValueError`` if it is no choice of this fact."""
        return self.choice_values.index(value)

    def to_scaled(self, value: Plain) -> int:
        """The stored integer of a money, number, percent, integer, bool or date value.

        Raises ``ValueError`` when the value has more decimals than the fact keeps.
        """
        if isinstance(value, dt.date):
            return value.toordinal()
        if isinstance(value, (str, frozenset)):
            raise ValueError(f"{self.key} holds no number")
        factor = 1 if self.kind in (Kind.MONEY, Kind.BOOL) else 10**self.scale
        if isinstance(value, int):
            return value * factor
        scaled = value * factor
        if scaled.denominator != 1:
            raise ValueError(f"{self.key} keeps {self.scale} decimals")
        return scaled.numerator

    def from_scaled(self, scaled: int) -> Plain:
        """The canonical value of a stored integer."""
        if self.kind is Kind.MONEY:
            return scaled
        if self.kind is Kind.BOOL:
            return bool(scaled)
        if self.kind is Kind.DATE:
            return dt.date.fromordinal(scaled)
        exact = Fraction(scaled, 10**self.scale)
        return exact.numerator if exact.denominator == 1 else exact


@dataclass(frozen=True, slots=True)
class CredentialKindSpec:
    """One kind of credential."""

    label: str
    complete: bool = False
    """The whole list is held: an enterprise without a record does not have it."""
    department: str = ""


@dataclass(frozen=True, slots=True)
class CodeListSpec:
    """A named set of codes, usable wherever codes are listed."""

    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """One public figure (LPR, minimum wage) that rules may refer to."""

    label: str
    unit: str = ""
    """`%`, 元, 元/月, 人…: what its values are in; a rule compares it with its like only."""


@dataclass(frozen=True)
class Catalogue(Mapping[str, FactSpec]):
    """All facts by key, with the credential kinds, code lists and names that go with them."""

    facts: Mapping[str, FactSpec]
    credential_kinds: Mapping[str, CredentialKindSpec] = field(default_factory=dict)
    code_lists: Mapping[str, CodeListSpec] = field(default_factory=dict)
    code_names: Mapping[Hierarchy, Mapping[str, str]] = field(default_factory=dict)
    stamp: int = 0
    """Grows with every change of the catalogue in the database."""
    edition: int = 0
    """How many of the code lists and figures recorded so far it knows of: see ``known_at`` of judgements."""
    figures: Mapping[str, FigureSpec] = field(default_factory=dict)
    """Public figures by key; one that is defined but has no value yet is unknown to every rule."""

    def __getitem__(self, key: str) -> FactSpec:
        return self.facts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)

    __hash__ = object.__hash__

    @property
    def identity(self) -> tuple[int, int]:
        """Tells one catalogue of the database from another: what is made of it is kept under this."""
        return self.stamp, self.edition

    def choice_label(self, key: str, value: str) -> str:
        """What people read for a choice; the value itself when the catalogue has no label."""
        return dict(self.facts[key].choices).get(value, value)

    def code_list(self, name: str) -> tuple[str, ...]:
        """Codes of a named list; ``KeyError`` when there is no such list."""
        return self.code_lists[name].codes

    def code_label(self, fact_key: str, code: str) -> str:
        """Name of a region or industry; of a finer code, that of its nearest ancestor beside it."""
        names = self.code_names.get(self._hierarchy(fact_key), {})
        if code in names:
            return names[code]
        above = next((code[:end] for end in range(len(code) - 1, 0, -1) if code[:end] in names), None)
        return f"{names[above]} {code}" if above else code

    def knows_code(self, fact_key: str, code: str) -> bool:
        """Whether a canonical code may be one: of regions, whether the table has it where it is whole.

        The table has every province, and the province it goes into deepest whole down to its counties;
        below a code without listed parts, and of other hierarchies, every canonical code passes.
        """
        names = self.code_names.get(Hierarchy.REGION, {})
        if self._hierarchy(fact_key) is not Hierarchy.REGION or not names or code in names:
            return True
        home = max(names, key=len)[:2]
        if not code.startswith(home):
            return code[:2] in names
        above = max((name for name in names if code.startswith(name)), key=len)
        return not any(name.startswith(above) and name != above for name in names)

    def contains(self, ancestor: str, code: str, fact_key: str) -> bool:
        """Whether ``ancestor`` equals or contains ``code`` in the hierarchy of a fact of kind code."""
        return codes.contains(self._hierarchy(fact_key), ancestor, code)

    def canonical_code(self, fact_key: str, text: str) -> str:
        """Canonical form of a code as written; ``ValueError`` when it is none of this hierarchy."""
        return codes.canonical(self._hierarchy(fact_key), text)

    def _hierarchy(self, fact_key: str) -> Hierarchy:
        return self.facts[fact_key].hierarchy or Hierarchy.PREFIX
