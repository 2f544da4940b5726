"""Pages of notices: those that run, those of the last year, one with its form. Nobody needs to sign in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from policies.applying.deadlines import span_of
from policies.enums import ApplicationState
from policies.models import EnjoyNotice, EnjoyObjection, Objection, PublicNotice
from policies.models.applying.deadline import CONFIRM
from policies.notices.forms import AnswerForm, ObjectionForm
from policies.notices.objecting import object_to
from portal.kernel.errors import DomainError
from portal.kernel.numbers import plain_characters

PAGE_SIZE = 20
PAST_SHOWN = 10
LIMIT: Final = "objection"
"""The key in `ACCOUNT_RATE_LIMITS` of how many objections are taken from one network address."""
LOOKS: Final = "objection_answer"
"""The key there of how often answers are asked for."""
LISTS_SHOWN = 50
"""Lists of enterprises that need not apply: a county shows a few at a time."""


@login_not_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """What runs, soonest to end first, and folded below it the latest of what is over; searched by words."""
    now, words = timezone.now(), request.GET.get("q", "").strip()[:100]
    found = PublicNotice.objects.about(words).for_pages()
    whole_past = request.GET.get("tab") == "past"
    lists = EnjoyNotice.objects.about(words).for_pages()
    shown_lists = (
        lists.past(now).order_by("-closes_at") if whole_past else lists.running(now).order_by("closes_at")
    )
    past = found.past(now).order_by("-closes_at", "-pk")
    running = found.running(now).order_by("closes_at", "pk")
    page = Paginator(past if whole_past else running, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(shown_lists[:LISTS_SHOWN])
    context = {
        "words": words,
        "whole_past": whole_past,
        "lists": shown,
        "page": page,
        "count": len(shown) + page.paginator.count,
        "past": [] if whole_past else past[: PAST_SHOWN + 1],
        "past_shown": PAST_SHOWN,
    }
    return render(request, "notices/list.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: whose, for what, how much, until when, whom to call; the objection form while it runs."""
    now = timezone.now()
    notice = get_object_or_404(PublicNotice.objects.shown(now).for_pages(), pk=pk)
    form = ObjectionForm(request.POST or None)
    words = {
        "version": notice.application.version,
        "running": notice.is_running(now),
        "outcome": outcome_of(notice, now),
    }
    heard = _("异议已收到，主管部门核实后才会作出决定。")
    page = NoticePage("notices/notice.html", "objection", heard, words)
    return page.answer(request, notice, form, lambda: object_to(notice, form.words, at=now))


@dataclass(frozen=True)
class NoticePage:
    """The public page of one notice, of an application or of a list, with its form for objections.

    `receipt` is the url name of an objection's own page, `heard` what is said to a machine, `words` what the
    page shows besides: the `version`, whether it is `running`, the `outcome`.
    """

    template: str
    receipt: str
    heard: str
    words: Mapping[str, Any]

    def answer(
        self,
        request: HttpRequest,
        notice: PublicNotice | EnjoyNotice,
        form: ObjectionForm,
        keep: Callable[[], Objection | EnjoyObjection],
    ) -> HttpResponse:
        """Show it; or `keep` what was posted and go to its receipt. A refusal is said in the form (422)."""
        if request.method == "POST" and form.is_valid():
            try:
                if not form.is_of_a_machine:
                    require_few(request)
                    number = keep().number
                    return redirect(f"{reverse(self.receipt, args=[notice.pk])}?number={number}")
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, self.heard)
                return redirect(notice)
        context = {**self.words, "notice": notice, "form": form}
        return render(request, self.template, context, status=422 if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def objection_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of an objection, and its answer for who gives its number and telephone number."""
    notice = get_object_or_404(PublicNotice.objects.shown(timezone.now()).for_pages(), pk=pk)
    context = {
        "of": notice.application.enterprise.name,
        "department": notice.application.item.department.name,
        "term": span_of(CONFIRM, notice.application).number,
    }
    return answered_page(request, notice, context)


def answered_page(
    request: HttpRequest, notice: PublicNotice | EnjoyNotice, words: dict[str, Any]
) -> HttpResponse:
    """The page of one objection: its receipt by number, its answer by number and telephone number.

    `words`: whom the notice is `of`, the `department`, after it in how many working days (`term`) is decided,
    None of a list. The telephone number is posted, so that no log keeps what opens it.
    """
    given = request.GET.get("number", "")[:30]
    form = AnswerForm(request.POST or None, initial={"number": given})
    objections: Any = notice.objections
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            require_few(request, LOOKS)
            said = form.cleaned_data
            phones = {said["phone"].strip(), plain_characters(said["phone"])}
            found = objections.numbered(said["number"]).filter(phone__in=phones).first()
            if found is None:
                form.add_error(None, _("没有找到。请核对编号和提异议时留的电话。"))
        except DomainError as error:
            form.add_error(None, error.message)
    context = words | {
        "notice": notice,
        "received": None if request.method == "POST" else objections.numbered(given).first(),
        "objection": found,
        "form": form,
    }
    return render(request, "notices/objection.html", context, status=422 if form.errors else 200)


def require_few(request: HttpRequest, limit: str = LIMIT) -> None:
    """Raises DomainError when too many came from this network address.

    As with signing in, the address is kept in the cache for the time of the limit and nowhere else.
    """
    if not ratelimit.consume(request, action=limit):
        raise DomainError(_("您所在的网络提交得太多，请过一小时再提，或者打电话反映。"), code="too_many")


def outcome_of(notice: PublicNotice, now: dt.datetime) -> str:
    """What became of a notice that is over, in words; empty while it runs."""
    if notice.is_running(now):
        return ""
    if notice.ended_at is None:
        return _("公示已期满，等待审定。")
    application = notice.application
    latest = application.public_notices.latest("opened_at", "pk")
    if application.state == ApplicationState.APPROVED and latest == notice:
        return _("公示已结束，申报已审定通过。")
    return _("公示已中止，申报退回重新审核，没有按此作出决定。")
