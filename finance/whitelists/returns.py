"""Results of a list as Excel, at the bank: taken away, brought back, looked at, booked whole."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from finance.acting import act
from finance.desk.steps import WORKING
from finance.models import WhitelistReturn
from finance.whitelists.giving import bank_table, note_given
from finance.whitelists.pushed import held_at
from finance.whitelists.reading import preview
from finance.whitelists.taking import book
from portal.kernel.errors import DomainError, ImportRefused
from portal.kernel.http import writes_on_get
from portal.kernel.spreadsheets import handed_out

LINES_SHOWN: Final = 200


class ReturnForm(forms.Form):
    """A file that is brought."""

    file = forms.FileField(
        label=gettext_lazy("Excel 文件（.xlsx）"),
        allow_empty_file=True,  # the validator says it in better words
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


@writes_on_get
@require_safe
def export(request: HttpRequest, bank: int, pk: int) -> HttpResponse:
    """The bank's part with its results so far, to be filled in; who takes it away is noted."""
    actor, now = act(request, bank), timezone.now()
    held = held_at(actor, pk)
    if request.method == "GET":
        note_given(held, actor.user, now, actor.bank.name)
    return handed_out(bank_table(held, actor, now), "xlsx", f"whitelist-{held.pk}")


@require_safe
def one(request: HttpRequest, bank: int, pk: int, file: int) -> HttpResponse:
    """A file as it would be booked now, or as it was."""
    actor = act(request, bank)
    kept = _kept(actor.bank.pk, pk, file)
    context: dict[str, Any] = {
        "actor": actor,
        "bank": actor.bank,
        "held": kept.whitelist,
        "file": kept,
        "booked": kept.is_booked,
        "works": kept.whitelist.state == "pushed" and actor.holds(*WORKING),
        "most": LINES_SHOWN,
    }
    if not context["booked"]:
        seen = preview(kept)
        context |= {"seen": seen, "lines": seen.lines[:LINES_SHOWN], "errors": seen.errors}
    else:
        context["event"] = kept.events.select_related("actor").last()
    return render(request, "finance/bank/whitelist_return.html", context)


@require_POST
def confirm(request: HttpRequest, bank: int, pk: int, file: int) -> HttpResponse:
    """Book it whole; a second time changes nothing and says so."""
    actor = act(request, bank, *WORKING)
    kept = _kept(actor.bank.pk, pk, file)
    was_booked = kept.is_booked
    try:
        booked = book(kept, by=actor, at=timezone.now())
    except ImportRefused:
        messages.error(request, _("清单没有记入，请看下面每一处的原因，改好后重新上传。"))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if was_booked or not booked.new:
            messages.info(request, unchanged(kept))
        else:
            words = _("已记入 %(new)d 家，另有 %(known)d 家没有变化。")
            messages.success(request, words % {"new": booked.new, "known": booked.known})
    return redirect("bank_whitelist_return", bank, pk, file)


def _kept(bank: int, pk: int, file: int) -> WhitelistReturn:
    rows = WhitelistReturn.objects.select_related("whitelist", "by")
    return get_object_or_404(rows, pk=file, bank=bank, whitelist=pk)


def unchanged(file: WhitelistReturn) -> str:
    """What is said of a file that came before."""
    return _("这份清单“%(name)s”以前已记入，没有任何变化。") % {"name": file.name}
