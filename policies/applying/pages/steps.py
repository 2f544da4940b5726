"""What an enterprise does with an application: start, withdraw, discard, move on to a new version, rate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enterprises.acting import act
from policies.applying import drafts, rating, sending
from policies.applying.pages.form import refused_page
from policies.applying.pages.keeping import keep
from policies.applying.pages.own import own, to_page
from policies.applying.pages.posted import answers_of
from policies.views import shown_version
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id


@require_POST
def start(request: HttpRequest, enterprise: int, code: str) -> HttpResponse:
    """Start a draft, or go on with the application that is alive; what was tried out is taken along."""
    actor = act(request, enterprise)
    version = shown_version(request, code)
    now = timezone.now()
    try:
        application = drafts.start(actor, version, at=now)
        tried = {key: text for key, text in answers_of(request.GET).items() if text}
        if tried and application.is_editable and not application.answers:
            saving = drafts.Saving(tried)
            drafts.save(application, saving, revision=application.revision, by=actor.user, at=now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("enterprise_policy", enterprise, code)
    return to_page(application)


@require_POST
def move(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Let a draft follow its item to the version in force, with all that was typed."""
    actor = act(request, enterprise)
    application = own(actor, number)
    kept = keep(request, actor, number)
    if kept.error is not None:
        return refused_page(request, own(actor, number), kept)
    today = timezone.localdate()
    current = sending.current_version(application, today)
    if current is None:
        messages.error(request, _("这项政策现在没有在执行的版本，已填内容仍保留。"))
        return to_page(application)
    try:
        drafts.move_to(application, current, today)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = _("已换到第 %(number)d 版，您填的都还在，请核对新的条件和材料。")
        messages.success(request, words % {"number": current.number})
    return to_page(application)


@require_POST
def withdraw(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Take it back with a reason."""
    actor = act(request, enterprise)
    application = own(actor, number)
    reason = request.POST.get("reason", "").replace("\0", "")[:1000]
    try:
        sending.withdraw(application, reason, actor=actor, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已撤回。需要时可以在政策页面重新申报。"))
    return to_page(application)


@require_POST
def discard(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Throw a draft away, and go back to the list."""
    application = own(act(request, enterprise), number)
    try:
        drafts.discard(application)
    except DomainError as error:
        messages.error(request, str(error))
        return to_page(application)
    messages.success(request, _("草稿“%(title)s”已删除。") % {"title": application.version.title})
    return redirect("enterprise_applications", enterprise)


@require_POST
def rate(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Give stars after the decision."""
    actor = act(request, enterprise)
    application = own(actor, number)
    stars = posted_id(request.POST.get("stars", ""))
    comment = request.POST.get("comment", "").replace("\0", "")
    try:
        rating.rate(application, stars, comment, by=actor.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("谢谢您的评价，会用来改进服务。"))
    return to_page(application)
