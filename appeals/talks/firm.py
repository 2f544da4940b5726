"""The enterprise's pages of talks: what is on, whether we come, our topics and what came of them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.models import Talk, TalkGuest, TalkTopic
from appeals.models.talk import GuestState, TalkState
from appeals.talks import signing
from appeals.talks.forms import AnswerForm, TopicForm
from enterprises.acting import act
from enterprises.actors import Actor
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20


@require_safe
def listing(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Talks that are on, and those the enterprise had a part in."""
    actor = act(request, enterprise)
    ours = TalkGuest.objects.filter(enterprise=actor.enterprise)
    rows = Talk.objects.all().of(actor).select_related("host").order_by("-held_at", "-pk")
    rows = rows.prefetch_related(Prefetch("guests", queryset=ours, to_attr="ours"))
    context = {
        "enterprise": actor.enterprise,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "today": timezone.localdate(),
    }
    return render(request, "appeals/talks/firm_list.html", context)


@require_safe
def talk(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """One talk."""
    actor = act(request, enterprise)
    return _shown(request, actor, _found_or_404(actor, pk))


@require_POST
def answer(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """We come, or not."""
    actor = act(request, enterprise)
    found = _found_or_404(actor, pk)
    form = AnswerForm(request.POST, auto_id="answer-%s")
    if form.is_valid():
        try:
            guest = signing.answer(actor, found, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            came = guest.state == GuestState.COMING
            messages.success(
                request, _("已报名，到时见。") if came else _("已告知不到会，题目可以书面提交。")
            )
            return redirect("enterprise_talk", enterprise, pk)
    return _shown(request, actor, found, {"answer": form}, status=422)


@require_POST
def topic(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Hand in a topic."""
    actor = act(request, enterprise)
    found = _found_or_404(actor, pk)
    form = TopicForm(request.POST, auto_id="topic-%s")
    if form.is_valid():
        try:
            signing.hand_in(actor, found, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("题目已提交。"))
            return redirect("enterprise_talk", enterprise, pk)
    return _shown(request, actor, found, {"topic": form}, status=422)


@require_POST
def take_back(request: HttpRequest, enterprise: int, pk: int, topic: int) -> HttpResponse:
    """Take an own topic back."""
    actor = act(request, enterprise)
    rows = TalkTopic.objects.filter(talk=_found_or_404(actor, pk), enterprise=actor.enterprise)
    try:
        signing.take_back(actor, get_object_or_404(rows, pk=topic))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("题目已撤回。"))
    return redirect("enterprise_talk", enterprise, pk)


def _found_or_404(actor: Actor, pk: int) -> Talk:
    found: Talk = get_object_or_404(Talk.objects.all().of(actor).select_related("host", "leader"), pk=pk)
    return found


def _shown(
    request: HttpRequest,
    actor: Actor,
    found: Talk,
    failed: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    wrong, today = failed or {}, timezone.localdate()
    guest = found.guests.filter(enterprise=actor.enterprise).first()
    ahead = found.state == TalkState.OPEN and found.held_at > timezone.now()
    first = {"name": actor.user.name, "phone": actor.user.mobile or "", "coming": "yes"}
    if guest is not None and guest.name:
        declined = guest.state == GuestState.DECLINED
        first = {"name": guest.name, "phone": guest.phone, "coming": "no" if declined else "yes"}
    collecting = ahead and found.opens_on <= today <= found.closes_on
    known = guest is not None and bool(guest.name)
    taken = found.guests.filter(state=GuestState.COMING).count()
    context = {
        "enterprise": actor.enterprise,
        "talk": found,
        "guest": guest,
        "known": known,
        "ahead": ahead,
        "collecting": collecting,
        "left": max(0, found.seats - taken),
        "topics": found.topics.filter(enterprise=actor.enterprise).select_related("appeal"),
        "why": found.events.filter(name="call_off").last() if found.state == TalkState.CANCELLED else None,
        "answer_form": wrong.get("answer") or AnswerForm(initial=first, auto_id="answer-%s"),
        "topic_form": wrong.get("topic") or TopicForm(auto_id="topic-%s"),
    }
    return render(request, "appeals/talks/firm_talk.html", context, status=status)
