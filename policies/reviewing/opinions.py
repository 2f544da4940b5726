"""Joint review (联审): several departments are asked at once, and each says what it thinks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.applying import deadlines
from policies.applying.sending import hold
from policies.applying.telling import tell_reviewers
from policies.enums import Stance
from policies.models import Application, Opinion
from policies.reviewers import require_case
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from portal.accounts.models import Department, User


def consult(
    application: Application, asked: Mapping[Department, str], *, by: User, at: dt.datetime
) -> list[Opinion]:
    """Ask departments, each for something; all of them work in parallel. Raises DomainError."""
    if not asked:
        raise DomainError(_("请选择要联审的部门。"), code="nobody_asked")
    with transaction.atomic():
        held = hold(application)
        lead = held.item.department
        require_case(by, held, Role.REVIEWER)
        if any(department.pk == lead.pk for department in asked):
            raise DomainError(_("主办部门不用联审自己的申报。"), code="asks_itself")
        if not all(question.strip() for question in asked.values()):
            raise DomainError(_("请写明请各部门核什么。"), code="says_nothing")
        names = "、".join(department.short_name for department in asked)
        event = advance(held, "consult", actor=by, comment=names, public=True, at=at)
        opinions = [
            Opinion.objects.create(
                application=held, department=department, question=question.strip(), asked_by=by, asked_at=at
            )
            for department, question in asked.items()
        ]
        for opinion in opinions:
            deadlines.begin(held, "opinion", at=at, opinion=opinion)
        deadlines.reckon(held)
        with in_language_of_record():
            tell_reviewers(
                held, event, _("请出具联审意见"), departments=[opinion.department_id for opinion in opinions]
            )
    adopt(application, held)
    return opinions


def give(opinion: Opinion, stance: str, text: str, *, by: User, at: dt.datetime) -> None:
    """Say what the department thinks; the last one lets the review go on. Raises DomainError."""
    text = text.strip()
    if stance not in Stance.values:
        raise DomainError(_("请选择意见。"), code="no_stance")
    if stance == Stance.OBJECT and not text:
        raise DomainError(_("不同意须写明理由。"), code="no_reason")
    with transaction.atomic():
        held = hold(opinion.application)
        require_case(by, held, Role.REVIEWER, Role.LEADER, department=opinion.department)
        given = Opinion.objects.awaited().filter(pk=opinion.pk)
        if not given.update(stance=stance, text=text, given_by=by, given_at=at):
            raise DomainError(_("这份意见已经出具或已收回，请刷新页面。"), code="given")
        opinion.refresh_from_db()
        deadlines.meet(held, "opinion", at=at, opinion=opinion)
        comment = f"{opinion.department.short_name}：{opinion.get_stance_display()}" + (text and f"，{text}")
        _record(held, "opinion", by, comment, at)
        _go_on(held, by, at)


def recall(opinion: Opinion, reason: str, *, by: User, at: dt.datetime) -> None:
    """A leader no longer waits for a department that stays silent, and says why. Raises DomainError.

    What was asked stands, and its deadline ends here: a department that was late was late.
    """
    if not reason.strip():
        raise DomainError(_("请写明不再等待的原因。"), code="no_reason")
    with transaction.atomic():
        held = hold(opinion.application)
        require_case(by, held, Role.LEADER)
        if not Opinion.objects.awaited().filter(pk=opinion.pk).update(recalled_at=at):
            raise DomainError(_("这份意见已经出具或已收回，请刷新页面。"), code="given")
        opinion.refresh_from_db()
        deadlines.meet(held, "opinion", at=at, opinion=opinion)
        _record(held, "recall", by, f"{opinion.department.short_name}：{reason.strip()}", at)
        _go_on(held, by, at)


def chase(opinion: Opinion, *, by: User, at: dt.datetime) -> None:
    """Remind a department of the opinion that is waited for, once a day. Raises DomainError."""
    with transaction.atomic():
        held = hold(opinion.application)
        require_case(by, held, Role.REVIEWER, Role.LEADER)
        if not Opinion.objects.awaited().filter(pk=opinion.pk).exists():
            raise DomainError(_("这份意见已经出具或已收回，请刷新页面。"), code="given")
        name = opinion.department.short_name
        today = timezone.localdate(at)
        if held.events.filter(name="chase", comment=name, at__date=today).exists():
            raise DomainError(_("今天已经催过%(name)s，明天再催。") % {"name": name}, code="chased")
        _record(held, "chase", by, name, at)
        event = held.events.filter(name="chase").latest("pk")
        with in_language_of_record():
            tell_reviewers(held, event, _("请尽快出具联审意见"), departments=[opinion.department_id])


def _record(held: Application, name: str, by: User, comment: str, at: dt.datetime) -> None:
    held.events.create(actor=by, at=at, name=name, source=held.state, target=held.state, comment=comment)


def _go_on(held: Application, by: User, at: dt.datetime) -> None:
    if held.opinions.awaited().exists():
        return
    event = advance(held, "hear", actor=by, public=True, at=at)
    deadlines.reckon(held)
    with in_language_of_record():
        tell_reviewers(held, event, _("联审意见已齐，请继续办理"))
