"""The door to what was attached: the caller has checked who asks; here is how it is handed out safely."""

from pathlib import PurePosixPath
from typing import Final

from django.http import FileResponse, Http404

from appeals.models import Attachment
from portal.kernel.uploads import EXTENSIONS, Kind

TYPES: Final = {
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.PDF: "application/pdf",
    Kind.OFD: "application/ofd",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By what its bytes were when it was taken; `stored_name` keeps that as the extension."""
SHOWN: Final = frozenset({Kind.JPEG, Kind.PNG})
"""What a browser may show in its own window; everything else is saved."""


def hand_out(attachment: Attachment) -> FileResponse:
    """The file with headers that let no browser run it or take it for something else. `Http404` when lost."""
    kind = EXTENSIONS.get(PurePosixPath(attachment.file.name or "").suffix.lstrip("."))
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        content,
        as_attachment=kind not in SHOWN,
        filename=attachment.name,
        content_type=TYPES.get(kind, "application/octet-stream") if kind else "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
