"""The door to photographs of visits: the caller has checked who asks."""

from pathlib import PurePosixPath

from django.http import FileResponse, Http404

from appeals.models import VisitPhoto
from portal.kernel.downloads import TYPES
from portal.kernel.uploads import EXTENSIONS


def show(photo: VisitPhoto) -> FileResponse:
    """The photograph, with headers that let no browser take it for anything else. `Http404` when lost."""
    kind = EXTENSIONS.get(PurePosixPath(photo.file.name or "").suffix.lstrip("."))
    try:
        content = photo.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        content, filename=photo.name, content_type=TYPES[kind] if kind else "application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
