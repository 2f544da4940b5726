"""Files brought with an application: kept under the material they are, reached only by those it concerns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import AmendmentPoint, Application, ApplicationFile
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from django.core.files.base import File

    from portal.accounts.models import User

MOST_FILES: Final = 40


def attach(
    application: Application,
    material: str,
    file: File[Any],
    *,
    by: User | None,
    at: dt.datetime | None = None,
) -> ApplicationFile:
    """Keep a file as one of the version's materials, or of a point that is to be amended, as of `at` (None:
    now); its bytes say what it is. Raises DomainError.
    """
    if not _is_wanted(application, material):
        raise DomainError(_("这项政策没有这份材料，请刷新页面。"), code="material_unknown")
    kept = ApplicationFile.taken_in(file, application=application, material=material, added_by=by)
    if at is not None:
        kept.added_at = at
    with transaction.atomic():
        held = _held(application)
        files = held.files.filter(removed_at=None).values_list("material", "digest", "name")
        brought = {(material, digest): name for material, digest, name in files}
        if len(brought) >= MOST_FILES:
            raise DomainError(
                _("一件申报最多附 %(most)d 个文件，请合并后上传。") % {"most": MOST_FILES},
                code="too_many_files",
            )
        if (material, kept.digest) in brought:
            known = {"name": brought[material, kept.digest]}
            raise DomainError(_("同一文件已经以“%(name)s”上传过。") % known, code="file_known")
        kept.save()
    return kept


def remove(application: Application, pk: int, *, at: dt.datetime) -> None:
    """Take a file away from the form; what was sent with it before keeps it. Raises DomainError."""
    with transaction.atomic():
        held = _held(application)
        if not held.files.filter(pk=pk, removed_at=None).update(removed_at=at):
            raise DomainError(_("文件已经移除，请刷新页面。"), code="gone")


def _is_wanted(application: Application, material: str) -> bool:
    if material in {given["name"] for given in application.version.materials}:
        return True
    points = AmendmentPoint.objects.filter(amendment__application=application, amendment__answered_at=None)
    return material in {point.material for point in points}


def _held(application: Application) -> Application:
    """The application, locked and still open to changes; or two at once pass the limit."""
    held = Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    if not held.is_editable:
        raise DomainError(
            _("这件申报已是“%(state)s”，不能再改材料。") % {"state": held.get_state_display()}, code="stale"
        )
    return held
