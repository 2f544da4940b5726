"""Filing an appeal by phone in a minute: sent twice it is one, and nothing is kept when a file is refused."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appeals.filing import attach, file_appeal
from appeals.models import Appeal
from appeals.portal.advice import elsewhere, not_handled
from appeals.portal.forms import FilingForm
from enterprises.acting import act
from enterprises.actors import Actor, phone_of
from portal.accounts.models import User
from portal.kernel.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, enterprise: int) -> HttpResponse:
    """File an appeal."""
    actor = act(request, enterprise)
    first = {
        "title": request.GET.get("title", "")[:80],  # of the page that led here, say of a refused application
        "text": request.GET.get("text", "")[:1000],
        "contact_name": actor.user.name,
        "contact_phone": phone_of(actor, Appeal.objects.of(actor).filter(submitted_by=actor.user)),
        "key": uuid.uuid4().hex,
    }
    form = FilingForm(request.POST or None, request.FILES or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            appeal = _file(actor, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            _say(request, appeal, form)
            return redirect("enterprise_appeal", enterprise, appeal.number)
    failed = request.method == "POST"
    context = {
        "enterprise": actor.enterprise,
        "form": form,
        "not_handled": not_handled(),
        "folded": not (form["about"].value() or form["anonymous"].value() or form["confidential"].value()),
        "choose_again": failed and bool(request.FILES),
    }
    return render(request, "appeals/portal/new.html", context, status=422 if failed else 200)


@require_POST
def advice(request: HttpRequest, enterprise: int) -> HttpResponse:
    """What of the words written so far is handled elsewhere; posted, so that no log keeps them."""
    act(request, enterprise)
    words = request.POST.get("title", "")[:80] + "\n" + request.POST.get("text", "")[:4000]
    return render(request, "appeals/portal/advice.html", {"rules": elsewhere(words)})


def attach_all(appeal: Appeal, files: list[UploadedFile], *, by: User) -> None:
    """Keep the files; one that is there already is passed over. Raises DomainError; call it in `atomic`."""
    for file in files:
        try:
            attach(appeal, file, by=by)
        except DomainError as error:
            if error.code != "file_known":
                raise


def _file(actor: Actor, form: FilingForm) -> Appeal:
    key = form.cleaned_data["key"]
    with transaction.atomic():
        appeal = file_appeal(actor.enterprise, form.filing(), by=actor.user, key=f"form:{key}" if key else "")
        attach_all(appeal, form.given, by=actor.user)
    return appeal


def _say(request: HttpRequest, appeal: Appeal, form: FilingForm) -> None:
    if appeal.text != form.cleaned_data["text"].strip():
        messages.warning(
            request,
            _("这张表刚才已提交为 %(number)s，内容以第一次为准；要另提一件，请重新填一张。")
            % {"number": appeal.number},
        )
        return
    messages.success(
        request,
        _("已提交，编号 %(number)s。诉求中心受理后会发消息告诉您。") % {"number": appeal.number},
    )
    for rule in elsewhere(f"{appeal.title}\n{appeal.text}")[:1]:
        words = {"title": rule.title, "advice": rule.advice}
        messages.info(request, _("提示：“%(title)s”一般不在这里办。%(advice)s") % words)
