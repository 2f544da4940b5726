"""The message centre: of a user here, of an enterprise through `enterprises.views`."""

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.requests import signed_in
from portal.kernel.http import posted_id
from portal.notifications.models import Mailbox, Mailboxes, Message
from portal.notifications.services import mark_read, unread_count
from portal.notifications.topics import label

PAGE_SIZE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest) -> HttpResponse:
    """The user's own messages."""
    return answer(request, Mailbox.objects.filter(user=request.user.pk), reverse("messages"))


def answer(request: HttpRequest, mailboxes: Mailboxes, address: str, **context: object) -> HttpResponse:
    """The message centre of some mailboxes: a list on GET, marking as read or opening on POST.

    `address` is the page's own. Whoever calls this has checked that the user may read the mailboxes.
    """
    user = signed_in(request)
    if request.method == "POST":
        return HttpResponseRedirect(_change(request, mailboxes, address))
    unread_only = request.GET.get("show") == "unread"
    chosen = request.GET.get("kind", "")
    within = Message.objects.within(mailboxes)
    kinds = within.order_by("kind").values("kind").annotate(found=Count("pk"))
    shown = within.unread_by(user) if unread_only else within
    if chosen:
        shown = shown.filter(kind=chosen)
    unread = unread_count(mailboxes, user)
    here = {
        "page": _page(shown.with_is_read(user), request),
        "address": address,
        "unread": unread,
        "kinds": [{"key": row["kind"], "label": label(row["kind"]), "count": row["found"]} for row in kinds],
        "chosen": chosen,
        "tabs": [
            {"url": address, "label": _("全部"), "count": None, "current": not unread_only},
            {"url": f"{address}?show=unread", "label": _("未读"), "count": unread, "current": unread_only},
        ],
    }
    return render(request, "notifications/messages.html", {**here, **context})


def _change(request: HttpRequest, mailboxes: Mailboxes, address: str) -> str:
    """Mark one or all as read; returns where to go: the message's own page when it was opened."""
    user = signed_in(request)
    within = Message.objects.within(mailboxes)
    if request.POST.get("all"):
        mark_read(within, user)
        return address
    message = get_object_or_404(within, pk=posted_id(request.POST.get("message", "")))
    mark_read([message], user)
    return message.url if request.POST.get("open") and message.url else address


def _page(found: object, request: HttpRequest) -> Page[Message]:
    return Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
