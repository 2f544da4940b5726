"""The demo's policies: the files of ``policies/demo`` through the same door as anybody's, and published."""

import copy
import datetime as dt
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from policies.exchange.importing import Outcome, import_data
from policies.exchange.reading import read_file
from policies.models import PolicyDocument, PolicyItem
from policies.search.index import index_stale
from portal.accounts.models import User

FOLDER: Final = Path("policies") / "demo"


def publish_policies(*, editor: User, publisher: User, today: dt.date) -> Outcome:
    """Import and publish what is not there yet; all or nothing. Raises DomainError.

    What somebody has changed by hand since stays as it is, and a half-written draft stops nothing.
    """
    folder = settings.BASE_DIR / FOLDER
    files = {path.name: carried_over(read_file(path), today) for path in sorted(folder.glob("*.yaml"))}
    outcome = import_data(_missing(files), editor=editor, publisher=publisher)
    index_stale()
    return outcome


def _missing(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The files without the documents and items that the database has."""
    there = {
        "documents": set(PolicyDocument.objects.values_list("code", flat=True)),
        "items": set(PolicyItem.objects.values_list("code", flat=True)),
    }
    rest = {
        name: data
        | {key: [one for one in data[key] if one["code"] not in codes] for key, codes in there.items()}
        for name, data in files.items()
    }
    return {name: data for name, data in rest.items() if data["documents"] or data["items"]}


def carried_over(data: dict[str, Any], today: dt.date) -> dict[str, Any]:
    """The same file with ended windows and periods moved on by whole years, so that the demo does not age.

    Rules count their years from the day of application (no fixed reference year), so they move along.
    """
    moved = copy.deepcopy(data)
    for item in moved["items"]:
        for place, start, end in ((item["window"], "from", "to"), (item["rule"], None, "valid_to")):
            last = place.get(end)
            years = today.year - int(last[:4]) if last and last < today.isoformat() else 0
            years += bool(last and _later(last, years) < today.isoformat())
            for key in filter(None, (start, end)):
                place[key] = _later(place[key], years) if place.get(key) else place.get(key)
    return moved


def _later(day: str, years: int) -> str:
    return f"{int(day[:4]) + years:04d}{day[4:]}"
