"""Whitelists at the department's desk: drawing one up, taking off, confirming, pushing, results."""

from __future__ import annotations

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

from finance.models import Bank, Whitelist
from finance.office import act, frame
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up, exclude
from matching.models import RuleVersion
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20


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
    """All lists of the department; sent by POST, draw one up."""
    desk = act(request, department)
    form = DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, timezone.now()
        plan = Plan(given["title"], desk.department, given["rule_version"], timezone.localdate())
        try:
            drawn = draw_up(plan, by=desk.user, at=now)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("名单已提出，请另一位同事确认。"))
            return redirect("desk_whitelist", department, drawn.pk)
    found = Whitelist.objects.filter(department=desk.department).annotate(
        size=Count("entries", filter=Q(entries__excluded=""))
    )
    page = Paginator(found.select_related("drafted_by").order_by("-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = frame(desk, "desk_whitelists", page=page, form=form)
    return render(request, "finance/office/whitelists.html", context, status=422 if form.errors else 200)


@require_safe
def one(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """A list with its enterprises and what banks said of each."""
    desk = act(request, department)
    held = _held(desk, pk)
    entries = held.entries.select_related("enterprise").prefetch_related("results__bank")
    context = frame(
        desk,
        "desk_whitelists",
        held=held,
        page=Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page")),
        form=PushForm(),
        banks=list(held.banks.all()),
    )
    return render(request, "finance/office/whitelist.html", context)


@require_POST
def take_step(request: HttpRequest, department: int, pk: int, step: str) -> HttpResponse:
    """Exclude, confirm, push or close; what is refused is said on the list's page."""
    desk = act(request, department)
    held = _held(desk, pk)
    steps = {"exclude": _exclude, "confirm": _confirm, "push": _push, "close": _close}
    if step not in steps:
        raise Http404
    try:
        messages.success(request, steps[step](held, desk, request))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("desk_whitelist", department, pk)


def _held(desk: Desk, pk: int) -> Whitelist:
    found = Whitelist.objects.select_related("rule_version__rule", "drafted_by", "confirmed_by")
    return get_object_or_404(found, department=desk.department, pk=pk)


def _exclude(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    given = request.POST.get("entry", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Http404
    entry = get_object_or_404(held.entries.select_related("whitelist__department"), pk=int(given))
    exclude(entry, request.POST.get("reason", "").replace("\0", "")[:300], by=desk.user)
    return _("已剔除。")


def _confirm(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    pushing.confirm(held, by=desk.user, at=timezone.now())
    return _("已确认，可以推送银行。")


def _push(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    form = PushForm(request.POST)
    banks = list(form.cleaned_data["banks"]) if form.is_valid() else []
    pushing.push(held, banks, by=desk.user, at=timezone.now())
    return _("已推送，银行会收到消息。")


def _close(held: Whitelist, desk: Desk, request: HttpRequest) -> str:
    pushing.close(held, by=desk.user, at=timezone.now())
    return _("名单已结束。")
