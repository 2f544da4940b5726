"""What the desk makes of an appeal: accept, ask back, refuse, merge; and alike ones as a shared problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.following import bring_along
from appeals.models import Appeal, SharedProblem, WorkOrder
from appeals.placing import receive
from appeals.steps import cancel, hold, live_lead, record_appeal, said
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from appeals.models import Category
    from portal.accounts.models import User


def accept_appeal(
    appeal: Appeal, *, by: User | None, category: Category | None = None, complexity: str | None = None
) -> None:
    """Accept an appeal, with the desk's category and complexity; the clock of the work starts.

    A category brings its usual complexity unless another is given. Raises DomainError when it was accepted
    or ended before.
    """
    changes: dict[str, Any] = {}
    if category is not None:
        changes = {"category": category, "complexity": category.complexity}
    if complexity is not None:
        changes["complexity"] = complexity
    at = timezone.now()
    with transaction.atomic():
        lead = live_lead(hold(appeal.pk))
        event = advance(appeal, "accept_appeal", actor=by, changes=changes, public=True)
        if lead is not None:
            lead.appeal.refresh_from_db()
            receive(lead, by=by, at=at)
        with in_language_of_record():
            telling.tell_enterprise(appeal, event, _("您的诉求已受理"))
    appeal.refresh_from_db(fields=["status"])


def ask_back(appeal: Appeal, question: str, *, by: User | None) -> None:
    """Ask the enterprise before accepting: the receive clock stands still. Raises DomainError."""
    question = said(question, _("请写明要企业补充什么。"))
    with transaction.atomic():
        orders = hold(appeal.pk)
        event = advance(appeal, "ask_back", actor=by, comment=question, public=True)
        for order in orders:
            deadlines.reckon(order)
        with in_language_of_record():
            telling.tell_enterprise(appeal, event, _("请补充您的诉求，补充后马上受理"), question)
    appeal.refresh_from_db(fields=["status"])


def refuse(appeal: Appeal, advice: str, *, by: User | None) -> None:
    """Do not take the appeal, and say where to go with it. Raises DomainError without advice."""
    advice = said(advice, _("请告诉企业去哪里、找谁办理。"))
    with transaction.atomic():
        orders = hold(appeal.pk)
        event = advance(appeal, "refuse", actor=by, comment=advice, public=True)
        cancel(orders, _("不予受理"), by=by, at=timezone.now())
        with in_language_of_record():
            telling.tell_enterprise(appeal, event, _("您的诉求不在受理范围，请看办理建议"), advice)
    appeal.refresh_from_db(fields=["status"])


def merge(appeal: Appeal, into: Appeal, *, by: User | None) -> None:
    """An enterprise's appeal says what another of its appeals says: the other goes on for both.

    The enterprise is told, and the timeline points to the other. Alike appeals of several enterprises are a
    shared problem instead (`share`). Raises DomainError for what cannot be merged.
    """
    with transaction.atomic():
        orders = hold(appeal.pk, into.pk)
        _check_merge(appeal, into, orders)
        mine = [order for order in orders if order.appeal_id == appeal.pk]
        with in_language_of_record():
            comment = _("已并入 %(number)s 一并办理") % {"number": into.number}
        event = advance(
            appeal, "merge", actor=by, comment=comment, changes={"merged_into": into}, public=True
        )
        Appeal.objects.filter(merged_into=appeal).update(merged_into=into)
        for cancelled in cancel(mine, comment, by=by, at=timezone.now()):
            telling.tell_holders(cancelled.subject, cancelled, comment)
        with in_language_of_record():
            joined = _("%(number)s 并入本件") % {"number": appeal.number}
        record_appeal(into, "merged", by=by, comment=joined, public=True)
        telling.tell_enterprise(appeal, event, comment)
    appeal.refresh_from_db(fields=["status"])


def share(appeals: Sequence[Appeal], title: str, *, by: User | None) -> SharedProblem:
    """Make one shared problem of alike appeals; the one filed first leads, all enterprises are told.

    What is done on the leading order is done for all from now on. Raises DomainError for fewer than two
    appeals, for ended ones, complaints, and those of another problem.
    """
    title = said(title, _("请写明共性问题的标题。"))[:100]
    with transaction.atomic():
        ordered, orders = _held_together({appeal.pk for appeal in appeals})
        if len(ordered) < 2:
            raise DomainError(_("请至少选择两件诉求。"), code="too_few")
        _check_share(ordered, orders)
        lead = ordered[0]
        problem = SharedProblem.objects.create(title=title, lead=lead, region=lead.region, created_by=by)
        _take_in(problem, ordered, orders, by=by)
    return problem


def join(problem: SharedProblem, appeals: Sequence[Appeal], *, by: User | None) -> None:
    """More alike appeals for a shared problem whose leading order still lives; their enterprises are told.

    Raises DomainError as `share` does, and when the problem has been answered.
    """
    pks = {appeal.pk for appeal in appeals}
    with transaction.atomic():
        ordered, orders = _held_together({problem.lead_id, *pks})
        if not _is_open(problem.lead, orders):
            raise DomainError(_("这个共性问题已答复，不能再加入；请另列一个。"), code="answered")
        joining = [appeal for appeal in ordered if appeal.pk in pks]
        if not joining:
            raise DomainError(_("请勾选要加入的诉求。"), code="too_few")
        _check_share(joining, orders)
        _take_in(problem, joining, orders, by=by)


def _held_together(pks: set[int]) -> tuple[list[Appeal], list[WorkOrder]]:
    """The appeals and their orders, locked, the ones filed first before the others."""
    orders = hold(*pks)
    rows = Appeal.objects.select_for_update(of=("self",)).select_related("enterprise").order_by("pk")
    return list(rows.filter(pk__in=pks)), orders


def _take_in(
    problem: SharedProblem, appeals: Sequence[Appeal], orders: Sequence[WorkOrder], *, by: User | None
) -> None:
    """Put the appeals under the problem, tell everybody, and take their orders to where the lead stands."""
    Appeal.objects.filter(pk__in=[appeal.pk for appeal in appeals]).update(problem=problem)
    firms = Appeal.objects.filter(problem=problem).values("enterprise").distinct().count()
    for appeal in appeals:
        _tell_shared(appeal, problem, firms, by=by)
    leading = live_lead(order for order in orders if order.appeal_id == problem.lead_id)
    if leading is not None:
        bring_along(leading, by=by, at=timezone.now())


def _tell_shared(appeal: Appeal, problem: SharedProblem, count: int, *, by: User | None) -> None:
    with in_language_of_record():
        comment = _("有 %(count)d 家企业反映同样的问题，合并为一件共性问题统一办理") % {"count": count}
    appeal.problem = problem
    event = record_appeal(appeal, "share", by=by, comment=comment, public=True)
    with in_language_of_record():
        telling.tell_enterprise(appeal, event, _("您反映的问题已列为共性问题，统一办理"), comment)


def _check_merge(appeal: Appeal, into: Appeal, orders: Sequence[WorkOrder]) -> None:
    if appeal.pk == into.pk:
        raise DomainError(_("诉求不能并入自己。"), code="itself")
    if appeal.enterprise_id != into.enterprise_id:
        raise DomainError(_("不同企业的同类诉求请列为共性问题，不要并案。"), code="other_enterprise")
    if not _is_open(into, orders):
        raise DomainError(_("要并入的诉求已答复或已结束，请选择正在办理的一件。"), code="over")
    if not _is_open(appeal, orders):
        raise DomainError(_("诉求已答复或已结束，不能并案。"), code="answered")


def _check_share(appeals: Sequence[Appeal], orders: Sequence[WorkOrder]) -> None:
    for appeal in appeals:
        name = {"number": appeal.number}
        if not _is_open(appeal, orders):
            raise DomainError(_("%(number)s 已答复或已结束，不能列入共性问题。") % name, code="over")
        if appeal.about_id:
            raise DomainError(_("%(number)s 是投诉，不能列入共性问题。") % name, code="complaint")
        if appeal.problem_id:
            raise DomainError(_("%(number)s 已在另一个共性问题中。") % name, code="shared")


def _is_open(appeal: Appeal, orders: Sequence[WorkOrder]) -> bool:
    """Whether its lead order lives; an ended appeal has none."""
    return live_lead(order for order in orders if order.appeal_id == appeal.pk) is not None
