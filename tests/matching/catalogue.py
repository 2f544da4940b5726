"""A catalogue for tests: the county's own reference data, read without a database."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from enterprises.catalogue import (
    Catalogue,
    CodeListSpec,
    CredentialKindSpec,
    FactSpec,
    FigureSpec,
    Kind,
    Scope,
)
from enterprises.codes import Hierarchy

REFERENCE = Path(__file__).parents[2] / "enterprises" / "reference"
HIERARCHIES = {"region": Hierarchy.REGION, "tax_region": Hierarchy.REGION, "industry": Hierarchy.INDUSTRY}


def _spec(number: int, row: dict[str, Any]) -> FactSpec:
    kind = Kind(row["kind"])
    return FactSpec(
        id=number,
        key=row["key"],
        label=row["label"],
        kind=kind,
        unit=row.get("unit", ""),
        scale=row.get("scale", 4 if kind in (Kind.NUMBER, Kind.PERCENT) else 0),
        dimension=row.get("dimension", ""),
        department=row.get("department", ""),
        scope=Scope(row.get("scope", "enterprise")),
        periodic=row.get("periodic", False),
        fresh_days=row.get("fresh_days"),
        complete=row.get("complete", False),
        choices=tuple((choice["value"], choice["label"]) for choice in row.get("choices", ())),
        ordered=row.get("ordered", False),
        derived=row.get("derived", False),
        hierarchy=HIERARCHIES.get(row["key"], Hierarchy.PREFIX) if kind is Kind.CODE else None,
    )


def _yaml(name: str) -> list[dict[str, Any]]:
    document: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (REFERENCE / f"{name}.yaml").read_text("utf-8")
    )
    return document[name]


def _names(name: str) -> dict[str, str]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@cache
def county_catalogue() -> Catalogue:
    """Facts, credential kinds and code lists as they are seeded."""
    specs = [_spec(number, row) for number, row in enumerate(_yaml("facts"), 1)]
    kinds = {
        row["key"]: CredentialKindSpec(row["label"], row["complete"], row["department"])
        for row in _yaml("credential_kinds")
    }
    lists = {row["key"]: CodeListSpec(row["label"], tuple(row["codes"])) for row in _yaml("code_lists")}
    names = {
        Hierarchy.REGION: _names("regions"),
        Hierarchy.INDUSTRY: _names("industries"),
    }
    figures = {row["key"]: FigureSpec(row["label"], row["unit"]) for row in _yaml("figures")}
    return Catalogue({spec.key: spec for spec in specs}, kinds, lists, names, figures=figures)
