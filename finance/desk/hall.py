"""The hall: what is open to all banks, as much of it as anybody may know, and taking it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from finance.acting import BankActor, act
from finance.desk.forms import TakeForm
from finance.lending.grabbing import section_names, take
from finance.models import Bank, LoanApplication, LoanGrab
from finance.models.vocabulary import Post
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 20
RECENT: Final = dt.timedelta(days=1)
WINS_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """An open application without a word of who asks: that is for who takes it.

    Of the industry the section alone (门类), and no place: with more, many a firm could be guessed.
    """

    number: str
    amount_fen: int
    months: int
    purpose: str
    industry: str
    since: dt.datetime
    until: dt.datetime | None


def wanted(bank: Bank, now: dt.datetime) -> list[Wanted]:
    """What the bank may take from the hall, what ends soonest first. Two queries for any number."""
    rows = LoanApplication.objects.open_for(bank, now).order_by("due_at", "pk")
    columns = rows.values(
        "number",
        "amount_fen",
        "term_months",
        "purpose",
        "submitted_at",
        "due_at",
        "enterprise__industry",
    )
    found = list(columns)
    sections = section_names({row["enterprise__industry"] for row in found})
    labels = dict(LoanApplication._meta.get_field("purpose").flatchoices)
    return [
        Wanted(
            row["number"],
            row["amount_fen"],
            row["term_months"],
            str(labels.get(row["purpose"], "")),
            sections[row["enterprise__industry"]],
            row["submitted_at"] or now,
            row["due_at"],
        )
        for row in found
    ]


@require_safe
def page(request: HttpRequest, bank: int) -> HttpResponse:
    """The hall as it is now; the list in it goes on by itself."""
    actor = act(request, bank)
    return render(request, "finance/desk/hall.html", _context(request, actor))


@require_safe
def live(request: HttpRequest, bank: int) -> HttpResponse:
    """The list alone, asked for every few seconds: 304 while nothing changed."""
    actor = act(request, bank)
    context = _context(request, actor)
    unchanged = get_conditional_response(request, etag=context["etag"])
    if unchanged is None or unchanged.status_code != 304:
        unchanged = render(request, "finance/desk/hall_list.html", context)
    unchanged["ETag"] = context["etag"]
    unchanged["Cache-Control"] = "private, no-cache"
    return unchanged


@require_POST
def grab(request: HttpRequest, bank: int) -> HttpResponse:
    """Take one: the winner gets its page, others (409) are told who has it and since when."""
    actor = act(request, bank)
    form = TakeForm(request.POST)
    if not form.is_valid():
        raise Http404
    loan = get_object_or_404(LoanApplication, number=form.cleaned_data["loan"], mode="open")
    context: dict[str, Any] = {"actor": actor, "bank": actor.bank, "number": loan.number}
    try:
        taken = take(loan, by=actor, at=timezone.now())
    except DomainError as error:
        return render(request, "finance/desk/grabbed.html", {**context, "error": str(error)}, status=422)
    if taken.won:
        messages.success(request, _("接单成功，现在可以看到企业授权的信息了。"))
        return redirect("bank_loan", bank, loan.number)
    return render(request, "finance/desk/grabbed.html", {**context, "taken": taken}, status=409)


def _context(request: HttpRequest, actor: BankActor) -> dict[str, Any]:
    now = timezone.now()
    rows, wins = wanted(actor.bank, now), _wins(now)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    seen = repr((rows, wins, page.number, actor.role, get_language())).encode()
    return {
        "actor": actor,
        "bank": actor.bank,
        "page": page,
        "total": len(rows),
        "sum_fen": sum(row.amount_fen for row in rows),
        "wins": wins,
        "may_take": actor.holds(Post.MANAGER, Post.OFFICER),
        "etag": f'"{hashlib.blake2b(seen, digest_size=8).hexdigest()}"',
    }


def _wins(now: dt.datetime) -> list[tuple[str, str, dt.datetime]]:
    """Which bank took what of late: number, bank, when."""
    rows = LoanGrab.objects.filter(at__gt=now - RECENT).order_by("-at", "-pk")[:WINS_SHOWN]
    return list(rows.values_list("loan__number", "bank__short", "at"))
