"""Pages of an enterprise that need no policy: switcher, claiming, facts, members, messages."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enterprises import services, sheet
from enterprises.acting import act
from enterprises.actors import Actor
from enterprises.catalogue import FactSpec
from enterprises.forms import ClaimForm, InvitationForm
from enterprises.knowledge import SELF
from enterprises.models import Claim, ClaimEvent, Invitation, MemberRole, Membership
from enterprises.models.membership import InvitationState
from enterprises.values import input_text, range_words
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id
from portal.notifications.models import Mailbox
from portal.notifications.views import answer

PAGE_SIZE = 20
FACTS_A_PAGE = 100


@require_safe
def switcher(request: HttpRequest) -> HttpResponse:
    """The enterprises the user acts for, and how their claims stand."""
    mine = Membership.objects.current().filter(user=request.user.pk).select_related("enterprise")
    page = Paginator(mine.order_by("enterprise__name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    replies = Prefetch("events", ClaimEvent.objects.filter(public=True).order_by("-pk"), to_attr="replies")
    claims = Claim.objects.filter(user=request.user.pk).select_related("enterprise").prefetch_related(replies)
    return render(request, "enterprises/list.html", {"page": page, "claims": claims[:10]})


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Claim an enterprise; an official decides."""
    form = ClaimForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.submit_claim(
                signed_in(request),
                given["uscc"],
                given["licence"],
                role=MemberRole(given["role"]),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已提交，工作人员核对后会发消息告诉您。"))
            return redirect("enterprises")
    return render(request, "enterprises/claim.html", {"form": form}, status=_status(request, form))


@require_safe
def facts(request: HttpRequest, enterprise: int) -> HttpResponse:
    """What is known of the enterprise, by whom, as of when."""
    actor = act(request, enterprise)
    everything = sheet.rows(services.knowledge_of(actor.enterprise, as_of=timezone.localdate()))
    chosen = request.GET.get("dimension", "")
    counts = Counter(row.dimension for row in everything if row.value)
    groups: list[dict[str, Any]] = [
        {"key": key, "label": key or _("全部"), "count": count, "current": key == chosen}
        for key, count in [("", counts.total()), *sorted(counts.items(), key=lambda item: -item[1])]
    ]
    words = request.GET.get("q", "").strip()
    shown = [row for row in everything if chosen in ("", row.dimension) and row.speaks_of(words)]
    page = Paginator(shown, FACTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "enterprise": actor.enterprise,
        "groups": groups,
        "page": page,
        "words": words,
        "chosen": chosen,
    }
    return render(request, "enterprises/facts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def fact(request: HttpRequest, enterprise: int, key: str) -> HttpResponse:
    """Supply one fact of the enterprise."""
    actor = act(request, enterprise)
    spec = services.load_catalogue().get(key)
    if spec is None:
        raise Http404
    today = timezone.localdate()
    context = {
        "enterprise": actor.enterprise,
        "spec": spec,
        "hint": range_words(spec),
        "years": range(today.year, today.year - sheet.YEARS, -1) if spec.periodic else [],
    }
    if request.method != "POST":
        return render(request, "enterprises/fact.html", {**context, **_standing(actor, spec, request)})
    given = {"value": _posted_value(request), "period": request.POST.get("period", "")}
    try:
        period = declare(actor, key, request)
    except DomainError as error:
        context |= {"given": given, "error": str(error)}
        return render(request, "enterprises/fact.html", context, status=422)
    messages.success(request, _("已记下，标为“企业自报”。政策已按新信息重新核对。"))
    index, anchor = sheet.place_of(
        sheet.rows(services.knowledge_of(actor.enterprise, as_of=today)), key, period
    )
    address = reverse("enterprise_facts", args=[enterprise])
    return redirect(f"{address}?page={index // FACTS_A_PAGE + 1}#{anchor}")


def _standing(actor: Actor, spec: FactSpec, request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: the year asked for and what the enterprise said of it, if it said it."""
    period = _year(request.GET.get("period", ""))
    knowledge = services.knowledge_of(actor.enterprise, as_of=timezone.localdate())
    known = knowledge.value(spec.key, period) if spec.periodic == (period is not None) else None
    own = known is not None and known.source == SELF
    value = input_text(spec, known.value) if known is not None and own else ""
    return {
        "given": {"value": value, "period": str(period or "")},
        "own": own,
        "kept": None if own else known and sheet.shown_value(knowledge.catalogue, spec, known),
        "keeper": known and sheet.source_name(known.source),
    }


def declare(actor: Actor, key: str, request: HttpRequest) -> int | None:
    """Record what a form posted: `value` (several for choices), `period`, `unit`; the year.

    Raises DomainError.
    """
    period = _year(request.POST.get("period", ""))
    services.declare_fact(actor, key, period, _posted_value(request), unit=request.POST.get("unit", ""))
    return period


def _posted_value(request: HttpRequest) -> str:
    return "、".join(request.POST.getlist("value"))


def _year(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) == 4 else None


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Who acts for the enterprise; managers invite, take invitations back and dismiss."""
    actor = act(request, enterprise)
    form = InvitationForm(request.POST if "invite" in request.POST else None) if actor.may_manage else None
    link = ""
    if request.method == "POST":
        try:
            if revoked := request.POST.get("revoke"):
                services.revoke_invitation(actor, posted_id(revoked))
                messages.success(request, _("邀请已撤回，链接不能再用。"))
                return redirect("enterprise_members", enterprise)
            if leaving := request.POST.get("dismiss"):
                services.dismiss(actor, posted_id(leaving))
                messages.success(request, _("已移出，该成员不能再代表本企业。"))
                return redirect("enterprise_members", enterprise)
            if form and form.is_valid():
                given = form.cleaned_data
                role = MemberRole(given["role"])
                _invitation, token = services.invite(actor, given["invitee"], role, until=given["until"])
                link = request.build_absolute_uri(reverse("join", args=[token]))
        except DomainError as error:
            messages.error(request, str(error))
    found = (
        Membership.objects.current().filter(enterprise=actor.enterprise).select_related("user").order_by("pk")
    )
    waiting = Invitation.objects.filter(
        enterprise=actor.enterprise, state=InvitationState.OPEN, expires_at__gt=timezone.now()
    )
    context = {
        "enterprise": actor.enterprise,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "invitations": waiting[:PAGE_SIZE] if actor.may_manage else [],
        "actor": actor,
        "form": form,
        "link": link,
    }
    return render(request, "enterprises/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: the page asks, naming who invites into what, and the button joins."""
    try:
        if request.method != "POST":
            return render(request, "enterprises/join.html", {"invitation": services.find_invitation(token)})
        membership = services.accept_invitation(signed_in(request), token)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("enterprises")
    messages.success(request, _("您已加入，可以开始办事了。"))
    return redirect("enterprise_home", membership.enterprise_id)


@require_http_methods(["GET", "HEAD", "POST"])
def enterprise_messages(request: HttpRequest, enterprise: int) -> HttpResponse:
    """The message centre of the enterprise."""
    actor = act(request, enterprise)
    mailbox = Mailbox.objects.filter(pk=actor.enterprise.mailbox_id)
    address = reverse("enterprise_messages", args=[enterprise])
    return answer(request, mailbox, address, enterprise=actor.enterprise)


def _status(request: HttpRequest, form: ClaimForm) -> int:
    return 422 if request.method == "POST" and form.errors else 200
