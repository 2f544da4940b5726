"""An offer: what, how much, why, until when; one click takes it, or objects, or does without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enterprises.acting import act
from enterprises.actors import Actor
from enterprises.models import Enterprise
from policies.applying import drafts, sending
from policies.enjoying import accepting
from policies.models import EnjoyCandidate, EnjoyPlan
from policies.models.enjoying.vocabulary import CandidateState, Place, RunState, Way
from policies.money import accounts
from policies.money.pages.forms import AccountForm
from policies.money.pages.tracks import Track, track_of, tracked
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id

PAGE_SIZE: Final = 20
S = CandidateState


class ReasonForm(forms.Form):
    """Why."""

    text = forms.CharField(
        label=gettext_lazy("理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


@dataclass(frozen=True)
class Failed:
    """A form that was not taken, to be shown with what was written in it."""

    name: str
    form: forms.Form
    error: str = ""


@require_safe
def listing(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Everything that was offered to the enterprise, or that it is one step from; newest first."""
    actor = act(request, enterprise)
    rows = EnjoyCandidate.objects.of(actor).for_pages().defer("evidence").order_by("-pk")
    page_ = Paginator(rows.select_related("award"), PAGE_SIZE).get_page(request.GET.get("page"))
    _mark(actor.enterprise, page_.object_list)
    return render(request, "enjoying/list.html", {"enterprise": actor.enterprise, "page": page_})


@require_safe
def page(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """The offer, or what became of it; another enterprise's is 404."""
    actor = act(request, enterprise)
    return _page(request, actor, _own(actor, pk))


@require_POST
def accept(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Take it: into the account that was shown, or into the one that is given with the same click."""
    actor = act(request, enterprise)
    candidate, now = _own(actor, pk), timezone.now()
    account = posted_id(request.POST.get("account", ""))
    form = AccountForm(request.POST)
    if not account and not form.is_valid():
        return _page(request, actor, candidate, Failed("accept", form))
    try:
        if not account:
            given = form.cleaned_data
            account = accounts.give(actor, given["holder"], given["bank"], given["number"], at=now).pk
        accepting.accept(candidate, actor, account=account, at=now)
    except DomainError as error:
        return _page(request, actor, _own(actor, pk), Failed("accept", form, str(error)))
    messages.success(request, _("已确认领取，接下来由财政拨付。走到哪一步，这里随时能看。"))
    return redirect(candidate)


@require_POST
def say(request: HttpRequest, enterprise: int, pk: int, step: str) -> HttpResponse:
    """Object to it, or do without it; with a reason."""
    actor = act(request, enterprise)
    candidate = _own(actor, pk)
    work = {"object": accepting.object_to, "decline": accepting.decline}.get(step)
    if work is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, candidate, Failed(step, form))
    try:
        work(candidate, actor, form.cleaned_data["text"], at=timezone.now())
    except DomainError as error:
        return _page(request, actor, _own(actor, pk), Failed(step, form, str(error)))
    messages.success(
        request, _("已提出异议，主管部门会答复。") if step == "object" else _("已放弃这笔奖补。")
    )
    return redirect(candidate)


@require_POST
def apply(request: HttpRequest, enterprise: int, pk: int) -> HttpResponse:
    """Who is almost in applies: sent at once where nothing is left to ask, else the form, filled in."""
    actor = act(request, enterprise)
    candidate, now = _own(actor, pk), timezone.now()
    if candidate.place != Place.ALMOST or candidate.way == Way.MISSING:
        raise Http404
    try:
        application = drafts.start(actor, candidate.run.version, at=now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(candidate)
    if candidate.way == Way.CLICK and application.is_editable:
        try:
            sending.send(application, actor, at=now)
        except DomainError as error:
            messages.info(request, str(error))
        else:
            messages.success(request, _("已提交，部门核实后给您答复。"))
    return redirect(application)


def _mark(enterprise: Enterprise, rows: Iterable[Any]) -> None:
    """Give each row its `badge`: where the money is, once it was taken; else how the offer stands."""
    taken = {row.award_id: row.award for row in rows if row.award_id}
    badges = {track.award.pk: track.badge for track in tracked(enterprise, list(taken.values()))}
    for row in rows:
        row.badge = badges.get(row.award_id, (row.get_state_display(), row.colour))


def _own(actor: Actor, pk: int) -> EnjoyCandidate:
    rows = EnjoyCandidate.objects.of(actor).for_pages().select_related("award__enterprise")
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest, actor: Actor, candidate: EnjoyCandidate, failed: Failed | None = None
) -> HttpResponse:
    run = candidate.run
    track = track_of(candidate.award) if candidate.award else None
    open_ = candidate.state == S.OFFERED and run.takes_answers(timezone.now())
    form: forms.Form = AccountForm(initial={"holder": actor.enterprise.name})
    if failed and failed.name == "accept":
        form = failed.form if failed.form.is_bound and not request.POST.get("account") else form
    context = {
        "enterprise": actor.enterprise,
        "candidate": candidate,
        "run": run,
        "version": run.version,
        "open": open_,
        "account": accounts.current(actor.enterprise.pk) if open_ else None,
        "form": form,
        "object_form": _reason(failed, "object"),
        "decline_form": _reason(failed, "decline"),
        "failed": failed,
        "track": track,
        "steps": _steps(candidate, track),
        "events": candidate.events.filter(public=True).order_by("-at", "-pk"),
        "almost": candidate.place == Place.ALMOST,
    }
    return render(request, "enjoying/offer.html", context, status=422 if failed else 200)


def _reason(failed: Failed | None, name: str) -> forms.Form:
    return failed.form if failed and failed.name == name else ReasonForm(auto_id=f"{name}-%s")


def _steps(candidate: EnjoyCandidate, track: Track | None) -> list[tuple[Any, str]]:
    """Where it stands, as on the home page: found, confirmed, shown, nodded at, paid."""
    if candidate.place == Place.ALMOST or candidate.state in (S.EXCLUDED, S.DECLINED, S.LAPSED):
        return []
    labels = [_("筛出"), _("把关"), _("公示"), _("确认账户"), _("到账")]
    if not EnjoyPlan.of(candidate.run.version).notice_days and candidate.run.state != RunState.NOTICED:
        labels.pop(2)
    now = len(labels) - (1 if candidate.state == S.ACCEPTED else 2)
    if track is not None and track.state == "paid":
        now = len(labels)
    return [(label, "ok" if at < now else "now" if at == now else "") for at, label in enumerate(labels)]
