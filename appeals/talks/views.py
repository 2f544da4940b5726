"""A desk's talks: lists, one talk with its topics and guests, and every step that is taken with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appeals.desk.acting import holds
from appeals.desk.places import Places
from appeals.models import Talk, TalkTopic
from appeals.models.talk import GuestState, TalkState
from appeals.talks import following, holding, signing
from appeals.talks.acting import KEEPERS, act, keeps, talks_at
from appeals.talks.forms import (
    HandOverForm,
    InviteForm,
    MinutesForm,
    NoteForm,
    ReasonForm,
    TalkForm,
)
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20
TABS: Final = (
    ("coming", gettext_lazy("将要召开"), Q(state=TalkState.OPEN)),
    ("draft", gettext_lazy("草稿"), Q(state=TalkState.DRAFT)),
    ("over", gettext_lazy("已召开、已取消"), Q(state__in=(TalkState.HELD, TalkState.CANCELLED))),
)


@require_safe
def listing(request: HttpRequest, department: int) -> HttpResponse:
    """The talks that are this desk's business, by how they stand."""
    desk = act(request, department)
    rows = talks_at(desk)
    counts = rows.order_by().aggregate(**{key: Count("pk", filter=wanted) for key, _label, wanted in TABS})
    chosen = request.GET.get("tab", "")
    key, _label, wanted = next((tab for tab in TABS if tab[0] == chosen), TABS[0])
    found = (
        rows.filter(wanted)
        .select_related("host")
        .annotate(
            coming=Count("guests", filter=Q(guests__state=GuestState.COMING), distinct=True),
            asked=Count("topics", distinct=True),
        )
    )
    ordered = found.order_by("-held_at" if key == "over" else "held_at", "pk")
    context = {
        "department": desk.department,
        "tabs": [
            {"url": f"?tab={name}", "label": label, "count": counts[name], "current": name == key}
            for name, label, _wanted in TABS
        ],
        "tab": key,
        "page": Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_hold": holds(desk, *KEEPERS),
    }
    return render(request, "appeals/talks/list.html", context)


