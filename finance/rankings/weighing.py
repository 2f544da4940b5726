"""The page of weights: what counts how much, a draft of other weights, its publication by another person."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from finance.models import RankingState, RankingVersion
from finance.office import act_at_office, frame
from finance.rankings import publishing
from finance.rankings.snapshot import MODEL
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError

MOST: Final = 100


class WeightsForm(forms.Form):
    """A weight for each indicator of a draft."""

    def __init__(self, draft: RankingVersion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in draft.indicators.all():
            self.fields[one.key] = forms.IntegerField(
                label=f"{one.group} · {one.label}", min_value=0, max_value=MOST, initial=one.weight
            )


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The version in use, and the draft if there is one."""
    desk = act_at_office(request, department)
    return _shown(request, desk, None)


@require_POST
def take_step(request: HttpRequest, department: int, step: str) -> HttpResponse:
    """Begin a draft, save its weights, publish it; what is refused is said on the page."""
    desk = act_at_office(request, department)
    draft = _draft()
    if step not in ("draft", "save", "publish"):
        raise Http404
    try:
        if step == "draft":
            publishing.start_draft(by=desk.user)
        elif draft is None:
            raise DomainError(_("没有草稿，请刷新页面。"), code="gone")
        elif step == "publish":
            publishing.publish(draft, by=desk.user, seen=request.POST.get("seen", ""))
        else:
            form = WeightsForm(draft, request.POST)
            if not form.is_valid():
                return _shown(request, desk, form)
            publishing.reweigh(draft, form.cleaned_data, by=desk.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("已办理。"))
    return redirect("desk_ranking_weights", department)


def _draft() -> RankingVersion | None:
    return RankingVersion.objects.filter(model__code=MODEL, state=RankingState.DRAFT).first()


def _shown(request: HttpRequest, desk: Desk, form: WeightsForm | None) -> HttpResponse:
    draft, used = _draft(), RankingVersion.objects.in_use(MODEL)
    own = draft is not None and draft.edited_by_id == desk.user.pk
    if draft is not None and own and form is None:
        form = WeightsForm(draft)
    version = draft or used
    indicators = list(version.indicators.all()) if version is not None else []
    context = frame(
        desk,
        "desk_ranking",
        used=used,
        indicators=indicators,
        total=sum(one.weight for one in indicators),
        draft=draft,
        seen=publishing.digest(draft) if draft is not None else "",
        own=own,
        form=form if own else None,
    )
    return render(
        request, "finance/rankings/weights.html", context, status=422 if form and form.errors else 200
    )
