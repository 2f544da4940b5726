"""The page where users say by which ways messages reach them besides the portal, and when not."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id
from portal.kernel.sending import SendingState
from portal.notifications.confirming import asked, confirm
from portal.notifications.fanout import ring
from portal.notifications.forms import ChannelForm, QuietHoursForm, TopicsForm
from portal.notifications.managing import add_channel, choose_topics, topics_of
from portal.notifications.models import Channel, Delivery, QuietHours, Topic
from portal.notifications.outgoing import send_test

PAGE_SIZE: Final = 10
COLOURS: Final = {
    SendingState.SENT: "done",
    SendingState.FAILED: "due",
    SendingState.GIVEN_UP: "late",
}
Forms = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """The user's channels, what each carries, quiet hours, what was sent; each form says what it does."""
    user = signed_in(request)
    forms: Forms = {}
    if request.method == "POST":
        step = STEPS.get(request.POST.get("do", ""))
        if step is None:
            raise Http404
        try:
            forms = step(request, user)
        except DomainError as error:
            messages.error(request, str(error))
        if not forms:
            return redirect("notification_channels")
    return render(
        request, "notifications/channels.html", _context(request, user, forms), status=422 if forms else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """The page that a letter leads to: the user says that the address is theirs."""
    channel = asked(token, signed_in(request))
    if channel is not None and request.method == "POST":
        confirm(channel)
        messages.success(request, _("已确认，以后的消息会发到这个邮箱。"))
        return redirect("notification_channels")
    status = 200 if channel else 404
    return render(request, "notifications/confirm.html", {"channel": channel}, status=status)


def _context(request: HttpRequest, user: User, forms: Forms) -> dict[str, Any]:
    own = list(Channel.objects.present().filter(user=user))
    topics = list(Topic.objects.all())
    carried = topics_of(own, topics)
    sent = Delivery.objects.of(user).select_related("channel", "message").order_by("-pk")
    page = Paginator(sent, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "channels": [
            (one, TopicsForm(topics, initial={"topics": carried[one.pk]}, auto_id=f"topics-{one.pk}-%s"))
            for one in own
        ],
        "form": forms.get("add") or ChannelForm(initial={"address": "" if own else user.email}),
        "quiet": forms.get("quiet") or QuietHoursForm(instance=_hours(user), auto_id="quiet-%s"),
        "page": page,
        "rows": [(row, COLOURS.get(row.state, "info")) for row in page],
    }


def _hours(user: User) -> QuietHours:
    starts, ends = settings.QUIET_HOURS
    return QuietHours.objects.filter(user=user).first() or QuietHours(user=user, starts=starts, ends=ends)


def _mine(request: HttpRequest, user: User) -> Channel:
    pk = posted_id(request.POST.get("channel", ""))
    return get_object_or_404(Channel.objects.present().filter(user=user), pk=pk)


def _add(request: HttpRequest, user: User) -> Forms:
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return {"add": form}
    try:
        made = add_channel(user, form.cleaned_data["kind"], form.given, form.cleaned_data["label"])
    except DomainError as error:
        form.add_error("address", str(error))
        return {"add": form}
    ring()
    if made.kind == Channel.Kind.MAIL:
        messages.success(request, _("确认邮件已发出，请打开邮件里的链接确认。"))
    else:
        messages.success(request, _("测试消息已发出，群里收到后通道自动启用。"))
    return {}


def _test(request: HttpRequest, user: User) -> Forms:
    send_test(_mine(request, user))
    ring()
    messages.success(request, _("测试消息已发出，结果见下面的发送记录。"))
    return {}


def _switch(request: HttpRequest, user: User) -> Forms:
    channel = _mine(request, user)
    channel.active = not channel.active
    channel.save(update_fields=["active"])
    messages.success(request, _("已启用。") if channel.active else _("已暂停，站内消息照常收到。"))
    return {}


def _remove(request: HttpRequest, user: User) -> Forms:
    _mine(request, user).remove()
    messages.success(request, _("已移除，保存的地址已删除。"))
    return {}


def _topics(request: HttpRequest, user: User) -> Forms:
    channel, form = _mine(request, user), TopicsForm(Topic.objects.all(), request.POST)
    if not form.is_valid():
        raise DomainError(_("消息类别已变化，请重新选择。"))
    choose_topics(channel, form.cleaned_data["topics"])
    messages.success(request, _("已保存。"))
    return {}


def _quiet(request: HttpRequest, user: User) -> Forms:
    form = QuietHoursForm(request.POST, instance=_hours(user), auto_id="quiet-%s")
    if not form.is_valid():
        return {"quiet": form}
    form.save()
    messages.success(request, _("免打扰时段已保存。"))
    return {}


def _resend(request: HttpRequest, user: User) -> Forms:
    pk = posted_id(request.POST.get("delivery", ""))
    delivery = get_object_or_404(Delivery.objects.of(user), pk=pk)
    if not delivery.resend():
        raise DomainError(_("这条消息已发送或正在发送，不用重发。"))
    ring()
    messages.success(request, _("已重新发送。"))
    return {}


STEPS: Final[dict[str, Callable[[HttpRequest, User], Forms]]] = {
    "add": _add,
    "test": _test,
    "switch": _switch,
    "remove": _remove,
    "topics": _topics,
    "quiet": _quiet,
    "resend": _resend,
}
