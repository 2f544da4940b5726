"""The lists of a department, one list with its tabs, and the steps that are taken on it."""

from __future__ import annotations

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

from enterprises.finding import named
from policies.enjoying import noticing, runs
from policies.enjoying.confirming import Seen
from policies.enjoying.desk.steps import RUN_STEPS, WordsForm, forms_for, take
from policies.enums import Benefit, Mode
from policies.models import EnjoyObjection, EnjoyPlan, EnjoyRun, ItemVersion, PolicyItem
from policies.models.enjoying.vocabulary import OVER, Place, RunState
from policies.reviewing.desk.acting import act
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 50
WAY_OF_RUN: Final = (
    (RunState.SELECTING, gettext_lazy("筛选")),
    (RunState.LISTED, gettext_lazy("把关")),
    (RunState.PROPOSED, gettext_lazy("审定")),
    (RunState.NOTICED, gettext_lazy("公示")),
    (RunState.OFFERED, gettext_lazy("企业确认")),
    (RunState.CLOSED, gettext_lazy("办结")),
)
"""The steps of a list as its page shows them; one that needs no notice passes over it."""


class StartForm(forms.Form):
    """Which item is to be run."""

    item = forms.ModelChoiceField(
        PolicyItem.objects.none(), label=gettext_lazy("哪项政策"), empty_label=gettext_lazy("请选择")
    )

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = ItemVersion.objects.in_force(timezone.localdate())
        enjoyed = versions.filter(
            mode=Mode.ENJOY, benefit=Benefit.MONEY, item__department=desk.department
        ).values("item")
        field: Any = self.fields["item"]
        field.queryset = (
            PolicyItem.objects.filter(pk__in=enjoyed).select_related("rule").order_by("rule__label")
        )
        field.label_from_instance = lambda item: item.title


