"""Keeping what a form says: files first, each for itself, then all that was typed in one statement."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.actors import Actor
from policies.applying import files
from policies.applying.drafts import Saving, save_among
from policies.applying.pages.own import own
from policies.applying.pages.posted import files_of, saving_of
from policies.models import Application
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id
from portal.kernel.uploads import display_name


@dataclass(frozen=True, slots=True)
class Kept:
    """How it went: the new revision, or why nothing typed was kept; a line for each file refused."""

    saving: Saving
    revision: int | None = None
    error: DomainError | None = None
    refused: tuple[str, ...] = ()


def keep(request: HttpRequest, actor: Actor, number: str) -> Kept:
    """Keep what was posted; `Http404` when the enterprise has no such application.

    A request that names no revision brings files alone. Without files it costs one statement.
    """
    refused = tuple(_attach(actor, number, files_of(request.POST, request.FILES))) if request.FILES else ()
    saving = saving_of(request.POST)
    if "revision" not in request.POST:
        return Kept(saving, refused=refused)
    rows = Application.objects.of(actor).filter(number=number)
    read = posted_id(request.POST["revision"])
    try:
        revision = save_among(rows, saving, revision=read, by=actor.user, at=timezone.now())
    except DomainError as error:
        if error.code == "gone":
            raise Http404 from error
        return Kept(saving, error=error, refused=refused)
    return Kept(saving, revision, refused=refused)


def _attach(actor: Actor, number: str, given: list[tuple[str | int, UploadedFile]]) -> list[str]:
    application = own(actor, number)
    refused = []
    for wanted, file in given:
        try:
            point = files.point_asked(application, wanted) if isinstance(wanted, int) else None
            files.attach(application, point or str(wanted), file, by=actor.user)
        except DomainError as error:
            name = display_name(file.name or "")
            known = error.code == "file_known" and application.files.filter(removed_at=None, name=name)
            if not (known and known.exists()):  # sent twice is sent once
                words = {"name": name, "why": str(error)}
                refused.append(_("“%(name)s”没有上传：%(why)s") % words)
    return refused
