"""The enterprise's applications: the list, one of them, its receipt."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from enterprises.acting import act
from policies.applying.letter import letter_pdf
from policies.applying.pages.form import form_page
from policies.applying.pages.own import own, to_page
from policies.applying.pages.story import Story, story_page
from policies.applying.pages.waiting import OVER, WAITING, with_deadlines
from policies.enums import UNDER_REVIEW
from policies.models import Application
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20
TABS: Final = (
    ("mine", _("待我处理"), WAITING),
    ("open", _("办理中"), Q(state__in=UNDER_REVIEW)),
    ("closed", _("已办结"), Q(state__in=OVER)),
    ("all", _("全部"), Q()),
)


@require_safe
def listing(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The enterprise's applications by what is to be done, searched, the newest first."""
    actor = act(request, enterprise)
    words = request.GET.get("q", "").strip()[:80]
    found = Application.objects.of(actor)
    for word in words.split():
        found = found.filter(Q(number__icontains=word) | Q(version__title__icontains=word))
    counts = found.order_by().aggregate(
        **{key: Count("pk", filter=wanted) if wanted else Count("pk") for key, _label, wanted in TABS}
    )
    chosen = request.GET.get("tab", "")
    if chosen not in counts:
        chosen = next((key for key in ("mine", "open") if counts[key]), "all")
    wanted = next(wanted for key, _label, wanted in TABS if key == chosen)
    rows = with_deadlines(found.filter(wanted).for_lists()).order_by("-pk")
    paginator = Paginator(rows, PAGE_SIZE)
    paginator.count = counts[chosen]  # counted with the tabs already
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "enterprise": actor.enterprise,
        "page": page,
        "words": words,
        "tab": chosen,
        "today": timezone.localdate(),
        "tabs": [
            {"url": _address(key, words), "label": label, "count": counts[key], "current": key == chosen}
            for key, label, _wanted in TABS
        ],
    }
    return render(request, "applying/list.html", context)


@require_safe
def application(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """The form while it may be changed, else where it stands; another enterprise's is 404."""
    found = own(act(request, enterprise), number)
    return form_page(request, found) if found.is_editable else story_page(request, found)


@require_safe
def receipt(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """What proves that it was sent, to be printed; a draft leads to its form."""
    found = own(act(request, enterprise), number)
    if found.submitted_at is None:
        return to_page(found)
    story = Story.of(found)
    context = {"enterprise": found.enterprise, "application": found, "version": found.version, "story": story}
    return render(request, "applying/receipt.html", context)


@require_safe
def letter(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """The decision letter as PDF; before the decision it leads to the application's page."""
    people = ("item__department", "proposed_by", "decided_by")
    found = own(act(request, enterprise), number, *people)
    try:
        made = letter_pdf(found, timezone.now())
    except DomainError as error:
        messages.info(request, str(error))
        return to_page(found)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _address(tab: str, words: str) -> str:
    return "?" + urlencode({"tab": tab} | ({"q": words} if words else {}))
