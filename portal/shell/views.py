"""Pages of the whole site: home, help, search, health, and the switch of the theme."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import DatabaseError, connection
from django.db.models import Count, Q, Window
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from appeals.models import ProviderMember
from enterprises.acting import act
from enterprises.models import Enterprise
from finance.acting import serves_a_bank
from finance.products.browsing import products_named
from policies.applying.pages.waiting import alive, begun
from policies.book import in_force
from policies.browsing import Browsing
from policies.mine import standings, texts
from policies.models import PolicyDocument
from policies.money.pages.waiting import look
from policies.search.text import normalise
from policies.survey import survey
from policies.views import reader
from portal.accounts.requests import signed_in
from portal.kernel.http import writes_on_get
from portal.notifications.models import Message
from portal.shell.context import DARK_MEDIA, THEME_COOKIE, shell_of
from portal.shell.todos import appeals, applications, money, offers, ratings, talks, todo, urgent, visits

YEAR = 365 * 24 * 3600
OPEN_NOW_SHOWN = 6
FOUND_SHOWN = 10
PRODUCTS_FOUND = 5
FITTING_SHOWN = 6
MESSAGES_SHOWN = 4
HOT = ("研发", "升规", "专精特新", "稳岗", "技改", "贷款贴息")
"""Words that people search for most; each finds something in the demo county."""


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search first, then what is open now, and how much there is."""
    today = timezone.localdate()
    book = in_force(today)
    figures = {
        "all": len(book.entries),
        "open": sum(entry.is_open(today) for entry in book.entries),
        "enjoy": sum(entry.enjoy for entry in book.entries),
        "firms": Enterprise.objects.in_business().count(),
    }
    open_now = Browsing(book, "", QueryDict("open_now=true")).listing("deadline")
    context = {"hot": HOT, "figures": figures, "open_now": open_now[:OPEN_NOW_SHOWN]}
    return render(request, "shell/home.html", context)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where somebody goes who has just signed in: to their work, not to the public home."""
    firms = shell_of(request).enterprises
    if len(firms) == 1:
        return redirect("enterprise_home", firms[0].pk)
    if firms:
        return redirect("enterprises")
    if ProviderMember.objects.filter(user=request.user.pk).exists():
        return redirect("providers")
    if serves_a_bank(signed_in(request)):
        return redirect("bank")
    if shell_of(request).has_desk:
        return redirect("desks")
    return redirect("admin:index" if request.user.is_staff else "home")


@require_safe
def enterprise_home(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Money within reach, what to do, what fits, what is new."""
    actor = act(request, enterprise)
    today = timezone.localdate()
    surveyed = survey(actor.enterprise, today)
    groups = surveyed.groups
    first = [*groups["fits"], *groups["open"], *groups["needs"], *groups["near"]][:FITTING_SHOWN]
    found = alive(actor)
    applied = begun(found, today)
    funds = look(actor)
    pressing = urgent(surveyed, today, applied)
    versions = texts(surveyed, [*first, *pressing])
    left = shell_of(request).deadline
    inbox = Message.objects.filter(mailbox=actor.enterprise.mailbox_id).unread_by(actor.user)
    counted = inbox.with_is_read(actor.user).annotate(unread=Window(Count("pk")))
    messages_new = list(counted[:MESSAGES_SHOWN])
    shell_of(request).take_unread(messages_new[0].unread if messages_new else 0)
    context = {
        "enterprise": actor.enterprise,
        "reach": surveyed.reach,
        "later_tab": surveyed.later_group,
        "counts": surveyed.counts,
        "standings": standings(surveyed, first, versions, applied),
        "funds": funds,
        "todos": [
            *offers(actor, left),
            *money(funds, enterprise),
            *applications(found, today, left),
            *appeals(actor),
            *visits(actor),
            *talks(actor),
            *ratings(actor, today),
            *(
                todo(one, versions[one.entry.version_id], enterprise, left(one.entry.window_to))
                for one in pressing
            ),
        ],
        "messages_new": messages_new,
        "known": sum(map(len, surveyed.knowledge.facts.values())),
    }
    return render(request, "enterprises/home.html", context)


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to sign in, read a verdict, supply what is missing, and whom to ask."""
    return render(request, "shell/help.html")


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the words in the header's box find: policies first, then documents, and credit products."""
    words = request.GET.get("q", "").strip()[:100]
    documents = PolicyDocument.objects.visible_to(reader(request))
    plain = normalise(words)
    named = (
        documents.filter(Q(title__icontains=plain) | Q(number__icontains=plain))
        if plain
        else documents.none()
    )
    browsing = Browsing(in_force(timezone.localdate()), words, QueryDict())
    page = Paginator(browsing.listing(), FOUND_SHOWN).get_page(request.GET.get("page"))
    context = {
        "search_words": words,
        "page": page,
        "partly": browsing.partly,
        "documents": named[:FOUND_SHOWN],
        "products": products_named(words, timezone.localdate())[:PRODUCTS_FOUND],
    }
    return render(request, "shell/search.html", context)


@writes_on_get  # without the transaction of a page, which fails before the view when the database is dead
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """For load balancers: 200 when the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's choice in a cookie, then go back to the page."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    answer = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in DARK_MEDIA:
        answer.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    else:
        answer.delete_cookie(THEME_COOKIE, samesite="Lax")
    return answer
