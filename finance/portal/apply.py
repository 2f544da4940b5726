"""Applying: one page with the product as it stands, what is asked, and the consent; or open to all banks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enterprises.acting import act
from enterprises.actors import Actor, phone_of
from enterprises.consents.forms import ConsentForm
from finance.lending.filing import Filing, Sharing, duplicates_of, file_loan
from finance.lending.grabbing import section_name
from finance.models import Bank, LoanApplication, LoanMode, ProductVersion
from finance.models.vocabulary import LoanPurpose
from finance.portal.changing import differences, gone
from finance.portal.forms import LoanForm
from finance.portal.recommending import Need, Recommended, recommend
from finance.products.costing import Wish
from finance.products.fitting import WISHES, explained, unmet
from finance.products.forms import WishForm, shown_wish
from finance.scoring.needing import needs_of
from portal.kernel.errors import DomainError

CHANGED: Final = ("product_changed", "product_gone")
NAMED: Final = 20
"""Banks that are named of those which may take an open application."""


@dataclass(frozen=True, slots=True)
class Asked:
    """In which way it is applied, for which product of today, and what else would fit."""

    mode: str
    version: ProductVersion | None
    recommended: tuple[Recommended, ...] = ()
    gone: ProductVersion | None = None
    """The product of the address, where it is offered no more: then nothing can be filed here."""

    @property
    def read(self) -> ProductVersion | None:
        """The version that the page is about."""
        return self.version or self.gone

    @property
    def shown(self) -> str:
        """What the form says was looked at: the product's version, empty for all banks."""
        return str(self.version.pk) if self.version else ""

    @property
    def whom(self) -> str:
        """Who will read, in words."""
        return self.read.product.bank.name if self.read else _("接单的银行")


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The form, pre-filled; sent, the application and the consent are one."""
    actor = act(request, enterprise)
    posted = request.method == "POST"
    if not posted and _is_unasked(request):
        return redirect("loan_need", enterprise)
    asked = _asked(request, actor)
    form, consent = _forms(request, actor, asked)
    changed, seen = False, request.POST.get("version", "")[:20]
    if posted:
        valid = form.is_valid() & consent.is_valid()
        try:
            _require_shown(asked, form)
            if valid:
                loan = file_loan(actor, _filing(asked, form, consent), at=timezone.now())
                messages.success(request, _("申请已提交，进展会发消息给您。"))
                return redirect("enterprise_loan", enterprise, loan.number)
        except DomainError as error:
            changed = error.code in CHANGED
            if changed:  # maybe just now
                asked = _asked(request, actor)
                form, consent = _forms(request, actor, asked)
                form.is_valid()
            form.add_error(None, str(error))
    if changed:  # the page shows what holds now, and asks for it to be looked at
        form.data = request.POST.copy()
        form.data["version"] = seen if asked.gone else asked.shown
    context = {
        "enterprise": actor.enterprise,
        "actor": actor,
        "asked": asked,
        "version": asked.version,
        "form": form,
        "consent": consent,
        "changed": changed,
        "differences": differences(seen, asked.version) if changed and asked.version else [],
        "instead": _instead(request, actor) if asked.gone else [],
        "ways": _ways(request) if asked.gone else {},
        "underway": duplicates_of(actor),
        "unmet": _unmet(actor, asked),
        "banks": _banks() if asked.version is None else [],
        "section": section_name(actor.enterprise.industry) if asked.version is None else "",
        "query": request.GET.urlencode(),
    }
    status = 422 if posted else 200
    return render(request, "finance/portal/apply.html", context, status=status)


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    """By the address: a product's code, the best that fits, or all banks. Raises Http404 for no product."""
    code, mode = request.GET.get("product", "")[:40], request.GET.get("mode", "")
    if code:
        rows = ProductVersion.objects.offered().select_related("product__bank__grantee", "product__rule")
        version = rows.filter(product__code=code).first()
        chosen = LoanMode.RECOMMEND if mode == LoanMode.RECOMMEND else LoanMode.CHOOSE
        if version is None and (last := gone(code)) is None:
            raise Http404
        return Asked(chosen, version, gone=None if version else last)
    if mode == LoanMode.RECOMMEND:
        found = recommend(actor.enterprise, _need(request.GET)).best
        return Asked(LoanMode.RECOMMEND, found[0].version if found else None, found)
    return Asked(LoanMode.OPEN, None)


def _is_unasked(request: HttpRequest) -> bool:
    """Whether something is to be recommended, and nobody has said yet what is needed."""
    given = request.GET
    known = all(given.get(name) for name in ("amount", "months"))
    return given.get("mode") == LoanMode.RECOMMEND and not given.get("product") and not known


