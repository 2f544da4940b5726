"""The catalogue as it stands in the database, kept per process until its stamp changes."""

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

_kept: Catalogue | None = None


def load_catalogue(stamp: int | None = None) -> Catalogue:
    """The catalogue of facts: one query to see that nothing changed, seven more when something did.

    ``stamp`` is the current one, when the caller has just read it together with something else.
    """
    global _kept  # one catalogue a process is the point
    current = current_stamp() if stamp is None else stamp
    if _kept is None or _kept.stamp != current:
        _kept = _read(current)
    return _kept


def current_stamp() -> int:
    """Number that is new after every change of the catalogue; database triggers set it."""
    return CatalogueStamp.objects.values_list("stamp", flat=True).first() or 0


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
        code_lists={row.key: CodeListSpec(row.label, tuple(row.codes)) for row in CodeList.objects.all()},
        code_names={
            Hierarchy.REGION: dict(Region.objects.values_list("code", "name")),
            Hierarchy.INDUSTRY: dict(Industry.objects.values_list("code", "name")),
        },
        stamp=stamp,
        figures=_figures(),
    )


def _figures() -> dict[str, FigureSpec]:
    """Figures that have values, and those that are only defined so far."""
    rows = ReferenceFigure.objects.order_by("key", "on").values_list("key", "label", "unit")
    return defined_figures() | {key: FigureSpec(label, unit) for key, label, unit in rows}


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
    )