class AnswerForm(forms.Form):
    """What was found out about an objection, and whether it is right."""

    upheld = forms.TypedChoiceField(
        label=gettext_lazy("异议是否成立"),
        coerce=lambda text: text == "yes",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("核实的情况和处理结果"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, of: EnjoyObjection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yes = _("成立，逐家移出有关企业，或取消名单")
        if of.candidate:
            yes = _("成立，把“%(firm)s”移出名单") % {"firm": of.candidate.enterprise.name}
        choice: Any = self.fields["upheld"]
        choice.choices = [("no", _("不成立")), ("yes", yes)]


@require_safe
def listing(request: HttpRequest, department: int) -> HttpResponse:
    """Lists in hand, or those that are over; where a new one is begun."""
    return _listing(request, act(request, department))


@require_POST
def begin(request: HttpRequest, department: int) -> HttpResponse:
    """Begin a run by hand, and go to its page; what is refused is said beside the form (422)."""
    desk = act(request, department)
    form = StartForm(request.POST, desk=desk)
    if form.is_valid():
        try:
            run = runs.start(form.cleaned_data["item"], by=desk.user, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("正在按官方数据筛选全县企业。"))
            return redirect(run)
    return _listing(request, desk, form)


@require_safe
def page(request: HttpRequest, department: int, run: int) -> HttpResponse:
    """One list: where it stands, who is in, almost in, out, and what may be done."""
    desk = act(request, department)
    return _page(request, desk, run_at(desk, run))


@require_POST
def take_step(request: HttpRequest, department: int, run: int, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422), and nothing that was written is lost."""
    desk = act(request, department)
    found = run_at(desk, run)
    if step not in RUN_STEPS or not desk.holds(*RUN_STEPS[step].roles):
        raise Http404
    form = RUN_STEPS[step].form(step, request.POST)
    if not take(RUN_STEPS[step], found, desk, form):
        return _page(request, desk, run_at(desk, run), (step, form))
    messages.success(request, str(RUN_STEPS[step].done))
    return redirect("desk_enjoy_run", department, run)


@require_POST
def answer(request: HttpRequest, department: int, run: int, pk: int) -> HttpResponse:
    """Answer an objection to the notice; a refusal is told on the page of the list."""
    desk = act(request, department)
    found = run_at(desk, run)
    objection = get_object_or_404(EnjoyObjection, pk=pk, notice__run=found)
    form = AnswerForm(request.POST, of=objection)
    if not form.is_valid():
        messages.error(request, _("请选择异议是否成立，并写明核实的情况。"))
        return redirect("desk_enjoy_run", department, run)
    given = form.cleaned_data
    try:
        noticing.answer(objection, given["text"], upheld=given["upheld"], by=desk.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已记下处理结果。"))
    return redirect("desk_enjoy_run", department, run)


def run_at(desk: Desk, pk: int) -> EnjoyRun:
    """A run of the desk's department, counted, or `Http404`; one query."""
    return get_object_or_404(EnjoyRun.objects.at(desk.department).for_pages().counted(), pk=pk)


def narrowed(run: EnjoyRun, place: str, words: str) -> Any:
    """The candidates of one tab, in their order, with what a line shows."""
    found = run.candidates.on(place).select_related("enterprise", "excluded_by")
    if words:
        found = found.filter(named(words, "enterprise__"))
    return found.defer("evidence").order_by("rank", "way", "pk")


def _listing(request: HttpRequest, desk: Desk, form: StartForm | None = None) -> HttpResponse:
    past = request.GET.get("tab") == "past"
    rows = EnjoyRun.objects.at(desk.department).for_pages().counted()
    alive = rows.exclude(state__in=OVER).order_by("-pk")
    shown = rows.filter(state__in=OVER).order_by("-pk") if past else alive
    page_ = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "department": desk.department,
        "page": page_,
        "past": past,
        "form": form or StartForm(desk=desk),
        "tabs": [
            {"url": "?", "label": _("正在办"), "count": None, "current": not past},
            {"url": "?tab=past", "label": _("已办结或取消"), "count": None, "current": past},
        ],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "enjoying/desk/list.html", context, status=status)


def _page(
    request: HttpRequest, desk: Desk, run: EnjoyRun, failed: tuple[str, WordsForm] | None = None
) -> HttpResponse:
    counts = run.candidates.tallied()
    place = request.GET.get("tab", "")
    place = place if place in Place.values else Place.IN
    words = request.GET.get("q", "").strip()[:80]
    seen = Seen.of(run)
    if failed is not None:
        _catch_up(failed[1], seen)
    notice = getattr(run, "notice", None)
    context = {
        "department": desk.department,
        "run": run,
        "state": RunState(run.state),
        "way": _way(run),
        "plan": EnjoyPlan.of(run.version),
        "steps": forms_for(RUN_STEPS, run, desk, failed, count=seen.firms, total_fen=seen.total_fen),
        "failed": failed[0] if failed else "",
        "own_hand": run.state == RunState.PROPOSED and not _may_confirm(run, desk),
        "place": Place(place),
        "words": words,
        "tabs": [
            {
                "url": f"?tab={key}",
                "label": Place(key).label,
                "count": counts.get(key, 0),
                "current": key == place,
            }
            for key in Place.values
        ],
        "page": Paginator(narrowed(run, place, words), PAGE_SIZE).get_page(request.GET.get("page")),
        "notice": notice,
        "objections": [
            (one, AnswerForm(of=one, auto_id=f"o{one.pk}-%s"))
            for one in (
                notice.objections.select_related("candidate__enterprise", "answered_by") if notice else ()
            )
        ],
        "events": run.events.select_related("actor").order_by("-at", "-pk"),
    }
    return render(request, "enjoying/desk/run.html", context, status=422 if failed else 200)


def _catch_up(form: WordsForm, seen: Seen) -> None:
    """Having been told that the list changed, who looks at it now may send the same again."""
    given: Any = form.data
    given = given.copy()
    given["count"], given["total_fen"] = str(seen.firms), str(seen.total_fen)
    form.data = given


def _may_confirm(run: EnjoyRun, desk: Desk) -> bool:
    return RUN_STEPS["confirm"].fits(run, desk)


def _way(run: EnjoyRun) -> list[tuple[Any, str]]:
    """The steps with ok, now or none; of one that was cancelled none is under way."""
    order = [state for state, _label in WAY_OF_RUN]
    state = RunState.NOTICED if run.state == RunState.CONFIRMED else RunState(run.state)
    if state not in order:
        return []
    at = order.index(state)
    done = state == RunState.CLOSED
    return [
        (label, "ok" if place < at or done else "now" if place == at else "")
        for place, (_state, label) in enumerate(WAY_OF_RUN)
    ]
