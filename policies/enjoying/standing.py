"""Whether a run's version still stands: what was withdrawn gives nothing any more."""

from __future__ import annotations

from django.utils.translation import gettext as _

from policies.enums import VersionState
from policies.models import EnjoyRun, ItemVersion
from portal.kernel.errors import DomainError


def require_standing(run: EnjoyRun) -> None:
    """Raises DomainError for a run of a version that was withdrawn since, read anew: one query.

    One that expired or was superseded still gives what it gave on the day that the run judges.
    """
    version = ItemVersion.objects.select_related("rule_version").get(pk=run.version_id)
    if version.state == VersionState.WITHDRAWN or version.rule_version.retracted_at is not None:
        raise DomainError(
            _("政策“%(item)s”已撤回，这份名单不能再办，请取消。") % {"item": version.title}, code="withdrawn"
        )
