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
    from django.db.models import QuerySet

    from portal.accounts.models import User

MOST_FILES: Final = 40


def attach(
    application: Application,
    wanted: str | AmendmentPoint,
    file: File[Any],
    *,
    by: User | None,
    at: dt.datetime | None = None,
) -> ApplicationFile:
    """Keep a file as one of the version's materials (by its name), or for a point that is to be amended.

    As of `at` (None: now); its bytes say what it is. The words under which a point's files are kept stand for
    it too, where only one point has them. Raises DomainError.
    """
    point = wanted if isinstance(wanted, AmendmentPoint) else _point_of(application, wanted)
    material = point.material if point is not None else str(wanted)
    kept = ApplicationFile.taken_in(
        file, application=application, material=material, point=point, added_by=by
    )
    if at is not None:
        kept.added_at = at
    with transaction.atomic():
        held = _held(application)
        files = held.files.filter(removed_at=None).values_list("material", "point", "digest", "name")
        brought = {tuple(key): name for *key, name in files}
        if len(brought) >= MOST_FILES:
            raise DomainError(
                _("一件申报最多附 %(most)d 个文件，请合并后上传。") % {"most": MOST_FILES},
                code="too_many_files",
            )
        if (material, kept.point_id, kept.digest) in brought:
            known = {"name": brought[material, kept.point_id, kept.digest]}
            raise DomainError(_("同一文件已经以“%(name)s”上传过。") % known, code="file_known")
        kept.save()
    return kept


def remove(application: Application, pk: int, *, at: dt.datetime) -> None:
    """Take a file away from the form; what was sent with it before keeps it. Raises DomainError."""
    with transaction.atomic():
        held = _held(application)
        if not held.files.filter(pk=pk, removed_at=None).update(removed_at=at):
            raise DomainError(_("文件已经移除，请刷新页面。"), code="gone")


def point_asked(application: Application, pk: int) -> AmendmentPoint:
    """A point that the application is asked to amend now. Raises DomainError for any other."""
    point = _asked(application).filter(pk=pk).first()
    if point is None:
        raise DomainError(_("现在没有这项补正，请刷新页面。"), code="point_unknown")
    return point


def _point_of(application: Application, material: str) -> AmendmentPoint | None:
    """The point whose own material it is; None for one of the version's. Raises DomainError for any other."""
    if material in {given["name"] for given in application.version.materials}:
        return None
    points = [point for point in _asked(application) if point.material == material]
    if not points:
        raise DomainError(_("这项政策没有这份材料，请刷新页面。"), code="material_unknown")
    if len(points) > 1:
        raise DomainError(_("有几项补正的写法相同，请指明是哪一项。"), code="point_unclear")
    return points[0]


def _asked(application: Application) -> QuerySet[AmendmentPoint]:
    return AmendmentPoint.objects.filter(amendment__application=application, amendment__answered_at=None)


def _held(application: Application) -> Application:
    """The application, locked and still open to changes; or two at once pass the limit."""
    held = Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    if not held.is_editable:
        raise DomainError(
            _("这件申报已是“%(state)s”，不能再改材料。") % {"state": held.get_state_display()}, code="stale"
        )
    return held
