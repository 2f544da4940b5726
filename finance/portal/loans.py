"""The enterprise's loans: where each stands, who read what for it, and what it may still do."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises.acting import act
from enterprises.actors import Actor
from enterprises.consents import granting
from enterprises.consents.forms import ConsentForm
from finance.desk.lights import lights_of
from finance.desk.plan import shown as shown_plan
from finance.lending import consenting, filing
from finance.lending.filing import Sharing
from finance.lending.grabbing import section_name
from finance.lending.plans import to_check
from finance.lending.story import story_of
from finance.models import LoanApplication, LoanState
from finance.models.loan_states import CONSENTED, OWED, UNANSWERED, UNDERWAY
from finance.portal.forms import LetGoForm, WithdrawForm
from finance.scoring.needing import needs_of
from portal.kernel.errors import DomainError

PAGE_SIZE: Final = 15
READINGS_SHOWN: Final = 20
S = LoanState
STEPS: Final = (
    (gettext_lazy("提交"), (S.SUBMITTED,)),
    (gettext_lazy("受理"), (S.ACCEPTED,)),
    (gettext_lazy("尽调"), (S.DUE_DILIGENCE,)),
    (gettext_lazy("批准"), (S.APPROVED,)),
    (gettext_lazy("签约"), (S.SIGNED,)),
    (gettext_lazy("放款"), (S.DRAWN,)),
    (gettext_lazy("还款"), (S.REPAYING, S.OVERDUE)),
    (gettext_lazy("结清"), (S.REPAID,)),
)
"""The way as it is shown; who has left it on the way is shown in words."""


@require_safe
def listing(request: HttpRequest, enterprise: int) -> HttpResponse:
    """All applications, those under way first."""
    actor = act(request, enterprise)
    rows = LoanApplication.objects.of(actor).for_lists().select_related("consent").order_by("-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    checked, now = to_check(page, timezone.localdate()), timezone.now()
    context = {
        "enterprise": actor.enterprise,
        "page": page,
        "rows": [(loan, loan.pk in checked, consenting.waits(loan, now)) for loan in page],
    }
    return render(request, "finance/portal/loans.html", context)


@require_safe
def page(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """One application."""
    actor = act(request, enterprise)
    return _shown(request, actor, _own(actor, number))


@require_safe
def plan(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """What is due when of one that was drawn, and what was paid of it; 404 where there is no plan."""
    actor = act(request, enterprise)
    loan = _own(actor, number)
    laid_out = shown_plan(loan, timezone.localdate())
    if not laid_out.lines:
        raise Http404
    context = {"enterprise": actor.enterprise, "loan": loan, "plan": laid_out}
    return render(request, "finance/portal/plan.html", context)


@require_POST
def withdraw(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Take it back."""
    actor = act(request, enterprise)
    loan, form = _own(actor, number), WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _done(
        request,
        loan,
        lambda: filing.withdraw(actor, loan, reason, at=timezone.now()),
        _("已撤回，银行不能再看您的信息。"),
    )


