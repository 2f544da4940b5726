"""The page of one appeal: whose it is, and how it is shown with what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from appeals.models import Appeal
from appeals.portal.story import Story
from enterprises.actors import Actor


def own(actor: Actor, number: str) -> Appeal:
    """The enterprise's own appeal of that number, or `Http404`; one query."""
    known = Appeal.objects.all().of(actor).select_related("category", "about", "merged_into", "enterprise")
    return get_object_or_404(known, number=number)


def shown(
    request: HttpRequest, actor: Actor, story: Story, steps: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page of an appeal; `steps` are what may be done with it, each with its form."""
    context = {"enterprise": actor.enterprise, "story": story, "appeal": story.appeal, "steps": steps}
    return render(request, "appeals/portal/appeal.html", context, status=status)
