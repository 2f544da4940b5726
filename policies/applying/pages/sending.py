"""The last look before an application is sent, and sending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enterprises.acting import act
from policies.applying import sending
from policies.applying.pages.form import judged
from policies.applying.pages.own import own, to_page
from policies.applying.sheet import Sheet
from policies.models import Application
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id

LONGEST_REASON = 1000


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, enterprise: int, number: str) -> HttpResponse:
    """Show all that will be sent, or what is missing; sent by POST, once however often it is pressed."""
    actor = act(request, enterprise)
    application = own(actor, number)
    if request.method != "POST":
        return check_page(request, application) if application.is_editable else to_page(application)
    reason = request.POST.get("insisting", "").replace("\0", "")[:LONGEST_REASON]
    checked = posted_id(request.POST.get("revision", ""))
    try:
        sending.send(application, actor, at=timezone.now(), insisting=reason, revision=checked)
    except DomainError as error:
        if error.code == "sent":
            messages.info(request, str(error))
            return to_page(application)
        return check_page(request, own(actor, number), error)
    words = _("已提交，编号 %(number)s。办到哪一步，这里随时看得到，也会发消息告诉您。")
    messages.success(request, words % {"number": application.number})
    return to_page(application)


def check_page(
    request: HttpRequest, application: Application, error: DomainError | None = None
) -> HttpResponse:
    """What will be sent; after a refusal why it was not, with the reason that was typed."""
    sheet = Sheet.of(application, timezone.localdate())
    context = judged(sheet) | {
        "failing": [row for row in sheet.explanation.leaves if row.truth == "false" and not row.spare],
        "points": [(point, sheet.mending(point)) for point in sheet.points],
        "answered": [
            (question, sheet.words_of(question)) for question in sheet.questions if question.text.strip()
        ],
        "insisting": request.POST.get("insisting", "")[:LONGEST_REASON],
        "refusal": "" if error is None or error.code == "incomplete" else str(error),
    }
    status = 200 if error is None else 422 if error.code in ("incomplete", "ineligible") else 409
    return render(request, "applying/check.html", context, status=status)
