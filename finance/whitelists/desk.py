"""Whitelists at the department's desk: drawing one up, looking it through, confirming, pushing, results."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises.finding import named
from finance.models import Bank, Whitelist, WhitelistResult, WhitelistRun, WhitelistState
from finance.office import act, frame
from finance.whitelists import pushing
from finance.whitelists.counting import PARTS, by_bank, counted, parts_of, with_answers
from finance.whitelists.drawing import Plan, begin
from finance.whitelists.duties import CONFIRMING, DRAWING
from finance.whitelists.excluding import EXCLUDED, RESTORED
from finance.whitelists.giving import note_given, whole_table
from finance.whitelists.sight import Sight
from matching.models import RuleVersion
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError
from portal.kernel.http import writes_on_get
from portal.kernel.models import Progress
from portal.kernel.spreadsheets import handed_out

PAGE_SIZE: Final = 20
EVENTS_SHOWN: Final = 20
RECENT: Final = dt.timedelta(days=1)
"""How long a run that came to nothing is told of."""


class DrawForm(forms.Form):
    """By which rule a list is drawn up."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    rule_version = forms.ModelChoiceField(
        RuleVersion.objects.none(),
        label=gettext_lazy("按哪条规则筛选"),
        empty_label=gettext_lazy("请选择"),
        help_text=gettext_lazy("信贷产品已发布的准入条件；只用部门核实的数据判断。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules: Any = self.fields["rule_version"]
        published = RuleVersion.objects.filter(product_version__state="published")
        rules.queryset = published.select_related("rule").order_by("rule__label")


class PushForm(forms.Form):
    """To whom a list goes."""

    banks = forms.ModelMultipleChoiceField(
        Bank.objects.live(), label=gettext_lazy("推送给"), widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest, department: int) -> HttpResponse:
    """All lists of the department and runs at work; sent by POST, begin a run."""
    desk = act(request, department)
    form = DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        plan = Plan(given["title"], desk.department, given["rule_version"], timezone.localdate())
        try:
            begin(plan, by=desk.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("正在筛选全县企业，完成后名单出现在本页，可以先离开。"))
            return redirect("desk_whitelists", department)
    context = frame(desk, "desk_whitelists", form=form, may_draw=desk.holds(*DRAWING))
    context |= _listed(request, desk)
    return render(request, "finance/office/whitelists.html", context, status=422 if form.errors else 200)


def _listed(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """The lists that are asked for, and what is being drawn up."""
    own = Whitelist.objects.filter(department=desk.department)
    words = request.GET.get("q", "").strip()[:80]
    if words:
        own = own.filter(title__icontains=words)
    tally = dict(own.order_by().values_list("state").annotate(count=Count("pk")))
    state = request.GET.get("state", "")
    shown = own.filter(state=state) if state in WhitelistState.values else own
    rows = counted(shown).select_related("drafted_by").prefetch_related("banks").order_by("-pk")
    tabs: list[tuple[str, Any, int]] = [("", _("全部"), sum(tally.values()))]
    tabs += [(key, label, tally.get(key, 0)) for key, label in WhitelistState.choices]
    return {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "runs": _runs(desk),
        "words": words,
        "state": state,
        "tabs": _tabs("state", tabs, state if state in WhitelistState.values else "", words),
    }


def _runs(desk: Desk) -> list[WhitelistRun]:
    """Those at work, and those that came to nothing lately."""
    at_work = Q(state__in=(Progress.QUEUED, Progress.RUNNING))
    failed = Q(state=Progress.FAILED, finished_at__gt=timezone.now() - RECENT)
    found = WhitelistRun.objects.filter(at_work | failed, department=desk.department)
    return list(found.select_related("created_by").order_by("-pk")[:PAGE_SIZE])


def _tabs(key: str, found: list[tuple[str, Any, int]], current: str, words: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"?{urlencode({key: value, **({'q': words} if words else {})})}",
            "label": label,
            "count": count,
            "current": value == current,
        }
        for value, label, count in found
    ]


@require_safe
def one(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """A list with its enterprises, by part and by name, and what each bank said."""
    desk = act(request, department)
    held = held_at(desk, pk)
    counts = parts_of(held)
    part = request.GET.get("part", "")
    part = part if part in PARTS else "on"
    words = request.GET.get("q", "").strip()[:80]
    entries = with_answers(held.entries.all()).filter(PARTS[part][1])
    if words:
        entries = entries.filter(named(words, "enterprise__"))
    said = Prefetch("results", WhitelistResult.objects.select_related("bank"))
    pages = Paginator(entries.select_related("enterprise").prefetch_related(said).order_by("pk"), PAGE_SIZE)
    if not words:
        pages.count = counts[part]
    own_hand, may_confirm = _own_hand(held, desk), desk.holds(*CONFIRMING)
    signs = may_confirm and held.state == WhitelistState.DRAFT and not own_hand
    context = frame(
        desk,
        "desk_whitelists",
        held=held,
        counts=counts,
        words=words,
        part=part,
        tabs=_tabs("part", [(key, PARTS[key][0], counts[key]) for key in PARTS], part, words),
        page=pages.get_page(request.GET.get("page")),
        form=PushForm(),
        banks=by_bank(held) if held.pushed_at else [],
        happened=_happened(held, request.GET.get("events", "")),
        may_confirm=may_confirm,
        own_hand=own_hand,
        seen=pushing.digest_of_list(held) if signs else "",
    )
    return render(request, "finance/office/whitelist.html", context)


def _happened(held: Whitelist, asked: str) -> dict[str, Any]:
    """A page of what happened, the newest first, and the numbers of those beside it; one query."""
    number = max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    events = held.events.select_related("actor").order_by("-at", "-pk")
    found = list(events[(number - 1) * EVENTS_SHOWN : number * EVENTS_SHOWN + 1])
    later = number - 1 or None
    return {
        "events": found[:EVENTS_SHOWN],
        "number": number,
        "later": later,
        "earlier": number + 1 if len(found) > EVENTS_SHOWN else None,
    }


def _own_hand(held: Whitelist, desk: Desk) -> bool:
    """Whether the user drew the list up or changed it, so that another one confirms."""
    changed = held.events.filter(actor=desk.user, name__in=(EXCLUDED, RESTORED))
    return held.drafted_by_id == desk.user.pk or held.state == WhitelistState.DRAFT and changed.exists()


@writes_on_get
@require_safe
def export(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """The list with evidence, as far as the desk may see it, and results, as XLSX; who takes it is noted."""
    desk, now = act(request, department), timezone.now()
    held = held_at(desk, pk)
    if request.method == "GET":
        note_given(held, desk.user, now)
    return handed_out(whole_table(held, desk.user, Sight.of(desk), now), "xlsx", f"whitelist-{held.pk}")


@require_POST
def take_step(request: HttpRequest, department: int, pk: int, step: str) -> HttpResponse:
    """Confirm, push or close; what is refused is said on the list's page."""
    desk = act(request, department)
    held = held_at(desk, pk)
    steps = {"confirm": _confirm, "push": _push, "close": _close}
    if step not in steps:
        raise Http404
    try:
        messages.success(request, steps[step](held, desk, request))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("desk_whitelist", department, pk)


def held_at(desk: Desk, pk: int) -> Whitelist:
    """A list of the desk's department, or `Http404`; one query."""
    found = Whitelist.objects.select_related("rule_version__rule", "drafted_by", "confirmed_by", "department")
    return get_object_or_404(found, department=desk.department, pk=pk)


def _confirm(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    pushing.confirm(held, by=desk.user, at=timezone.now(), seen=request.POST.get("seen", ""))
    return _("已确认，可以推送银行。")


def _push(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    form = PushForm(request.POST)
    banks = list(form.cleaned_data["banks"]) if form.is_valid() else []
    pushing.push(held, banks, by=desk.user, at=timezone.now())
    return _("已推送，银行会收到消息。")


def _close(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    pushing.close(held, by=desk.user, at=timezone.now())
    return _("名单已结束。")
