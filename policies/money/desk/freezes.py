"""The freeze button: a line, a batch or everything, at once; two people let it go on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from policies.models import BudgetLine, Freeze
from policies.models.money.budget import FreezeQuerySet
from policies.money import freezes
from policies.money.desk.acting import act, frame, lines_at
from policies.money.desk.forms import REASON
from policies.money.desk.slices import sliced
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError


def freezes_at(desk: Desk) -> FreezeQuerySet:
    """Those that hold this desk's payments back: of its lines, its batches, of everything."""
    own = Q(line__department=desk.department) | Q(batch__line__department=desk.department)
    found: FreezeQuerySet = Freeze.objects.filter(own | Q(line=None, batch=None))
    return found


class FreezeForm(forms.Form):
    """What is stopped, and why."""

    line = forms.ModelChoiceField(
        BudgetLine.objects.none(),
        label=gettext_lazy("冻结什么"),
        required=False,
        empty_label=gettext_lazy("全部拨付"),
        help_text=gettext_lazy("只冻结一个批次的，请到批次页面。"),
    )
    reason = forms.CharField(
        label=gettext_lazy("为什么冻结（立即生效）"),
        max_length=REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines: Any = self.fields["line"]
        lines.queryset = lines_at(desk)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, department: int) -> HttpResponse:
    """What is frozen, what was; sent by POST, freeze."""
    desk = act(request, department)
    form = FreezeForm(request.POST or None, desk=desk)
    if request.method == "POST" and form.is_valid():
        try:
            freezes.freeze(
                form.cleaned_data["line"], form.cleaned_data["reason"], by=desk.user, at=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已冻结。解冻须一人申请、另一人同意。"))
            return redirect("desk_money_freezes", department)
    people = ("by", "thaw_asked_by", "thawed_by", "line", "batch")
    found = freezes_at(desk).select_related(*people)
    context = frame(
        desk,
        "desk_money_freezes",
        form=form,
        live=list(found.live().order_by("-pk")),
        past=sliced(found.exclude(thawed_at=None), request.GET),
    )
    return render(request, "money/desk/freezes.html", context, status=422 if form.errors else 200)


@require_POST
def let_go(request: HttpRequest, department: int, pk: int, step: str) -> HttpResponse:
    """Ask for a thaw, or agree to one."""
    desk = act(request, department)
    frozen = get_object_or_404(freezes_at(desk), pk=pk)
    works = {"ask": freezes.ask_thaw, "agree": freezes.thaw}
    if step not in works:
        raise Http404
    try:
        works[step](frozen, by=desk.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        asked = _("已申请解冻，请另一位同事同意。")
        messages.success(request, asked if step == "ask" else _("已解冻，拨付可以继续。"))
    return redirect("desk_money_freezes", department)
