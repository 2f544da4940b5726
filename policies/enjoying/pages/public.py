"""The public notice of a list: who is about to get how much, and a form for objections. Nobody signs in."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from policies.enjoying.noticing import object_to
from policies.models import EnjoyNotice, EnjoyObjection
from policies.models.enjoying.vocabulary import OVER, RunState
from policies.notices.forms import ObjectionForm
from policies.notices.views import NoticePage, answered_page

PAGE_SIZE: Final = 50


class ListObjectionForm(ObjectionForm):
    """The same, and against which enterprise of the list."""

    firm = forms.CharField(
        label=gettext_lazy("对哪家企业"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("写名单上的企业名称；对整份名单有异议的不填"),
    )
    field_order = ("firm", "name", "phone", "text")

    class Meta(ObjectionForm.Meta):
        model = EnjoyObjection  # type: ignore[assignment]

    def __init__(self, *args: Any, notice: EnjoyNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice = notice

    def clean_firm(self) -> Any:
        """The candidate that is named; None for the whole list."""
        name = self.cleaned_data["firm"].strip()
        if not name:
            return None
        found = self.notice.run.candidates.standing().filter(enterprise__name=name).first()
        if found is None:
            raise forms.ValidationError(_("名单上没有这家企业，请照名单上的全称写。"))
        return found


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One list: the enterprises in their order, until when, whom to call; the form while it runs."""
    now = timezone.now()
    notice = get_object_or_404(EnjoyNotice.objects.shown(now).for_pages(), pk=pk)
    form = ListObjectionForm(request.POST or None, notice=notice)
    run = notice.run
    rows = run.candidates.standing().select_related("enterprise").defer("evidence").order_by("rank")
    words = {
        "run": run,
        "version": run.version,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "running": notice.is_running(now) and run.state not in OVER,
        "outcome": outcome_of(notice, now),
    }
    heard = _("异议已收到，主管部门核实后才会通知企业。")
    shown = NoticePage("enjoying/notice.html", "enjoy_objection", heard, words)
    return shown.answer(
        request, notice, form, lambda: object_to(notice, form.cleaned_data["firm"], form.words, at=now)
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def objection_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of an objection to a list, and its answer, as of one to a single application."""
    notice = get_object_or_404(EnjoyNotice.objects.shown(timezone.now()).for_pages(), pk=pk)
    context = {
        "of": notice.run.version.title,
        "department": notice.run.item.department.name,
        "term": None,
    }
    return answered_page(request, notice, context)


def outcome_of(notice: EnjoyNotice, now: dt.datetime) -> str:
    """What became of a notice that is over, in words; empty while it runs."""
    if notice.run.state == RunState.CANCELLED:
        return _("公示已中止，名单已取消：%(reason)s") % {"reason": notice.run.cancel_reason}
    if notice.is_running(now):
        return ""
    if notice.run.state == RunState.NOTICED:
        return _("公示已期满，核实异议后通知企业。")
    return _("公示已结束，已通知名单上的企业确认领取。")
