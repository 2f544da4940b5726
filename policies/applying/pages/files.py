"""Files of an application: brought, handed out to those it concerns, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enterprises.acting import act
from policies.applying import files
from policies.applying.pages.form import after_keeping, told
from policies.applying.pages.keeping import keep
from policies.applying.pages.own import asked_by_script, own, to_page
from policies.models import ApplicationFile
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError


@require_POST
def attach(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Bring files, each in the field of its material; what was typed beside them is kept too."""
    actor = act(request, enterprise)
    own(actor, number)
    kept = keep(request, actor, number)
    if asked_by_script(request):
        return told(kept)
    return after_keeping(request, actor, number, kept)


@require_safe
def show(request: HttpRequest, enterprise: int, number: str, pk: int) -> FileResponse:
    """A file of an own application, also one taken away since; else 404."""
    actor = act(request, enterprise)
    mine = ApplicationFile.objects.filter(
        application__enterprise=actor.enterprise, application__number=number
    )
    kept = get_object_or_404(mine, pk=pk)
    return hand_out(kept.file, kept.name)


@require_POST
def remove(request: HttpRequest, enterprise: int, number: str, pk: int) -> HttpResponse:
    """Take a file away; what was typed in the form that the button stands in is kept first."""
    actor = act(request, enterprise)
    application = own(actor, number)
    if not application.files.filter(pk=pk).exists():
        raise Http404
    kept = keep(request, actor, number)
    try:
        files.remove(application, pk, at=timezone.now())
    except DomainError as error:
        if asked_by_script(request):
            return JsonResponse({"code": error.code, "words": str(error), "refused": []}, status=409)
        messages.error(request, str(error))
        return to_page(application)
    if asked_by_script(request):
        return told(kept)
    return after_keeping(request, actor, number, kept)