def _need(said: Mapping[str, str]) -> Need:
    """Amount, months, purpose and order as pages of loans write them in their addresses; the usual else."""
    wish = WishForm({**shown_wish(Wish()), **{key: value for key, value in said.items() if value}}).wish()
    purpose, order = said.get("purpose", ""), said.get("order", "")
    purpose = purpose if purpose in LoanPurpose.values else ""
    return Need(wish, purpose, order if order in WISHES else WISHES[0])


def _require_shown(asked: Asked, form: LoanForm) -> None:
    """What was looked at is what is applied for: what fits is reckoned anew when the form is sent.

    Raises DomainError: never does a form shown for one bank become an application to another, or to all.
    """
    if asked.gone is not None:
        words = _("“%(name)s”已经下架，没有提交；您填写的内容都在，请选下面的一种继续。")
        raise DomainError(words % {"name": asked.gone.name}, code="product_gone")
    seen = form.cleaned_data.get("version", "")
    if seen == asked.shown:
        return
    if asked.version is None:
        words = _("您看的产品现在不能申请了。下面是面向全部银行的申请，由接单的银行查阅，请看过再提交。")
        raise DomainError(words, code="product_gone")
    words = _("现在可申请的是%(bank)s的“%(name)s”，请看过它的金额、期限和利率再提交。")
    raise DomainError(words % {"bank": asked.whom, "name": asked.version.name}, code="product_changed")


def _forms(request: HttpRequest, actor: Actor, asked: Asked) -> tuple[LoanForm, ConsentForm]:
    """Both parts of the page, as they were sent or pre-filled."""
    sent = request.POST if request.method == "POST" else None
    form = LoanForm(sent, offered=asked.read, initial=_known(request, actor, asked))
    consent = ConsentForm(sent, whom=asked.whom, needs=needs_of(asked.read))
    return form, consent


def _unmet(actor: Actor, asked: Asked) -> list[str]:
    """What speaks against the product that the enterprise chose itself, lest it consents for nothing."""
    if asked.version is None or asked.mode != LoanMode.CHOOSE:
        return []
    return unmet(explained(actor.enterprise, asked.version, timezone.localdate()))


def _instead(request: HttpRequest, actor: Actor) -> tuple[Recommended, ...]:
    """What fits and can meet what was typed so far."""
    return recommend(actor.enterprise, _need(_wish(request))).best


def _ways(request: HttpRequest) -> dict[str, str]:
    """The two ways without choosing, as queries of this address."""
    return {"recommend": urlencode({"mode": LoanMode.RECOMMEND.value} | _wish(request)), "open": ""}


def _wish(request: HttpRequest) -> dict[str, str]:
    """Amount, term and purpose as typed, or as the address has them."""
    typed = request.POST if request.method == "POST" else request.GET
    return {name: typed.get(name, "")[:20] for name in ("amount", "months", "purpose")}


def _known(request: HttpRequest, actor: Actor, asked: Asked) -> dict[str, Any]:
    """What is known already: of the address, of the product, of what was asked before."""
    mine = LoanApplication.objects.of(actor).filter(filed_by=actor.user)
    initial: dict[str, Any] = {
        "contact_name": actor.user.name,
        "contact_phone": phone_of(actor, mine),
        "months": 12,
        "key": uuid4().hex,
    }
    amount, months = request.GET.get("amount", "")[:20], request.GET.get("months", "")
    if amount:
        initial["amount"] = amount
    if months.isascii() and months.isdecimal() and len(months) <= 3:
        initial["months"] = int(months)
    if (purpose := request.GET.get("purpose", "")) in LoanPurpose.values:
        initial["purpose"] = purpose
    if asked.version is not None:
        initial["version"] = asked.shown
        if asked.version.term_max:
            initial["months"] = min(initial["months"], asked.version.term_max)
    return initial


def _filing(asked: Asked, form: LoanForm, consent: ConsentForm) -> Filing:
    given = form.cleaned_data
    terms = consent.terms("", at=timezone.now())
    return Filing(
        mode=asked.mode if asked.version else LoanMode.OPEN,
        amount_fen=given["amount"],
        term_months=given["months"],
        purpose=given["purpose"],
        purpose_note=given["note"],
        contact_name=given["contact_name"],
        contact_phone=given["contact_phone"],
        sharing=Sharing(terms.facts, terms.until, terms.credentials),
        version=asked.version,
        branch=given.get("branch"),
        key=given["key"],
    )


def _banks() -> list[str]:
    """Who may take an open application: the enterprise knows whom it agrees to."""
    return list(Bank.objects.live().order_by("short").values_list("short", flat=True)[:NAMED])
