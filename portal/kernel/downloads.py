"""The door to files that people brought: the caller has checked who asks; here they are handed out safely."""

from typing import Final

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

from portal.kernel.uploads import SHOWN, Kind, kind_of

TYPES: Final = {
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.PDF: "application/pdf",
    Kind.OFD: "application/ofd",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By what its bytes were when it was taken; `stored_name` keeps that as the extension."""


def hand_out(file: FieldFile, name: str) -> FileResponse:
    """The file under a name, with headers that let no browser run it or take it for something else.

    Raises `Http404` when it is lost.
    """
    kind = kind_of(file.name)
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        content,
        as_attachment=kind not in SHOWN,
        filename=name,
        content_type=TYPES.get(kind, "application/octet-stream") if kind else "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
