"""The catalogue as it stands in the database, kept per process until its stamp changes."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

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
    CredentialKind,
    Fact,
    Industry,
    ReferenceFigure,
    Region,
)
from enterprises.seeding import defined_figures
from portal.kernel.money import FEN_PER_YUAN

Named = TypeVar("Named", CodeList, ReferenceFigure)
_kept: "_Editions | None" = None


def load_catalogue(stamp: int | None = None, known_at: dt.datetime | None = None) -> Catalogue:
    """The catalogue of facts: one query to see that nothing changed, six more when something did.

    ``stamp`` is the current one, when the caller has just read it together with something else. Code lists
    and figures are those recorded by ``known_at`` (None: by now).
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
    """The catalogue of one stamp, with its code lists and figures as they were known at any time."""

    def __init__(self, stamp: int) -> None:
        self.stamp = stamp
        self._now = _read(stamp)
        self._lists = list(CodeList.objects.order_by("recorded_at", "pk"))
        self._figures = list(ReferenceFigure.objects.order_by("recorded_at", "pk"))
        self._moments = sorted(row.recorded_at for row in (*self._lists, *self._figures))
        self._made: dict[int, Catalogue] = {}

    def known_at(self, moment: dt.datetime | None) -> Catalogue:
        """The same catalogue for every moment between two records."""
        edition = len(self._moments) if moment is None else bisect_right(self._moments, moment)
        if edition not in self._made:
            lists, figures = _newest(self._lists, moment), _newest(self._figures, moment)
            self._made[edition] = replace(
                self._now,
                edition=edition,
                code_lists={key: CodeListSpec(row.label, tuple(row.codes)) for key, row in lists.items()},
                # those that are only defined so far have no value yet
                figures=defined_figures()
                | {key: FigureSpec(row.label, row.unit) for key, row in figures.items()},
            )
        return self._made[edition]


def _newest(rows: Iterable[Named], known_at: dt.datetime | None) -> dict[str, Named]:
    """Of each key the newest row recorded by then; before there was any, the first.

    Nobody can have named a list before it was recorded: a rule that names it is read with its first codes.
    """
    found: dict[str, Named] = {}
    for row in rows:
        if row.key not in found or known_at is None or row.recorded_at <= known_at:
            found[row.key] = row
    return found


def _read(stamp: int) -> Catalogue:
    kinds = CredentialKind.objects.select_related("department")
    return Catalogue(
        facts={fact.key: spec_of(fact) for fact in Fact.objects.select_related("department")},
        credential_kinds={
            kind.key: CredentialKindSpec(
                kind.label, kind.complete, kind.department.short_name if kind.department else ""
            )
            for kind in kinds
        },
        code_names={
            Hierarchy.REGION: dict(Region.objects.values_list("code", "name")),
            Hierarchy.INDUSTRY: dict(Industry.objects.values_list("code", "name")),
        },
        stamp=stamp,
    )


def spec_of(fact: Fact) -> FactSpec:
    """A fact's row as a plain value."""
    return FactSpec(
        id=fact.pk,
        key=fact.key,
        label=fact.label,
        kind=Kind(fact.kind),
        unit=fact.unit,
        scale=fact.scale,
        dimension=fact.dimension,
        department=fact.department.short_name if fact.department else "",
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


def _bound(fact: Fact, bound: Decimal | None) -> Fraction | None:
    """A bound in the fact's unit as a canonical value: money in fen."""
    if bound is None:
        return None
    return Fraction(bound) * (FEN_PER_YUAN if fact.kind == Kind.MONEY else 1)
