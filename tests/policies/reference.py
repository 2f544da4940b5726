"""The reference files as a catalogue and public figures, without a database."""

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
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
from matching.plain.context import FigureRow, Figures

REFERENCE = Path(__file__).resolve().parents[2] / "enterprises" / "reference"


def load(name: str) -> Any:
    return yaml.safe_load((REFERENCE / f"{name}.yaml").read_text(encoding="utf-8"))[name]


def names(file: str) -> dict[str, str]:
    with (REFERENCE / file).open(encoding="utf-8", newline="") as rows:
        return {row["code"]: row["name"] for row in csv.DictReader(rows)}


def fact_spec(number: int, entry: dict[str, Any]) -> FactSpec:
    given = {key: entry[key] for key in entry.keys() & {"unit", "scale", "dimension", "department", "help"}}
    flags = {key: entry.get(key, False) for key in ("periodic", "complete", "ordered", "derived")}
    return FactSpec(
        id=number,
        key=entry["key"],
        label=entry["label"],
        kind=Kind(entry["kind"]),
        scope=Scope(entry.get("scope", "enterprise")),
        fresh_days=entry.get("fresh_days"),
        choices=tuple((choice["value"], choice["label"]) for choice in entry.get("choices", ())),
        hierarchy=Hierarchy(entry["hierarchy"]) if "hierarchy" in entry else None,
        **given,
        **flags,
    )


@cache
def catalogue() -> Catalogue:
    specs = [fact_spec(number, entry) for number, entry in enumerate(load("facts"), 1)]
    return Catalogue(
        facts={spec.key: spec for spec in specs},
        credential_kinds={
            kind["key"]: CredentialKindSpec(kind["label"], kind["complete"], kind["department"])
            for kind in load("credential_kinds")
        },
        code_lists={
            entry["key"]: CodeListSpec(entry["label"], tuple(entry["codes"])) for entry in load("code_lists")
        },
        figures={figure["key"]: FigureSpec(figure["label"], figure["unit"]) for figure in load("figures")},
        code_names={Hierarchy.REGION: names("regions.csv"), Hierarchy.INDUSTRY: names("industries.csv")},
    )


@cache
def figures() -> Figures:
    return Figures(
        FigureRow(
            figure["key"],
            row["region"],
            row["day"],
            Fraction(Decimal(row["value"])),
            figure["unit"],
        )
        for figure in load("figures")
        for row in figure["values"]
    )


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
