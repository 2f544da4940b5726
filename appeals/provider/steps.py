"""What a provider does with its order: each step is one form of the order's page, sent by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from appeals import handling
from appeals.enums import Mode, OrderState, Outcome
from appeals.models import WorkOrder
from appeals.picking import decline
from appeals.provider import orders
from appeals.provider.acting import act
from appeals.provider.forms import AnswerForm, NoteForm, WordsForm, refuse
from portal.accounts.models import User
from portal.kernel.errors import DomainError


@dataclass(frozen=True)
class Step:
    """One thing to be done: in which states, with which form, by what, and what is said afterwards."""

    label: Any
    states: tuple[OrderState, ...]
    form: Callable[..., forms.Form]
    work: Callable[[WorkOrder, dict[str, Any], User], object]
    done: Any
    kind: str = "plain"

    def blank(self, name: str, *args: Any) -> forms.Form:
        """Its form, with ids of its own on the page."""
        return self.form(*args, auto_id=f"{name}-%s")


def _words(label: Any) -> Callable[..., forms.Form]:
    def make(*args: Any, **kwargs: Any) -> forms.Form:
        return WordsForm(*args, label=label, **kwargs)

    return make


def _answer(order: WorkOrder, given: dict[str, Any], by: User) -> None:
    promised = given["outcome"] == Outcome.PROMISED
    promise = (given["promise"], given["due_on"]) if promised else None
    handling.answer(order, given["outcome"], given["text"], by=by, promise=promise)


def _keep(order: WorkOrder, given: dict[str, Any], by: User) -> None:
    promise = order.promises.select_related("order__appeal__enterprise").filter(kept_at=None).first()
    if promise is None:
        raise DomainError(_("没有未兑现的承诺，请刷新页面。"), code="kept")
    handling.keep_promise(promise, given["text"], by=by)


STEPS: Final[dict[str, Step]] = {
    "accept": Step(
        _("接单"),
        (OrderState.OFFERED,),
        forms.Form,
        lambda order, given, by: handling.accept(order, by=by),
        _("已接单，请马上联系企业。"),
        "main",
    ),
    "decline": Step(
        _("婉拒，转抢单大厅"),
        (OrderState.OFFERED,),
        _words(_("不能接单的原因（企业会看到）")),
        lambda order, given, by: decline(order, given["text"], by=by),
        _("已婉拒，这张工单转到了抢单大厅。"),
        "danger",
    ),
    "answer": Step(
        _("答复"),
        (OrderState.HANDLING,),
        lambda *args, **kwargs: AnswerForm(*args, label=_("答复内容（企业会看到）"), **kwargs),
        _answer,
        _("已答复，等企业评价。"),
        "main",
    ),
    "ask": Step(
        _("请企业补充"),
        (OrderState.HANDLING,),
        _words(_("要企业补充什么（企业会看到，时限暂停）")),
        lambda order, given, by: handling.ask(order, given["text"], by=by),
        _("已请企业补充，时限暂停。"),
    ),
    "note": Step(
        _("记一笔"),
        (OrderState.OFFERED, OrderState.HANDLING, OrderState.ASKING),
        lambda *args, **kwargs: NoteForm(*args, label=_("办理情况"), **kwargs),
        lambda order, given, by: handling.note(order, given["text"], by=by, public=given["public"]),
        _("已记下。"),
    ),
    "keep": Step(
        _("承诺已兑现"),
        (OrderState.ANSWERED, OrderState.CLOSED),
        _words(_("怎么兑现的（企业会看到）")),
        _keep,
        _("已记下，企业会收到消息。"),
        "main",
    ),
}


def forms_for(order: WorkOrder) -> dict[str, tuple[Step, forms.Form]]:
    """The steps that an order may take as it stands, each with its empty form."""
    possible = [name for name, step in STEPS.items() if order.state in step.states]
    if order.mode != Mode.PICK and "decline" in possible:
        possible.remove("decline")
    if "keep" in possible and not order.promises.filter(kept_at=None).exists():
        possible.remove("keep")
    return {name: (STEPS[name], STEPS[name].blank(name)) for name in possible}


@require_POST
def take_step(request: HttpRequest, provider: int, pk: int, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422). Another provider's order is 404."""
    post = act(request, provider)
    order = get_object_or_404(WorkOrder.objects.filter(provider=post.provider).for_lists(), pk=pk)
    if step not in STEPS:
        raise Http404
    chosen = STEPS[step]
    form = chosen.blank(step, request.POST)
    if form.is_valid():
        try:
            chosen.work(order, form.cleaned_data, post.user)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, chosen.done)
            if WorkOrder.objects.filter(pk=pk, provider=post.provider).exists():
                return redirect("provider_order", provider, pk)
            return redirect("provider_orders", provider)
    steps = forms_for(order) | {step: (chosen, form)}
    return orders.shown(request, post.provider, order, steps, status=422)


@require_safe
def order(request: HttpRequest, provider: int, pk: int) -> HttpResponse:
    """One order of the provider with what may be done; another's is 404."""
    post = act(request, provider)
    found = get_object_or_404(WorkOrder.objects.filter(provider=post.provider).for_lists(), pk=pk)
    return orders.shown(request, post.provider, found, forms_for(found))
