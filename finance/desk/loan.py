"""One application at the bank's desk: what was asked, may be done and happened; its facts by consent."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises.consents.letter import letter
from enterprises.consents.reading import Read, Reader, read
from enterprises.models import Consent
from finance.acting import BankActor, act
from finance.desk.forms import ReverseForm
from finance.desk.lights import lights_of
from finance.desk.plan import shown
from finance.desk.steps import STEPS, WORKING, BlankForm, blank, offers_of, take
from finance.lending import consenting, correcting, deciding
from finance.lending.story import bank_files, story_of
from finance.models import Drawdown, LoanApplication, LoanState, Repayment
from finance.models.loan_states import OWED
from finance.scoring import for_banks
from finance.scoring.consented import for_consent
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError
from portal.kernel.http import writes_on_get
from portal.kernel.language import in_language_of_record

EVENTS_SHOWN: Final = 100
MOVEMENTS_SHOWN: Final = 50
MOVEMENTS: Final[dict[str, Any]] = {"drawdown": Drawdown, "repayment": Repayment}


@require_safe
def page(request: HttpRequest, bank: int, number: str) -> HttpResponse:
    """The application; another bank's is 404."""
    actor = act(request, bank)
    return _shown(request, actor, _one(actor, number))


@require_POST
def take_step(request: HttpRequest, bank: int, number: str, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422)."""
    actor = act(request, bank, *WORKING)
    loan = _one(actor, number)
    if step not in STEPS:
        raise Http404
    form = blank(step, loan, request.POST)
    if take(step, loan, form, actor):
        messages.success(request, STEPS[step].done)
        return redirect("bank_loan", bank, number)
    return _shown(request, actor, loan, (step, form))


@require_POST
def bring(request: HttpRequest, bank: int, number: str) -> HttpResponse:
    """Keep a file of the due diligence."""
    actor = act(request, bank, *WORKING)
    loan = _one(actor, number)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise DomainError(_("请先选择文件。"), code="no_file")
        deciding.attach(loan, file, by=actor, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已上传，只有本行看到。"))
    return redirect("bank_loan", bank, number)


@require_POST
def reverse(request: HttpRequest, bank: int, number: str, kind: str, pk: int) -> HttpResponse:
    """Let a drawdown or repayment that was booked wrong count no more."""
    actor = act(request, bank, *WORKING)
    loan = _one(actor, number)
    if kind not in MOVEMENTS:
        raise Http404
    row = get_object_or_404(MOVEMENTS[kind], pk=pk, loan=loan)
    form = ReverseForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        correcting.reverse(row, reason, by=actor, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已冲正，企业已收到通知。需要的请重新登记正确的一笔。"))
    return redirect("bank_loan", bank, number)


@require_safe
def file(request: HttpRequest, bank: int, number: str, pk: int) -> FileResponse:
    """One of its files."""
    kept = get_object_or_404(bank_files(_one(act(request, bank), number)), pk=pk)
    return hand_out(kept.file, kept.name)


@writes_on_get
@require_http_methods(["GET", "HEAD"])
def facts(request: HttpRequest, bank: int, number: str) -> HttpResponse:
    """What the consent allows, as of now; that it was read is written down first, for the enterprise."""
    actor = act(request, bank)
    loan = _one(actor, number)
    context: dict[str, Any] = {"actor": actor, "bank": actor.bank, "loan": loan}
    if loan.consent_id is None or actor.bank.grantee is None:
        raise Http404
    with in_language_of_record():
        why = _("查看贷款申请 %(number)s") % {"number": loan.number}
    try:
        found = read(loan.consent_id, Reader(actor.bank.grantee, actor.user, why=why), at=timezone.now())
    except DomainError as error:
        answer = render(request, "finance/desk/facts.html", {**context, "refused": str(error)}, status=403)
    else:
        known = [row for row in found.rows if row.value]
        context |= {"read": found, "known": known, "unknown": [row for row in found.rows if not row.value]}
        context["items"] = len({row.key for row in known})  # as the enterprise's log counts, not by year
        answer = render(request, "finance/desk/facts.html", {**context, "score": _score(found)})
    answer["Cache-Control"] = "private, no-store"  # nothing is looked at again past the consent
    return answer


def _score(found: Read) -> for_banks.BankScore | None:
    """The score from what was read and nothing else; None while no standard is in use."""
    try:
        return for_banks.of(for_consent(found))
    except DomainError:
        return None


@require_safe
def consent(request: HttpRequest, bank: int, number: str) -> HttpResponse:
    """The letter of the consent for the bank's own file."""
    loan = _one(act(request, bank), number)
    rows = Consent.objects.select_related("enterprise", "grantee", "given_by")
    try:
        return letter(get_object_or_404(rows, pk=loan.consent_id), timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("bank_loan", bank, number)


def _one(actor: BankActor, number: str) -> LoanApplication:
    rows = LoanApplication.objects.visible_to(actor).for_lists()
    rows = rows.select_related(
        "consent", "officer", "renews", "enterprise__region", "product_version__product"
    )
    return get_object_or_404(rows.select_related("bank", "branch", "admission__pool"), number=number)


def _booked(rows: Any, actor: BankActor, loan: LoanApplication) -> list[tuple[Any, ReverseForm | None]]:
    """Each with the form to set it right, where that may be tried; what was set right stands beside them."""
    found = rows.select_related("reversal__by").order_by("-on", "-pk")[:MOVEMENTS_SHOWN]
    may = actor.holds(*WORKING) and loan.state in (*OWED, LoanState.REPAID)
    return [
        (
            row,
            ReverseForm(auto_id=f"reverse-{row._meta.model_name}-{row.pk}-%s") if may and row.live else None,
        )
        for row in found
    ]


def _shown(
    request: HttpRequest,
    actor: BankActor,
    loan: LoanApplication,
    failed: tuple[str, BlankForm] | None = None,
) -> HttpResponse:
    now = timezone.now()
    offers = offers_of(loan, actor, failed)
    lights = lights_of([loan.pk], now).get(loan.pk, [])
    context = {
        "actor": actor,
        "bank": actor.bank,
        "loan": loan,
        "lights": lights,
        "paused": any(light.paused for light in lights),
        "leads": [offer for offer in offers if offer.step.leads],
        "others": [offer for offer in offers if not offer.step.leads],
        "story": story_of(loan, internal=True)[:EVENTS_SHOWN],
        "drawdowns": _booked(loan.drawdowns, actor, loan),
        "repayments": _booked(loan.repayments, actor, loan),
        "plan": shown(loan, timezone.localdate(now)),
        "files": bank_files(loan).select_related("added_by").order_by("-pk"),
        "consent": loan.consent,
        "consent_live": loan.consent is not None and loan.consent.is_live(now),
        "why_not": consenting.why_not(loan) if consenting.waits(loan, now) else "",
        "may_work": actor.holds(*WORKING),
    }
    answer = render(request, "finance/desk/loan.html", context, status=422 if failed else 200)
    answer["Cache-Control"] = "private, no-store"  # the contact is not looked at again past the consent
    return answer
