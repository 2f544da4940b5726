"""Ways of narrowing a list, as the facets component and the chips above a list take them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One choice of a facet: how many rows it would leave, and whether it is chosen."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One way of narrowing a list, with its choices."""

    key: str
    label: str
    options: tuple[FacetOption, ...]


def chips(request: HttpRequest, facets: Iterable[Facet]) -> list[dict[str, str]]:
    """What is chosen, each with the address that drops it and begins at the first page."""
    dropped = []
    for facet in facets:
        for option in facet.options:
            if option.selected:
                rest = request.GET.copy()
                rest.pop("page", None)
                kept = [value for value in rest.getlist(facet.key) if value != option.value]
                rest.setlist(facet.key, kept)
                dropped.append({"label": option.label, "url": f"?{rest.urlencode()}"})
    return dropped
