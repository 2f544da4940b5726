"""What is missing: which fact, for which year, in what form, and who can supply it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from enterprises.catalogue import FactSpec, Kind, Scope, Tier
from enterprises.derived import DERIVED, Derived, Input
from enterprises.knowledge import SELF
from enterprises.values import input_text, range_words
from matching.plain.leaves import LeafResult, Reading
from matching.plain.situation import Situation
from matching.tree import Base, Compare, CredentialTest, Over, Period, RelativeYear

INPUTS = {
    Kind.MONEY: "money",
    Kind.NUMBER: "number",
    Kind.PERCENT: "percent",
    Kind.INTEGER: "integer",
    Kind.BOOL: "bool",
    Kind.DATE: "date",
    Kind.CHOICE: "choice",
    Kind.CHOICES: "choices",
    Kind.CODE: "code",
}


@dataclass(frozen=True)
class Need:
    """One missing input.

    One that the enterprise has answered and may answer anew has its answer as `value`.
    `fact` is a key of the catalogue, or "credentials" with `kind`. `input` names the kind of field
    (money, number, percent, integer, bool, date, choice, choices, code, credential), `options` its
    choices, `unit` what stands behind it, `hint` what it lies between. `here`: the enterprise may answer it
    on the site; else `department` has to. `question`: it belongs to a claim and is asked in its form.
    """

    fact: str
    label: str
    input: str
    period: int | None = None
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    department: str = ""
    here: bool = False
    question: bool = False
    kind: str = ""
    hint: str = ""
    value: str = ""

    @property
    def title(self) -> str:
        """What is asked for, with its year: `2025 年度研发费用`."""
        if self.period is None:
            return self.label
        return _("%(year)d 年度%(label)s") % {"year": self.period, "label": self.label}

    @property
    def who(self) -> str:
        """Who can supply it, in words."""
        if self.question:
            return _("申报时填写")
        if self.here:
            return _("可由企业填报")
        return _("由%(department)s提供") % {"department": self.department or _("主管部门")}


class NeedFinder:
    """Finds the missing inputs of a situation; derived facts are traced to what they are made from."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.knowledge = situation.knowledge
        self.catalogue = situation.knowledge.catalogue

    def of_leaf(self, result: LeafResult) -> tuple[Need, ...]:
        """What would settle an unknown leaf."""
        leaf = result.leaf
        if isinstance(leaf, CredentialTest):
            return self._credentials(leaf) + self._event(leaf.obtained)
        if isinstance(leaf, Over):
            return self._event(leaf.start) + self.of_readings(result.readings)
        if not isinstance(leaf, Compare):
            return ()
        bounds = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        periods = [Period(b.base, b.offset) for b in bounds if isinstance(b, RelativeYear)]
        needs = tuple(need for period in (leaf.period, *periods) for need in self._event(period))
        if needs and leaf.period and leaf.period.base is Base.E:
            return needs
        readings = tuple(Reading(r.fact, r.year, r.known) for r in result.readings)
        coarse = result.known is not None and self.catalogue[leaf.fact].kind is Kind.CODE
        return needs + (self._of_fact(leaf.fact, None) if coarse else self.of_readings(readings))

    def of_readings(self, readings: tuple[Reading, ...]) -> tuple[Need, ...]:
        """What would fill in the values that were looked for and not found."""
        found: dict[tuple[str, int | None], Need] = {}
        for reading in readings:
            if reading.known is None:
                for need in self._of_fact(reading.fact, reading.year):
                    found.setdefault((need.fact, need.period), need)
        return tuple(found.values())

    def said(self, readings: tuple[Reading, ...]) -> tuple[Need, ...]:
        """What the enterprise itself said of the values that were looked at, and may say anew."""
        return tuple(need for reading in readings for need in self._said(reading.fact, reading.year))

    def _said(self, key: str, year: int | None) -> tuple[Need, ...]:
        if key in DERIVED:
            sources = [source for source in DERIVED[key].inputs if source.key in self.catalogue]
            return tuple(
                need
                for source in sources
                if not source.periodic or year is not None
                for need in self._said(source.key, year + source.offset if source.periodic and year else None)
            )
        known = self.knowledge.value(key, year)
        if known is None or known.source != SELF:
            return ()
        spec = self.catalogue[key]
        need = self._need(spec, year)
        return (replace(need, value=input_text(spec, known.value)),) if need.here else ()

    def of_event(self, fact: str) -> tuple[Need, ...]:
        """The event fact itself, while its year is unknown."""
        return self._of_fact(fact, None) if self.situation.event_year(fact) is None else ()

    def _event(self, period: Period | None) -> tuple[Need, ...]:
        key = self.situation.tree.event_fact
        if period is None or period.base is not Base.E or key is None:
            return ()
        return self.of_event(key)

    def _of_fact(self, key: str, year: int | None) -> tuple[Need, ...]:
        spec = self.catalogue[key]
        if spec.periodic and year is None:
            year = min(self.situation.reference_year, self.situation.context.as_of.year - 1)
        if key not in DERIVED:
            return (self._need(spec, year),)
        needs: list[Need] = []
        for source in self._inputs(DERIVED[key]):
            if source.key not in self.catalogue:
                continue
            when = year + source.offset if source.periodic and year is not None else None
            if self.knowledge.value(source.key, when) is None:
                needs += [need for need in self._of_fact(source.key, when) if need not in needs]
        return tuple(needs) or (self._need(spec, year),)

    def _inputs(self, derived: Derived) -> tuple[Input, ...]:
        """What it is made from here: some inputs matter only for some values of the first one."""
        first = derived.inputs[0]
        known = self.knowledge.value(first.key) if derived.needed and not first.periodic else None
        if known is None or not known.applicable:
            return derived.inputs
        keys = derived.needed(known.value)  # type: ignore[misc, arg-type]
        return tuple(each for each in derived.inputs if each == first or each.key in (keys or ()))

    def _need(self, spec: FactSpec, year: int | None) -> Need:
        claim = spec.scope is Scope.CLAIM
        return Need(
            fact=spec.key,
            label=spec.label,
            input=INPUTS[spec.kind],
            period=year if spec.periodic else None,
            unit=spec.unit,
            options=spec.choices,
            department=spec.department,
            here=claim or (spec.supply is not Tier.OFFICIAL and not spec.derived),
            question=claim,
            hint=range_words(spec),
        )

    def _credentials(self, leaf: CredentialTest) -> tuple[Need, ...]:
        recorded = {record.kind for record in self.knowledge.credentials()}
        needs = []
        for kind in leaf.kinds:
            spec = self.catalogue.credential_kinds[kind]
            if kind not in recorded and not spec.complete:
                needs.append(
                    Need(
                        "credentials",
                        spec.label,
                        "credential",
                        department=spec.department,
                        here=True,
                        kind=kind,
                    )
                )
        return tuple(needs)
