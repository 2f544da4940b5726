"""Accepting an application, taking it over, and asking once for what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from policies.applying import deadlines
from policies.applying.sending import hold
from policies.applying.telling import tell_enterprise
from policies.enums import Wanted
from policies.models import Amendment, AmendmentPoint, Application
from policies.reviewers import require_case
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Point:
    """One thing wanted: `target` is a material's name or a question's key."""

    wanted: str
    target: str
    what: str
    why: str


def accept(application: Application, *, by: User, at: dt.datetime) -> None:
    """Take it on: from now on the promised time of reviewing runs. Raises DomainError."""
    with transaction.atomic():
        held = hold(application)
        require_case(by, held, Role.REVIEWER)
        event = advance(held, "accept", actor=by, changes={"reviewer": by}, public=True, at=at)
        deadlines.meet(held, "accept", at=at)
        deadlines.begin(held, "review", at=at)
        with in_language_of_record():
            tell_enterprise(held, event, _("申报已受理"))
    adopt(application, held)


def take_over(application: Application, *, by: User, at: dt.datetime) -> None:
    """Become the reviewer in a colleague's place. Raises DomainError."""
    with transaction.atomic():
        held = hold(application)
        require_case(by, held, Role.REVIEWER)
        if held.reviewer_id == by.pk:
            raise DomainError(_("这件申报已经由您办理。"), code="own")
        before = held.reviewer
        Application.objects.filter(pk=held.pk).update(reviewer=by)
        held.reviewer = by
        comment = _("由 %(who)s 转来") % {"who": before} if before else ""
        held.events.create(
            actor=by, at=at, name="take_over", source=held.state, target=held.state, comment=comment
        )
    adopt(application, held)


def give_back(
    application: Application,
    points: Sequence[Point],
    *,
    by: User,
    at: dt.datetime,
    allowed_by: User | None = None,
) -> Amendment:
    """Ask the enterprise to amend, all in one list. A second list wants a leader's word (`allowed_by`).

    Raises DomainError.
    """
    if not points:
        raise DomainError(_("请至少写一项要补正的内容。"), code="no_points")
    with transaction.atomic():
        held = hold(application)
        require_case(by, held, Role.REVIEWER)
        number = held.amendments.count() + 1
        _require_permission(held, number, by, allowed_by)
        _require_targets(held, points)
        words = "\n".join(f"{place}. {point.what}（{point.why}）" for place, point in enumerate(points, 1))
        changes = {} if held.reviewer_id else {"reviewer": by}
        event = advance(held, "return", actor=by, comment=words, changes=changes, public=True, at=at)
        amendment = Amendment.objects.create(
            application=held,
            number=number,
            asked_by=by,
            asked_at=at,
            allowed_by=allowed_by if number > 1 else None,
        )
        AmendmentPoint.objects.bulk_create(
            AmendmentPoint(
                amendment=amendment,
                wanted=point.wanted,
                target=point.target,
                what=point.what.strip(),
                why=point.why.strip(),
            )
            for point in points
        )
        deadlines.meet(held, "accept", at=at)
        deadlines.begin(held, "amend", at=at)
        deadlines.reckon(held)
        with in_language_of_record():
            tell_enterprise(held, event, _("申报需要补正，共 %(count)d 项") % {"count": len(points)}, words)
    adopt(application, held)
    return amendment


def _require_permission(held: Application, number: int, by: User, allowed_by: User | None) -> None:
    if number == 1:
        return
    if allowed_by is None or allowed_by.pk == by.pk:
        raise DomainError(
            _("补正应一次性告知，上次没有提的不能再提；确需再次补正，请由负责人同意。"), code="once_only"
        )
    require_case(allowed_by, held, Role.LEADER)


def _require_targets(held: Application, points: Sequence[Point]) -> None:
    materials = {given["name"] for given in held.version.materials}
    for point in points:
        if not point.what.strip() or not point.why.strip():
            raise DomainError(_("每项补正都要写明要补什么、为什么。"), code="says_nothing")
        if point.wanted == Wanted.MATERIAL and point.target not in materials:
            raise DomainError(
                _("这项政策没有材料“%(name)s”。") % {"name": point.target}, code="material_unknown"
            )
        if point.wanted == Wanted.ANSWER and not point.target:
            raise DomainError(_("请选择要补正的填报项。"), code="answer_unknown")
