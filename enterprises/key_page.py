"""The page of an enterprise's API keys: managers make and revoke them; a token is shown once."""

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enterprises.acting import act
from enterprises.actors import Actor
from enterprises.keys import make_key, revoke_key
from enterprises.models import ApiKey, Scope
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id

SPANS = {90: gettext_lazy("90 天"), 365: gettext_lazy("一年"), 0: gettext_lazy("长期")}
SHOWN = 50


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        label=gettext_lazy("用途"), max_length=40, help_text=gettext_lazy("哪个系统使用，如“ERP 自动报修”。")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("权限"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("只勾选这个系统用得着的。"),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("有效期"), choices=list(SPANS.items()), coerce=int, initial=365
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, enterprise: int) -> HttpResponse:
    """List, make, revoke; only managers see it at work, others are told who they are."""
    actor = act(request, enterprise)
    form = KeyForm(request.POST if "make" in request.POST else None)
    token = ""
    if request.method == "POST":
        try:
            if revoked := request.POST.get("revoke"):
                revoke_key(actor, posted_id(revoked))
                messages.success(request, _("密钥已作废，用它的系统不能再访问。"))
                return redirect("enterprise_keys", enterprise)
            if form.is_valid():
                token = _make(actor, form)
                form = KeyForm()
        except DomainError as error:
            messages.error(request, str(error))
    own = ApiKey.objects.filter(enterprise=actor.enterprise).select_related("made_by")
    context = {
        "enterprise": actor.enterprise,
        "actor": actor,
        "form": form if actor.may_manage else None,
        "token": token,
        "keys": own[:SHOWN] if actor.may_manage else [],
        "now": timezone.now(),
    }
    return render(request, "enterprises/keys.html", context, status=422 if form.errors else 200)


def _make(actor: Actor, form: KeyForm) -> str:
    given = form.cleaned_data
    until = timezone.now() + dt.timedelta(days=given["days"]) if given["days"] else None
    return make_key(actor, given["name"], given["scopes"], until)[1]
