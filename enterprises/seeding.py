"""Reference data from ``enterprises/reference``, put into the database after each migrate (and flush).

Public standards (regions, industries) follow the files. What the county keeps itself (departments, facts,
credential kinds) is only added where it is missing, and of code lists and figures a change of the files is
recorded as a correction of what the files said before: what officials changed stays.
"""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import AppConfig
from django.conf import settings
from django.db import connections, models, transaction

from enterprises.catalogue import FigureSpec, Kind, Tier
from enterprises.codes import Hierarchy
from enterprises.derived import DERIVED
from enterprises.models import CodeList, CredentialKind, Fact, Industry, ReferenceFigure, Region
from enterprises.models.recorded import Recorded
from portal.accounts.models import Department

FOLDER = Path(__file__).parent / "reference"
SUPPLY = {"official": Tier.OFFICIAL, "attested": Tier.ATTESTED, "declared": Tier.DECLARED}
Row = dict[str, Any]


def seed_reference(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: idempotent; does nothing while the tables are not there yet."""
    needed = {model._meta.db_table for model in (Department, Fact, ReferenceFigure)}
    if not needed <= set(connections[using].introspection.table_names()):
        return
    with transaction.atomic(using=using):
        _follow_standards()
        _add_missing(Department, _departments(), "code")
        departments = dict(Department.objects.values_list("code", "pk"))
        _add_missing(Fact, [_fact(row, departments) for row in _yaml("facts")], "key")
        _add_missing(CredentialKind, [_kind(row, departments) for row in _yaml("credential_kinds")], "key")
        _record(CodeList, [_code_list(row) for row in _yaml("code_lists")])
        _record(ReferenceFigure, _figures())


def _follow_standards() -> None:
    regions = [
        Region(code=row["code"], name=row["name"], parent_id=row["parent"] or None) for row in _csv("regions")
    ]
    industries = [Industry(**row) for row in _csv("industries")]
    _follow(Region, regions, "name", "parent")
    _follow(Industry, industries, "name", "section")


def _follow(model: type[models.Model], rows: list[Any], *fields: str) -> None:
    model._base_manager.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)


def _add_missing(model: type[models.Model], rows: list[Row], *natural_key: str) -> None:
    present = set(model._base_manager.values_list(*natural_key))
    missing = [model(**row) for row in rows if tuple(row[field] for field in natural_key) not in present]
    model._base_manager.bulk_create(missing, ignore_conflicts=True)


def _record(model: type[Recorded], rows: list[Row]) -> None:
    """Record what a file says for the first time, unless an official had the last word on it.

    What was said before and differs from the newest record was corrected here, by whatever way.
    """
    officials = {row.name for row in model.objects.newest().filter(recorded_by__isnull=False)}
    before = list(model.objects.all())
    anew = [row for row in (model(**given) for given in rows) if row.name not in officials]
    for row in anew:
        row.clean_fields()  # as the database gives them back
    said = {row.said for row in before}
    model.objects.bulk_create([row for row in anew if row.said not in said])


def _departments() -> list[Row]:
    return [{"region": settings.COUNTY_CODE, **row} for row in _yaml("departments")]


def _fact(row: Row, departments: dict[str, int]) -> Row:
    kind = Kind(row["kind"])
    decimals = 4 if kind in (Kind.NUMBER, Kind.PERCENT) else 0
    region = "region" in row["key"]
    hierarchy = row.get("hierarchy") or (Hierarchy.REGION if region else Hierarchy.INDUSTRY)
    derived = DERIVED.get(row["key"])
    plain = {key: value for key, value in row.items() if key != "department"}
    return {
        **plain,
        "department_id": departments[row["department"]] if row.get("department") else None,
        "scale": row.get("scale", decimals),
        "supply": SUPPLY[row.get("supply", "official")],
        "hierarchy": hierarchy if kind is Kind.CODE else "",
        "derived": derived is not None,
        "periodic": derived.periodic if derived else row.get("periodic", False),
    }


def _kind(row: Row, departments: dict[str, int]) -> Row:
    named = departments[row["department"]] if row.get("department") else None
    return {**{key: row[key] for key in ("key", "label", "complete")}, "department_id": named}


def _code_list(row: Row) -> Row:
    plain = {key: value for key, value in row.items() if key != "kind"}
    return {**plain, "hierarchy": row["kind"]}


def defined_figures() -> dict[str, FigureSpec]:
    """The figures that the reference files define, whether or not they give a value."""
    return {row["key"]: FigureSpec(row["label"], row.get("unit", "")) for row in _yaml("figures")}


def _figures() -> list[Row]:
    """One row a figure, region and day (not called ``on`` in the file: YAML 1.1 reads that as true)."""
    return [
        {
            **{key: figure.get(key, "") for key in ("key", "label", "kind", "unit")},
            **{"on" if key == "day" else key: value for key, value in dated.items()},
        }
        for figure in _yaml("figures")
        for dated in figure["values"]
    ]


@lru_cache
def _yaml(name: str) -> list[Row]:
    """The list under the file's one key."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)[name]  # noqa: S506


@lru_cache
def _csv(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
