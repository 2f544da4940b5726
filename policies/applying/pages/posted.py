"""What a form of an application says, read from its fields.

They are called `answer-<key>`, `reply-<point>`, `note-<place>` and `file-<place>`; which material a place is
says `material-<place>`, so that a form of a version of before still means what it meant. The place of a point
that is to be amended is `p<point>`.
"""

from __future__ import annotations

from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from policies.applying.drafts import Saving
from portal.kernel.http import posted_id

ANSWER: Final = "answer-"
NOTE: Final = "note-"
REPLY: Final = "reply-"
FILE: Final = "file-"
MATERIAL: Final = "material-"
POINT: Final = "p"
SEVERAL: Final = "、"
"""Between the choices of a question of which several may be chosen."""


def saving_of(data: QueryDict) -> Saving:
    """The parts of an application that were posted; a part that was not is not touched."""
    return Saving(
        answers=answers_of(data),
        notes={_text(data, MATERIAL + place): text for place, text in _named(data, NOTE).items()},
        replies={posted_id(key): text for key, text in _named(data, REPLY).items() if posted_id(key)},
        contact_name=_text(data, "contact_name") if "contact_name" in data else None,
        contact_phone=_text(data, "contact_phone") if "contact_phone" in data else None,
    )


def answers_of(data: QueryDict) -> dict[str, str]:
    """Answers by the key of their question, as written."""
    return _named(data, ANSWER)


def files_of(
    data: QueryDict, files: MultiValueDict[str, UploadedFile]
) -> list[tuple[str | int, UploadedFile]]:
    """Files that were posted, each with the material it is, or the key of the point it was brought for."""
    return [
        (_wanted(data, name.removeprefix(FILE)), file)
        for name, given in files.lists()
        if name.startswith(FILE)
        for file in given
    ]


def _wanted(data: QueryDict, place: str) -> str | int:
    point = posted_id(place.removeprefix(POINT)) if place.startswith(POINT) else None
    return point or _text(data, MATERIAL + place)


def _named(data: QueryDict, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix).replace("\0", ""): _text(data, name)
        for name in data
        if name.startswith(prefix)
    }


def _text(data: QueryDict, name: str) -> str:
    """The words of a field; no text in PostgreSQL can hold a NUL."""
    return SEVERAL.join(filter(None, data.getlist(name))).replace("\0", "").strip()
