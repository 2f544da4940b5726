"""Where the platform recommends: the need is asked for first, then answered by what fits, with reasons."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enterprises.acting import act
from finance.portal.forms import NeedForm
from finance.portal.recommending import recommend


@require_safe
def need(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The questions; once they are answered, the best few products above them."""
    actor = act(request, enterprise)
    asked = any(request.GET.get(name) for name in NeedForm.base_fields)
    form = NeedForm(request.GET if asked else None)
    context = {"enterprise": actor.enterprise, "form": form}
    if asked and form.is_valid():
        context["need"] = form.need()
        context["found"] = recommend(actor.enterprise, form.need())
        context["query"] = urlencode({name: request.GET[name] for name in ("amount", "months", "purpose")})
    return render(request, "finance/portal/need.html", context)
