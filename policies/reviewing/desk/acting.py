"""Who acts at the review desk of a department: reviewers, leaders, and who stands in for one of them."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from policies.models import Application
from policies.models.applying.application import ApplicationQuerySet
from policies.reviewers import REVIEWING, may_review
from portal.accounts.desks import Desk, act_at_desk, signed_in_person
from portal.accounts.models import Department
from portal.accounts.roles import Role

COUNTING: Final = (Role.SUPERVISOR,)
"""Roles that see the figures of every department."""


def act(request: HttpRequest, department: int) -> Desk:
    """Who acts at the review desk of the department, own or in a colleague's place; else ``Http404``."""
    user = signed_in_person(request)
    held = tuple(role for role in REVIEWING if may_review(user, department, role))
    if not held:
        raise Http404
    desk = Desk(user, get_object_or_404(Department, pk=department), held)
    request.desk = desk  # type: ignore[attr-defined]
    return desk


def act_for_figures(request: HttpRequest, department: int) -> Desk:
    """Who may look at figures here: the review desk, and who supervises all of them."""
    user = signed_in_person(request)
    if any(user.has_role(role, department) for role in COUNTING):
        return act_at_desk(request, department, *COUNTING)
    return act(request, department)


def counts_all(desk: Desk) -> bool:
    """Whether the figures shown here are those of the whole county."""
    return desk.holds(*COUNTING)


def applications_at(desk: Desk) -> ApplicationQuerySet:
    """What may be opened at this desk: what the department leads, and what it was asked about."""
    visible: ApplicationQuerySet = Application.objects.at({desk.department.pk})
    return visible


def led_at(desk: Desk) -> ApplicationQuerySet:
    """What the department itself decides."""
    led: ApplicationQuerySet = applications_at(desk).filter(item__department=desk.department)
    return led