@require_POST
def open_up(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """One click: the same to all banks."""
    actor = act(request, enterprise)
    loan = _own(actor, number)
    return _done(
        request,
        loan,
        lambda: filing.open_up(actor, loan, at=timezone.now()),
        _("已面向全部银行，有银行接单会马上告诉您。"),
    )


@require_POST
def revoke(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """The bank reads nothing more from now on; with the application taken back too, where that is wanted."""
    actor = act(request, enterprise)
    loan = _own(actor, number)
    form = LetGoForm(request.POST, underway=loan.state in UNDERWAY)
    form.full_clean()
    given = form.cleaned_data  # without a reason that is too long: what is wanted is done all the same
    reason, now = given.get("reason", ""), timezone.now()
    if given.get("withdraw"):
        said = _("已撤回申请，银行不能再看您的信息。")
        return _done(request, loan, lambda: filing.withdraw(actor, loan, reason, at=now), said)

    def work() -> None:
        if loan.consent is None:
            raise DomainError(_("这笔申请没有授权。"), code="no_consent")
        granting.revoke(actor, loan.consent, reason, at=now)

    return _done(request, loan, work, _("授权已撤回，银行从现在起看不到您的信息。"))


@require_http_methods(["POST"])
def consent_anew(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Let the bank read again."""
    actor = act(request, enterprise)
    loan = _own(actor, number)
    form = _form(loan, request.POST)
    if not form.is_valid():
        return _shown(request, actor, loan, form)
    now = timezone.now()
    terms = form.terms("", at=now)
    sharing = Sharing(terms.facts, terms.until, terms.credentials)
    return _done(
        request,
        loan,
        lambda: filing.consent_anew(actor, loan, sharing, at=now),
        _("已重新授权，银行可以继续办理。"),
    )


def _done(request: HttpRequest, loan: LoanApplication, work: Any, said: str) -> HttpResponse:
    try:
        work()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("enterprise_loan", loan.enterprise_id, loan.number)


def _own(actor: Actor, number: str) -> LoanApplication:
    rows = LoanApplication.objects.of(actor).for_lists().select_related("consent__grantee", "renews")
    return get_object_or_404(rows, number=number)


def _whom(loan: LoanApplication) -> str:
    return loan.bank.name if loan.bank else _("接单的银行")


def _form(loan: LoanApplication, data: QueryDict | None = None) -> ConsentForm:
    return ConsentForm(data, whom=_whom(loan), needs=needs_of(loan.product_version))


def _shown(
    request: HttpRequest, actor: Actor, loan: LoanApplication, anew: ConsentForm | None = None
) -> HttpResponse:
    now, consent = timezone.now(), loan.consent
    live = consent is not None and consent.is_live(now)
    may_consent = actor.may_manage and not live and loan.state in CONSENTED
    readings = consenting.readings_of(loan)[: READINGS_SHOWN + 1]
    context = {
        "enterprise": actor.enterprise,
        "actor": actor,
        "loan": loan,
        "steps": _steps(loan),
        "lights": lights_of([loan.pk], now).get(loan.pk, []),
        "story": story_of(loan, internal=False),
        "consent": consent,
        "live": live,
        "readings": readings[:READINGS_SHOWN],
        "read_before": len(readings) > READINGS_SHOWN,
        "drawdowns": loan.drawdowns.select_related("reversal").order_by("on", "pk"),
        "repayments": loan.repayments.select_related("reversal").order_by("-on", "-pk")[:READINGS_SHOWN],
        "plan": shown_plan(loan, timezone.localdate(now)),
        "may_withdraw": actor.may_manage and loan.state in UNDERWAY,
        "may_open": actor.may_manage and loan.state in UNANSWERED,
        "section": section_name(loan.enterprise.industry) if loan.state in UNANSWERED else "",
        "not_at_once": _not_at_once(loan, now) if loan.state in UNANSWERED else "",
        "anew_query": urlencode({"amount": f"{loan.amount_fen // 100}元", "months": loan.term_months}),
        "owes": loan.state in OWED,
        "withdraw_form": WithdrawForm(auto_id="withdraw-%s"),
        "revoke_form": LetGoForm(auto_id="revoke-%s", underway=loan.state in UNDERWAY),
        "following": consenting.following(loan) if live and actor.may_manage else [],
        "waits": consenting.waits(loan, now),
        "reopened": not live and loan.state in OWED and loan.events.filter(name="reopen").exists(),
        "anew": anew or (_form(loan) if may_consent else None),
    }
    return render(request, "finance/portal/loan.html", context, status=422 if anew else 200)


def _not_at_once(loan: LoanApplication, now: dt.datetime) -> str:
    """Why one click does not open it to all banks, in words; empty when it does."""
    try:
        filing.shared_still(loan, now)
    except DomainError as error:
        return str(error)
    return ""


def _steps(loan: LoanApplication) -> list[tuple[str, str]]:
    """Each step with what it is for this loan: ok, now or none."""
    place = next((place for place, (_l, states) in enumerate(STEPS) if loan.state in states), None)
    if place is None:
        reached = {S.DECLINED: 0, S.LAPSED: 0, S.REFUSED: 2, S.EXPIRED: 3, S.WRITTEN_OFF: 6}
        place = reached.get(LoanState(loan.state), 0)
        if loan.signed_on and loan.state == S.EXPIRED:  # called off
            place = 4
        elif loan.approved_at and loan.state == S.REFUSED:  # taken back
            place = 3
        return [(str(label), "ok" if at <= place else "") for at, (label, _s) in enumerate(STEPS)]
    last = place == len(STEPS) - 1
    return [
        (str(label), "ok" if at < place or last else "now" if at == place else "")
        for at, (label, _states) in enumerate(STEPS)
    ]
