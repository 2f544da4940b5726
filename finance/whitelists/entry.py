"""One enterprise of a list at the department's desk: why it is on it, and taking it off with a reason."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from finance.models import WhitelistEntry, WhitelistState
from finance.office import act, frame
from finance.whitelists.desk import held_at
from finance.whitelists.duties import DRAWING
from finance.whitelists.excluding import MOST_WORDS, exclude, restore
from finance.whitelists.sight import Sight
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError

STEPS: Final = {
    "exclude": (exclude, gettext_lazy("已剔除。")),
    "restore": (restore, gettext_lazy("已恢复。")),
}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_safe
def page(request: HttpRequest, department: int, pk: int, entry: int) -> HttpResponse:
    """Its evidence, condition by condition, and what banks said."""
    desk = act(request, department)
    return _shown(request, desk, _entry(desk, pk, entry), ReasonForm())


@require_POST
def take_step(request: HttpRequest, department: int, pk: int, entry: int, step: str) -> HttpResponse:
    """Take it off or put it back; what is refused is said beside the form (422)."""
    desk = act(request, department)
    listed = _entry(desk, pk, entry)
    if step not in STEPS:
        raise Http404
    take, done = STEPS[step]
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            take(listed, form.cleaned_data["reason"], by=desk.user, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(done))
            return redirect("desk_whitelist_entry", department, pk, entry)
    return _shown(request, desk, listed, form)


def _entry(desk: Desk, pk: int, entry: int) -> WhitelistEntry:
    held = held_at(desk, pk)
    rows = held.entries.select_related("enterprise__region", "excluded_by")
    found = get_object_or_404(rows, pk=entry)
    found.whitelist = held
    return found


def _shown(request: HttpRequest, desk: Desk, entry: WhitelistEntry, form: ReasonForm) -> HttpResponse:
    held, sight = entry.whitelist, Sight.of(desk)
    context = frame(
        desk,
        "desk_whitelists",
        held=held,
        entry=entry,
        sight=sight,
        conditions=sight.conditions(entry),
        results=entry.results.select_related("bank", "by").order_by("-at"),
        words=entry.words.select_related("bank", "by").order_by("-pk"),
        form=form,
        step="restore" if entry.excluded else "exclude",
        label=_("恢复") if entry.excluded else _("剔除"),
        may_change=held.state == WhitelistState.DRAFT and desk.holds(*DRAWING),
    )
    status = 422 if form.errors else 200
    return render(request, "finance/office/whitelist_entry.html", context, status=status)
