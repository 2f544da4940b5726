"""The catalogue as it stands in the database, kept per process until its stamp changes."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.apps import apps

from enterprises.catalogue import (
    Catalogue,
    CodeListSpec,
    CredentialKindSpec,
    FactSpec,
    FigureSpec,
    Kind,
    Scope,
    Tier,
)
from enterprises.codes import Hierarchy
from enterprises.models import (
    CatalogueStamp,
    CodeList,
    Industry,
    ReferenceFigure,
    Region,
)
from enterprises.seeding import defined_figures
from portal.kernel.money import FEN_PER_YUAN

_kept: "_Editions | None" = None


def load_catalogue(stamp: int | None = None, known_at: dt.datetime | None = None) -> Catalogue:
    """The catalogue of facts: one query to see that nothing changed, eight more when something did.

    ``stamp`` is the current one, when the caller has just read it together with something else. All but
    the names of regions and industries is as it was recorded by ``known_at`` (None: by now).
    """
    global _kept  # one reading of the catalogue a process is the point
    current = current_stamp() if stamp is None else stamp
    if _kept is None or _kept.stamp != current:
        _kept = _Editions(current)
    return _kept.known_at(known_at)


def current_stamp() -> int:
    """Number that is new after every change of the catalogue; database triggers set it."""
    return CatalogueStamp.objects.values_list("stamp", flat=True).first() or 0


class _Editions:
    """The catalogue of one stamp, and as it was known at any time: from the histories of its tables."""

    def __init__(self, stamp: int) -> None:
        self.stamp = stamp
        self._names = {
            Hierarchy.REGION: dict(Region.objects.values_list("code", "name")),
            Hierarchy.INDUSTRY: dict(Industry.objects.values_list("code", "name")),
        }
        self._facts = _changes("FactHistory")
        self._kinds = _changes("CredentialKindHistory")
        self._lists = _records(CodeList)
        self._figures = _records(ReferenceFigure)
        every = (self._facts, self._kinds, self._lists, self._figures)
        self._moments = sorted(moment for records in every for moment, _row in records)
        self._made: dict[int, Catalogue] = {}

    def known_at(self, moment: dt.datetime | None) -> Catalogue:
        """The same catalogue for every moment between two records."""
        edition = len(self._moments) if moment is None else bisect_right(self._moments, moment)
        if edition not in self._made:
            facts, kinds = _newest(self._facts, moment), _newest(self._kinds, moment)
            lists, figures = _newest(self._lists, moment), _newest(self._figures, moment)
            self._made[edition] = Catalogue(
                facts={key: spec_of(row) for key, row in facts.items()},
                credential_kinds={
                    key: CredentialKindSpec(row.label, row.complete, _keeper(row))
                    for key, row in kinds.items()
                },
                code_names=self._names,
                stamp=self.stamp,
                edition=edition,
                code_lists={key: CodeListSpec(row.label, tuple(row.codes)) for key, row in lists.items()},
                # those that are only defined so far have no value yet
                figures=defined_figures()
                | {key: FigureSpec(row.label, row.unit) for key, row in figures.items()},
            )
        return self._made[edition]


Record = tuple[dt.datetime, Any]
"""When a row was recorded, and the row."""


def _records(model: type[CodeList] | type[ReferenceFigure]) -> list[Record]:
    return [(row.recorded_at, row) for row in model.objects.order_by("recorded_at", "pk")]


def _changes(history: str) -> list[Record]:
    """Every state that rows of a tracked table ever had, in the order in which they were written.

    That is the order of the history's own key: the time is that at which a transaction began.
    """
    rows = apps.get_model("enterprises", history).objects.select_related("department")
    return [(row.pgh_created_at, row) for row in rows.order_by("pgh_id")]


def _newest(records: Iterable[Record], known_at: dt.datetime | None) -> dict[str, Any]:
    """Of each key the newest row recorded by then; before there was any, the first; none once deleted.

    Nobody can have named a key before it was recorded: a rule that names it is read with its first row.
    """
    found: dict[str, Any] = {}
    for moment, row in records:
        if row.key not in found or known_at is None or moment <= known_at:
            found[row.key] = row
    return {key: row for key, row in found.items() if getattr(row, "pgh_label", "") != "delete"}


def spec_of(fact: Any) -> FactSpec:
    """A row of facts, or of their history, as a plain value."""
    return FactSpec(
        id=fact.id,
        key=fact.key,
        label=fact.label,
        kind=Kind(fact.kind),
        unit=fact.unit,
        scale=fact.scale,
        dimension=fact.dimension,
        department=_keeper(fact),
        scope=Scope(fact.scope),
        periodic=fact.periodic,
        fresh_days=fact.fresh_days,
        complete=fact.complete,
        choices=tuple((choice["value"], choice["label"]) for choice in fact.choices),
        ordered=fact.ordered,
        derived=fact.derived,
        hierarchy=Hierarchy(fact.hierarchy) if fact.hierarchy else None,
        help=fact.help,
        supply=Tier(fact.supply),
        least=_bound(fact, fact.least),
        most=_bound(fact, fact.most),
    )


def _keeper(row: Any) -> str:
    return row.department.short_name if row.department else ""


def _bound(fact: Any, bound: Decimal | None) -> Fraction | None:
    """A bound in the fact's unit as a canonical value: money in fen."""
    if bound is None:
        return None
    return Fraction(bound) * (FEN_PER_YUAN if fact.kind == Kind.MONEY else 1)
