"""Duties and rules of the county's departments, as the files under `appeals/reference` write them.

A department that has any duty phrase keeps its own: what officials removed does not come back.
"""

from collections.abc import Iterator
from typing import Any

from appeals.enums import Mode
from appeals.models import DutyPhrase, RoutingRule
from portal.accounts.models import Department, Section

Row = dict[str, Any]
MODES = {"phrases": Mode.DISPATCH, "pick": Mode.PICK, "grab": Mode.GRAB}
"""Under which key of a section phrases of which mode stand."""


def seed_duties(rows: list[Row]) -> None:
    """Sections and phrases of the departments that have no phrase yet."""
    written = set(DutyPhrase.objects.values_list("department__code", flat=True))
    missing = [row for row in rows if row["department"] not in written]
    if not missing:
        return
    departments = _departments()
    missing = [row for row in missing if row["department"] in departments]
    Section.objects.bulk_create(
        [
            Section(department_id=departments[row["department"]], name=section["name"])
            for row in missing
            for section in row["sections"]
        ],
        ignore_conflicts=True,
    )
    sections = _sections()
    DutyPhrase.objects.bulk_create(
        [
            DutyPhrase(department_id=pk, section_id=sections[pk, name], mode=mode, text=text)
            for row in missing
            for pk in [departments[row["department"]]]
            for name, mode, text in phrases(row)
        ],
        ignore_conflicts=True,
    )


def phrases(row: Row) -> Iterator[tuple[str, str, str]]:
    """(section, mode, phrase) of a department in `duties.yaml`."""
    for section in row["sections"]:
        for key, mode in MODES.items():
            for text in section.get(key, ()):
                yield section["name"], mode, text


def seed_rules(rows: list[Row]) -> None:
    """The rules whose title is not there yet."""
    written = set(RoutingRule.objects.values_list("title", flat=True))
    missing = [row for row in rows if row["title"] not in written]
    if not missing:
        return
    departments, sections = _departments(), _sections()
    RoutingRule.objects.bulk_create(
        [
            RoutingRule(
                **{key: row[key] for key in ("title", "words", "unless", "mode", "priority") if key in row},
                department_id=departments[row["department"]],
                section_id=sections.get((departments[row["department"]], row["section"])),
            )
            for row in missing
            if row["department"] in departments
        ],
        ignore_conflicts=True,
    )


def _departments() -> dict[str, int]:
    return dict(Department.objects.values_list("code", "pk"))


def _sections() -> dict[tuple[int, str], int]:
    return {(place, name): pk for pk, place, name in Section.objects.values_list("pk", "department", "name")}
