"""The catalogue as a page for whoever writes rules: every name that may be used, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from enterprises.catalogue import Catalogue, FactSpec, Kind, Scope
from enterprises.derived import DERIVED
from enterprises.models import ReferenceFigure
from enterprises.values import format_value
from portal.accounts.models import Department

Row = Sequence[str]

OPENING = """# The catalogue

What rules and examples may name. Written by `manage.py catalogue --output docs/catalogue.md` from the
reference data (`enterprises/reference/`); a running portal may have more: ask it with `manage.py catalogue`,
or with a word or part of a name, `manage.py catalogue 贷款`. Codes of regions are those of GB/T 2260
(`500231`, towns `500231101`), of industries those of GB/T 4754-2017 (`C`, `36`, `367`, `3670`).
"""
YEARLY, ONCE = "by year", ""


@dataclass(frozen=True)
class Section:
    """A heading, a sentence, and a table."""

    title: str
    text: str
    head: Row
    rows: tuple[Row, ...]

    def holding(self, word: str) -> Section:
        """The section with only those rows that hold the word."""
        low = word.lower()
        rows = tuple(row for row in self.rows if any(low in cell.lower() for cell in row))
        return Section(self.title, self.text, self.head, rows)


def sections(catalogue: Catalogue) -> list[Section]:
    """All there is to name, in the order in which a rule is written."""
    specs = list(catalogue.values())
    stored = [spec for spec in specs if not spec.derived and spec.scope is Scope.ENTERPRISE]
    head = ("key", "name", "kind", "unit", "period", "kept by", "values and remarks")
    return [
        Section(
            "Facts of an enterprise",
            "In an example under `facts`. *By year*: a rule may name a `period`, an example writes "
            '`{"2025": …}`. '
            "*Complete*: the department holds the whole list, so that no record means none, not unknown.",
            head,
            tuple(map(_fact, _in_order(stored))),
        ),
        Section(
            "Facts of a claim",
            "Asked in the application's form; in an example under `claims`. They have no period.",
            head,
            tuple(map(_fact, _in_order(spec for spec in specs if spec.scope is Scope.CLAIM))),
        ),
        Section(
            "Derived facts",
            "Computed, never stored. A rule uses them like others; an example gives what they are made from. "
            "`size` asks only for what its industry is classed by (for most: employees and revenue).",
            ("key", "name", "kind", "unit", "period", "made from"),
            tuple(_derived(spec, catalogue) for spec in _in_order(spec for spec in specs if spec.derived)),
        ),
        Section(
            "Credentials",
            'For `{"fact": "credentials", …}`. *Complete*: a firm without a record does not have it; of the '
            "others it is then unknown.",
            ("kind", "name", "kept by", ""),
            tuple(
                (key, kind.label, kind.department, "complete" if kind.complete else "")
                for key, kind in sorted(catalogue.credential_kinds.items())
            ),
        ),
        Section(
            "Code lists",
            'For `{"list": …}` wherever codes are listed.',
            ("list", "name", "codes"),
            tuple((key, one.label, " ".join(one.codes)) for key, one in sorted(catalogue.code_lists.items())),
        ),
        Section(
            "Public figures",
            'For `{"figure": …}`. Without a value a condition stays unknown until an official enters one.',
            ("figure", "name", "unit", "region: newest value"),
            tuple(_figures(catalogue)),
        ),
        Section(
            "Departments",
            "For an item's `department` and `co_departments`.",
            ("code", "name", "short name"),
            tuple(Department.objects.order_by("code").values_list("code", "name", "short_name")),
        ),
    ]


def markdown(found: Iterable[Section]) -> str:
    """The sections that have rows, as tables."""
    return "\n".join(_table(section) for section in found if section.rows)


def _table(section: Section) -> str:
    lines = [section.head, ["---"] * len(section.head), *section.rows]
    rows = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return f"## {section.title}\n\n{section.text}\n\n{rows}\n"


def _in_order(specs: Iterable[FactSpec]) -> list[FactSpec]:
    return sorted(specs, key=lambda spec: spec.key)


def _fact(spec: FactSpec) -> Row:
    remarks = ["，".join(f"`{value}` {label}" for value, label in spec.choices)]
    remarks += ["ordered, rising"] if spec.ordered else []
    remarks += ["complete"] if spec.complete else []
    remarks += [_range(spec)]
    remarks += [f"good for {spec.fresh_days} days"] if spec.fresh_days else []
    remarks += [spec.help]
    period = YEARLY if spec.periodic else ONCE
    told = "; ".join(remark for remark in remarks if remark)
    return (spec.key, spec.label, spec.kind.value, _unit(spec), period, spec.department, told)


def _derived(spec: FactSpec, catalogue: Catalogue) -> Row:
    keys = dict.fromkeys(source.key for source in DERIVED[spec.key].inputs)
    offsets = sorted({source.offset for source in DERIVED[spec.key].inputs if source.offset})
    years = f" (also of the year {offsets[0]:+d})" if offsets else ""
    made = ", ".join(f"`{key}` {catalogue[key].label}" for key in keys) + years
    choices = "，".join(f"`{value}` {label}" for value, label in spec.choices)
    told = f"{made}; {choices}" if choices else made
    return (spec.key, spec.label, spec.kind.value, _unit(spec), YEARLY if spec.periodic else ONCE, told)


def _range(spec: FactSpec) -> str:
    least, most = ("" if bound is None else format_value(spec, bound) for bound in (spec.least, spec.most))
    if least and most:
        return f"{least} to {most}"
    return f"at least {least}" if least else most and f"at most {most}"


def _unit(spec: FactSpec) -> str:
    return "元, 万元, 亿元" if spec.kind is Kind.MONEY else spec.unit


def _figures(catalogue: Catalogue) -> Iterator[Row]:
    newest: dict[str, dict[str, str]] = {}
    for row in ReferenceFigure.objects.in_force():
        value = f"{row.value.normalize():f}"
        newest.setdefault(row.key, {})[row.region] = f"{row.region or '全国'}: {value} ({row.on} 起)"
    for key, figure in sorted(catalogue.figures.items()):
        values = "; ".join(newest.get(key, {}).values())
        yield (key, figure.label, figure.unit, values or "no value yet")
