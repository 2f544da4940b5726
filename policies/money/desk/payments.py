"""Payments one by one: silence with its age first, found by enterprise or number, each with its way."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from policies.models import Payment, Transfer
from policies.models.money.payment import UNDERWAY, PaymentState
from policies.money.desk.acting import act, frame, lines_at, payments_at
from policies.money.desk.slices import firms_named, sliced, words_of
from portal.kernel.durations import roughly
from portal.kernel.http import posted_id

S = PaymentState
TABS: Final = (S.UNKNOWN, S.SENT, S.RETURNED, S.PAID, S.PREPARED, S.VOID)
OLDEST_FIRST: Final = (S.UNKNOWN, S.SENT, S.PREPARED)


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Payments of one state, those that nobody has heard of first; a search looks through all states."""
    desk = act(request, department)
    words, line = words_of(request.GET), posted_id(request.GET.get("line", ""))
    found = payments_at(desk)
    underway: Any = found.filter(state__in=UNDERWAY).order_by().values_list("state")
    counts = dict(underway.annotate(Count("pk")))
    asked = request.GET.get("state", "")
    state = asked if asked in TABS else next((one for one in TABS[:2] if counts.get(one)), S.PAID)
    if line:
        found = found.filter(line=line)
    found = saying(found, words) if words else found.filter(state=state)
    rows = found.select_related("enterprise", "account", "award__version", "batch")
    slice_ = sliced(rows, request.GET, newest_first=bool(words) or state not in OLDEST_FIRST)
    for row in slice_.rows:
        row.age = _age(row)
    context = frame(
        desk,
        "desk_money_payments",
        slice=slice_,
        words=words,
        line=line,
        lines=lines_at(desk).order_by("-year", "code"),
        state=state,
        unknown=not words and state == S.UNKNOWN,
        tabs=[
            {
                "url": f"?state={one.value}" + (f"&line={line}" if line else ""),
                "label": one.label,
                "count": counts.get(one.value, 0) if one in UNDERWAY else None,
                "current": not words and one == state,
            }
            for one in TABS
        ],
    )
    return render(request, "money/desk/payments.html", context)


@require_safe
def one(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One payment: what it is for, where it went, how it was booked, what the bank said."""
    desk = act(request, department)
    related = ("enterprise", "account__finding", "award__version", "award__item", "batch", "line")
    payment = get_object_or_404(payments_at(desk).select_related(*related), pk=pk)
    others = Payment.objects.filter(award=payment.award_id).exclude(pk=pk)
    context = frame(
        desk,
        "desk_money_payments",
        payment=payment,
        state=PaymentState(payment.state),
        age=_age(payment),
        answers=payment.answers.select_related("file").defer("file__content"),
        transfers=Transfer.objects.filter(payment=payment),
        events=[
            (_label(event), event) for event in payment.events.select_related("actor").order_by("-at", "-pk")
        ],
        others=others.select_related("batch").order_by("-pk"),
    )
    return render(request, "money/desk/payment.html", context)


def saying(found: Any, words: str) -> Any:
    """Payments of that number, of a batch with that number, or of an enterprise so named."""
    if words.isascii() and words.isdecimal() and len(words) <= 18:
        return found.filter(Q(pk=int(words)))
    if words.upper().startswith("PC-"):
        return found.filter(batch__number=words.upper())
    return found.filter(enterprise__in=firms_named(words))


def _age(payment: Payment) -> str:
    """How long the treasury has had it, while it owes an answer."""
    if payment.sent_at is None or payment.state not in UNDERWAY:
        return ""
    return roughly(timezone.now() - payment.sent_at)


def _label(event: Any) -> str:
    known = Payment.machine.transitions
    return str(known[event.name].label if event.name in known else _("编入批次"))
