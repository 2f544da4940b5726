"""The dossier of an appeal, handed out and written down that it was."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from appeals.desk.acting import READING, act, orders_at
from appeals.dossier.content import content
from appeals.models import Appeal
from appeals.steps import record_appeal
from portal.kernel.errors import DomainError
from portal.kernel.http import writes_on_get
from portal.kernel.typesetting import pdf

TEMPLATE: Final = Path(__file__).with_name("dossier.typ")


@writes_on_get
@require_GET
def dossier(request: HttpRequest, department: int, number: str) -> HttpResponse:
    """The PDF, for who may open an order of the appeal; who opened it stands in its history."""
    desk = act(request, department, *READING)
    mine = orders_at(desk).filter(appeal__number=number)
    related = ("enterprise", "category", "about", "merged_into", "problem")
    appeals = Appeal.objects.visible_to(desk.user).select_related(*related)
    appeal = get_object_or_404(appeals.filter(pk__in=mine.values("appeal")), number=number)
    now = timezone.now()
    try:
        made = pdf(TEMPLATE, content(desk, appeal, now), now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk_order", department, mine.order_by("pk").values_list("pk", flat=True)[0])
    record_appeal(appeal, "dossier", by=desk.user)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{appeal.number}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
