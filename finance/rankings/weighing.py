"""The page of weights: what counts how much, a draft of other weights, published by another."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from finance.models import Indicator, RankingVersion
from finance.office import act_at_office, frame
from finance.rankings import publishing
from finance.rankings.snapshot import MODEL
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.versions import MOST_WORDS

MOST: Final = 100
Row = tuple[Indicator, int | None]
"""An indicator of what is shown, and what it weighs in the version in use."""


class WeightsForm(forms.Form):
    """A weight for each indicator of a draft, beside what it weighs now."""

    def __init__(self, rows: list[Row], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one, before in rows:
            self.fields[one.key] = forms.IntegerField(
                label=f"{one.group} · {one.label}",
                min_value=0,
                max_value=MOST,
                initial=one.weight,
                help_text=_("使用中：%(weight)d") % {"weight": before} if before is not None else "",
            )


class DiscardForm(forms.Form):
    """Why a draft is let go."""

    reason = forms.CharField(
        label=gettext_lazy("放弃的原因"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The version in use, and the draft if there is one."""
    desk = act_at_office(request, department)
    return _shown(request, desk, None)


@require_POST
def take_step(request: HttpRequest, department: int, step: str) -> HttpResponse:
    """Begin a draft, save its weights, publish it or let it go; what is refused is said on the page."""
    desk = act_at_office(request, department)
    draft = RankingVersion.objects.draft_of(MODEL)
    if step not in ("draft", "save", "publish", "discard"):
        raise Http404
    try:
        if step == "draft":
            publishing.start_draft(by=desk.user)
        elif draft is None:
            raise DomainError(_("没有草稿，请刷新页面。"), code="gone")
        elif step == "publish":
            publishing.publish(draft, by=desk.user, seen=request.POST.get("seen", ""))
        elif step == "discard":
            publishing.discard(draft, by=desk.user, reason=request.POST.get("reason", ""))
        else:
            form = WeightsForm(_rows(draft, RankingVersion.objects.in_use(MODEL)), request.POST)
            if not form.is_valid():
                return _shown(request, desk, form)
            publishing.reweigh(draft, form.cleaned_data, by=desk.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("已办理。"))
    return redirect("desk_ranking_weights", department)


def _rows(shown: RankingVersion | None, used: RankingVersion | None) -> list[Row]:
    """Each indicator of a version with its weight in the one in use; None where that has no such one."""
    if shown is None:
        return []
    before = {one.key: one.weight for one in used.indicators.all()} if used is not None else {}
    return [(one, before.get(one.key)) for one in shown.indicators.all()]


def _shown(request: HttpRequest, desk: Desk, form: WeightsForm | None) -> HttpResponse:
    draft, used = RankingVersion.objects.draft_of(MODEL), RankingVersion.objects.in_use(MODEL)
    rows = _rows(draft or used, used)
    indicators = [one for one, _before in rows]
    total = sum(one.weight for one in indicators)
    edits = desk.holds(Role.EDITOR)
    own = draft is not None and draft.edited_by_id == desk.user.pk
    if own and edits and form is None:
        form = WeightsForm(rows)
    context = frame(
        desk,
        "desk_ranking",
        used=used,
        draft=draft,
        rows=rows,
        total=total,
        whole=total == publishing.WHOLE,
        seen=publishing.digest(indicators) if draft is not None else "",
        own=own,
        edits=edits,
        publishes=desk.holds(Role.PUBLISHER) and not own,
        form=form if own and edits else None,
        discard=DiscardForm() if draft is not None and edits else None,
    )
    return render(
        request, "finance/rankings/weights.html", context, status=422 if form and form.errors else 200
    )