@require_safe
def follow_up(request: HttpRequest, department: int) -> HttpResponse:
    """Topics that became appeals: handed over and answered in time, or not."""
    desk = act(request, department)
    rows = following.followed(talks_at(desk))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"department": desk.department, "page": page, "now": timezone.now()}
    return render(request, "appeals/talks/follow.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, department: int, pk: int | None = None) -> HttpResponse:
    """Write a new talk of the department, or change one that is not over."""
    desk = act(request, department, *KEEPERS)
    talk = _kept_or_404(desk, pk) if pk else None
    form = TalkForm(request.POST or None, instance=talk, host=talk.host if talk else desk.department)
    if request.method == "POST" and form.is_valid():
        try:
            made = holding.keep(form.save(commit=False), form.cleaned_data["attending"], by=desk.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已保存。"))
            return redirect("desk_talk", department, made.pk)
    context = {"department": desk.department, "form": form, "talk": talk}
    status = 422 if request.method == "POST" else 200
    return render(request, "appeals/talks/edit.html", context, status=status)


@require_safe
def talk(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One talk."""
    desk = act(request, department)
    return _shown(request, desk, _found_or_404(desk, pk))


STEPS: Final[dict[str, tuple[type[forms.Form], Callable[[Talk, dict[str, Any], Desk], str]]]] = {}


def _step(name: str, form: type[forms.Form]) -> Callable[[Any], Any]:
    def add(work: Any) -> Any:
        STEPS[name] = (form, work)
        return work

    return add


@_step("publish", forms.Form)
def _publish(talk: Talk, given: dict[str, Any], desk: Desk) -> str:
    holding.publish(talk, by=desk.user)
    return _("已发布，企业可以报名、交题了。")


@_step("off", ReasonForm)
def _call_off(talk: Talk, given: dict[str, Any], desk: Desk) -> str:
    holding.call_off(talk, given["text"], by=desk.user)
    return _("已取消并通知。")


@_step("hold", MinutesForm)
def _hold(talk: Talk, given: dict[str, Any], desk: Desk) -> str:
    holding.hold(talk, given["minutes"], by=desk.user)
    return _("纪要已登记，请逐题答复或转办。")


@_step("invite", InviteForm)
def _invite(talk: Talk, given: dict[str, Any], desk: Desk) -> str:
    return _("已邀请 %(count)d 家。") % {"count": signing.invite(talk, given["firms"])}


@require_POST
def step(request: HttpRequest, department: int, pk: int, name: str) -> HttpResponse:
    """Take a step with a talk that one runs; what is refused is said beside its form (422)."""
    desk = act(request, department, *KEEPERS)
    found = _kept_or_404(desk, pk)
    if name not in STEPS:
        raise Http404
    kind, work = STEPS[name]
    form = kind(request.POST, auto_id=f"{name}-%s")
    if form.is_valid():
        try:
            messages.success(request, work(found, form.cleaned_data, desk))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("desk_talk", department, pk)
    return _shown(request, desk, _found_or_404(desk, pk), {name: form}, status=422)


@require_POST
def note(request: HttpRequest, department: int, pk: int, topic: int) -> HttpResponse:
    """Keep what was answered at the talk."""
    desk = act(request, department, *KEEPERS)
    found = _topic_or_404(desk, pk, topic)
    form = NoteForm(request.POST)
    try:
        if not form.is_valid():
            raise DomainError(_("请写明现场答复。"))
        following.answer_on_the_spot(found, form.cleaned_data["note"], by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("现场答复已保存，企业会收到消息。"))
    return redirect("desk_talk", department, pk)


@require_POST
def hand_over(request: HttpRequest, department: int, pk: int, topic: int) -> HttpResponse:
    """Make a topic an appeal, handed to a department at once when one is chosen."""
    desk = act(request, department, *KEEPERS)
    found = _topic_or_404(desk, pk, topic)
    form = HandOverForm(request.POST, places=Places(desk.department, timezone.localdate()))
    try:
        if not form.is_valid():
            raise DomainError(_("请选择单位。"))
        made = following.hand_over(found, form.cleaned_data["target"], by=desk.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = _("已转为诉求 %(number)s：2 个工作日内交办，2 周内答复。")
        messages.success(request, words % {"number": made.number})
    return redirect("desk_talk", department, pk)


@require_POST
def hand_over_all(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """Make appeals of all topics that were neither answered nor handed over; the desk hands them out."""
    desk = act(request, department, *KEEPERS)
    found = _kept_or_404(desk, pk)
    left = found.topics.filter(appeal=None, note="").order_by("pk")
    count = 0
    try:
        for each in left:
            following.hand_over(each, None, by=desk.user)
            count += 1
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已把 %(count)d 个题目转为诉求。") % {"count": count})
    return redirect("desk_talk", department, pk)


def _shown(
    request: HttpRequest, desk: Desk, found: Talk, failed: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    kept, over = keeps(desk, found), found.state in following.OVER
    topics = found.topics.select_related("enterprise", "appeal")
    wrong = failed or {}
    blank = {name: wrong.get(name) or kind(auto_id=f"{name}-%s") for name, (kind, _work) in STEPS.items()}
    guests = list(found.guests.select_related("enterprise").order_by("state", "pk"))
    places = Places(desk.department, timezone.localdate())
    context = {
        "department": desk.department,
        "talk": found,
        "attending": found.attending.order_by("code"),
        "topics": topics,
        "left": sum(not each.appeal_id and not each.note for each in topics),
        "guests": guests,
        "coming": sum(guest.state == GuestState.COMING for guest in guests),
        "events": found.events.select_related("actor"),
        "keeps": kept,
        "over": over,
        "begun": found.held_at <= timezone.now(),
        "forms": blank,
        "failed": next(iter(wrong), ""),
        "targets": HandOverForm(places=places).targets() if kept and over else [],
    }
    return render(request, "appeals/talks/talk.html", context, status=status)


def _found_or_404(desk: Desk, pk: int) -> Talk:
    found: Talk = get_object_or_404(talks_at(desk).select_related("host", "leader"), pk=pk)
    return found


def _kept_or_404(desk: Desk, pk: int) -> Talk:
    found = _found_or_404(desk, pk)
    if not keeps(desk, found):
        raise Http404
    return found


def _topic_or_404(desk: Desk, pk: int, topic: int) -> TalkTopic:
    return get_object_or_404(TalkTopic, talk=_kept_or_404(desk, pk), pk=topic)
