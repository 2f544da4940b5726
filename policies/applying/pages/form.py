"""The form of an application: shown while it may be changed, saved as it is typed, judged beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enterprises.acting import act
from enterprises.actors import Actor
from policies.applying.access import require_open
from policies.applying.drafts import Saving
from policies.applying.pages.differences import differences
from policies.applying.pages.keeping import Kept, keep
from policies.applying.pages.own import asked_by_script, own
from policies.applying.pages.posted import POINT
from policies.applying.pages.story import Story, story_page
from policies.applying.sending import current_version
from policies.applying.sheet import Sheet
from policies.enums import ApplicationState
from policies.models import AmendmentPoint, Application, ApplicationFile
from policies.standing import standing
from portal.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class AskedPoint:
    """A point that is to be amended, what it is about, and the files that were brought for it since."""

    point: AmendmentPoint
    about: str
    files: list[ApplicationFile]

    @property
    def place(self) -> str:
        """By which the fields of its files are called."""
        return f"{POINT}{self.point.pk}"


def form_page(request: HttpRequest, application: Application, failed: Kept | None = None) -> HttpResponse:
    """The form; after a refusal with what was typed in its fields, and what a colleague kept beside it."""
    today = timezone.localdate()
    sheet = Sheet.of(application, today)
    context: dict[str, Any] = {"unsaved": []}
    if failed is not None and failed.error is not None:
        context = {"refusal": str(failed.error), "unsaved": differences(sheet, failed.saving)}
        sheet = _as_typed(application, failed.saving)
    if application.state == ApplicationState.DRAFT:
        context |= _ways_on(application)
    context |= judged(sheet)
    return render(request, "applying/form.html", context, status=status_of(failed))


def judged(sheet: Sheet) -> dict[str, Any]:
    """What the form and its live part show of a sheet."""
    application, explanation = sheet.application, sheet.explanation
    returned = application.state == ApplicationState.RETURNED
    url = reverse("enterprise_application", args=[application.enterprise_id, application.number])
    return {
        "enterprise": application.enterprise,
        "application": application,
        "version": application.version,
        "sheet": sheet,
        "problems": sheet.problems,
        "points": _points(sheet),
        "story": Story.of(application) if returned else None,
        "explanation": explanation,
        "standing": standing(application.version, explanation, url, sheet.knowledge),
        "amount_rows": [row for row in explanation.amount_rows if row.state != "off"],
    }


@require_POST
def save(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Keep what was typed. A script is told the new revision, a person is led to what comes next."""
    actor = act(request, enterprise)
    kept = keep(request, actor, number)
    if asked_by_script(request):
        return told(kept)
    return after_keeping(request, actor, number, kept)


@require_safe
def figures(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """The verdict, the amount, what is missing and what is asked by now, as parts of the form's page."""
    application = own(act(request, enterprise), number)
    if not application.is_editable:
        answer = HttpResponse(status=204)
        answer.headers["HX-Redirect"] = application.get_absolute_url()
        return answer
    return render(request, "applying/figures.html", judged(Sheet.of(application, timezone.localdate())))


def told(kept: Kept) -> JsonResponse:
    """The answer to a script: `revision` and `words`, or `code` and `words` of a refusal; `refused` files."""
    refused = list(kept.refused)
    if kept.error is not None:
        refusal = {"code": kept.error.code, "words": str(kept.error), "refused": refused}
        return JsonResponse(refusal, status=status_of(kept))
    clock = timezone.localtime().strftime("%H:%M")
    words = _("已保存 %(clock)s") % {"clock": clock}
    return JsonResponse({"revision": kept.revision, "words": words, "refused": refused})


def after_keeping(request: HttpRequest, actor: Actor, number: str, kept: Kept) -> HttpResponse:
    """Where a posted form leads: to checking when that was wanted, back to the form, or to it as refused."""
    for line in kept.refused:
        messages.error(request, line)
    if kept.error is not None:
        return refused_page(request, own(actor, number), kept)
    if request.POST.get("then") == "check" and not kept.refused:
        return redirect("application_send", actor.enterprise.pk, number)
    if not kept.refused:
        messages.success(request, _("已保存。可以随时回来，在别的设备上也能接着填。"))
    return redirect("enterprise_application", actor.enterprise.pk, number)


def refused_page(request: HttpRequest, application: Application, kept: Kept) -> HttpResponse:
    """The page of an application with what could not be kept of the words just typed."""
    if application.is_editable:
        return form_page(request, application, kept)
    sheet = Sheet.of(application, timezone.localdate())
    unsaved = {"refusal": str(kept.error), "unsaved": differences(sheet, kept.saving)}
    return story_page(request, application, unsaved, status=status_of(kept))


def status_of(kept: Kept | None) -> int:
    """409 when somebody was faster, 422 when the words themselves are refused."""
    if kept is None or kept.error is None:
        return 200
    return 409 if kept.error.code == "stale" else 422


def _points(sheet: Sheet) -> list[AskedPoint]:
    labels = {question.key: question.spec.label for question in sheet.questions}
    return [
        AskedPoint(point, labels.get(point.target, point.target), sheet.brought_for(point))
        for point in sheet.points
    ]


def _as_typed(application: Application, typed: Saving) -> Sheet:
    """The sheet with what was typed laid over what is kept; nothing is stored."""
    application.answers = {**application.answers, **typed.answers}
    application.notes = {**application.notes, **typed.notes}
    if typed.contact_name is not None:
        application.contact_name = typed.contact_name
    if typed.contact_phone is not None:
        application.contact_phone = typed.contact_phone
    sheet = Sheet.of(application, timezone.localdate())
    for point in sheet.points:
        point.reply = typed.replies.get(point.pk, point.reply)
    return sheet


def _ways_on(application: Application) -> dict[str, Any]:
    """Of a draft: the version that came after its own, or why it cannot be sent today."""
    today = timezone.localdate()
    current = current_version(application, today)
    if current is not None and current.pk != application.version_id:
        return {"newer": current}
    try:
        require_open(application.version, today, application.enterprise)
    except DomainError as error:
        return {"closed": str(error)}
    return {}
