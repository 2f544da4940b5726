"""Accounts to be checked: the holder beside the registered name, what differs is marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Any, Final

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from policies.models import AccountCheck, PayeeAccount
from policies.models.money.payment import came_back_from
from policies.money import accounts
from policies.money.desk.acting import act, frame
from policies.money.desk.slices import firms_named, sliced, words_of
from policies.money.duties import PAYING
from portal.accounts.duties import has_duty
from portal.kernel.errors import DomainError

TABS: Final = {
    "waiting": gettext_lazy("待核对"),
    "mismatched": gettext_lazy("户名不符"),
    "matched": gettext_lazy("已相符"),
    "returned": gettext_lazy("银行退回"),
}


def in_use() -> Any:
    """The account in use of each enterprise."""
    newer = PayeeAccount.objects.filter(enterprise=OuterRef("enterprise"), pk__gt=OuterRef("pk"))
    return PayeeAccount.objects.filter(~Exists(newer))


def to_check() -> Any:
    """Those that nobody has compared."""
    return in_use().filter(finding=None)


def found_as(tab: str) -> Any:
    """Those of a tab; where the bank sent money back, what was found before counts no more."""
    if tab == "waiting":
        return to_check()
    came_back = came_back_from("pk")
    if tab == "returned":
        return in_use().filter(came_back)
    return in_use().filter(~came_back, finding__outcome=tab)


def differing(given: str, registered: str) -> Iterator[tuple[str, bool]]:
    """The given name in parts, each with whether the registered one says otherwise there.

    What is missing from the given name is a part of its own: a gap, ``＿``.
    """
    for kind, start, end, _since, _until in SequenceMatcher(
        None, given, registered, autojunk=False
    ).get_opcodes():
        if kind == "insert":
            yield "＿", True
        else:
            yield given[start:end], kind != "equal"


def elsewhere(rows: Iterable[PayeeAccount]) -> dict[int, list[str]]:
    """Names of other enterprises that ever gave the same number, by account: one query."""
    rows = list(rows)
    given = PayeeAccount.objects.filter(number__in={row.number for row in rows}).order_by("enterprise__name")
    known = given.values_list("number", "enterprise_id", "enterprise__name").distinct()
    same: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, enterprise, name in known:
        same[number].append((enterprise, name))
    return {row.pk: [name for pk, name in same[row.number] if pk != row.enterprise_id] for row in rows}


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Accounts in use by what was found; those that wait first, the oldest first."""
    desk = act(request, department)
    tab, words = request.GET.get("tab", ""), words_of(request.GET)
    tab = tab if tab in TABS else "waiting"
    found = found_as(tab)
    if words:
        found = found.filter(enterprise__in=firms_named(words))
    related = ("enterprise", "given_by", "finding__checked_by")
    slice_ = sliced(found.select_related(*related), request.GET, newest_first=tab != "waiting")
    others = elsewhere(slice_.rows)
    for row in slice_.rows:
        row.elsewhere = others[row.pk]
        row.parts = list(differing(row.holder, row.enterprise.name))
        row.differs = row.holder != row.enterprise.name
    count = to_check().count()
    context = frame(
        desk,
        "desk_money_accounts",
        slice=slice_,
        tab=tab,
        words=words,
        may_check=tab == "waiting" and has_duty(desk.user, None, *PAYING),
        tabs=[
            {
                "url": f"?tab={key}",
                "label": label,
                "count": count if key == "waiting" else None,
                "current": key == tab,
            }
            for key, label in TABS.items()
        ],
    )
    return render(request, "money/desk/accounts.html", context)


@require_POST
def check(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """Say what was found of one account."""
    desk = act(request, department)
    account = get_object_or_404(PayeeAccount.objects.select_related("enterprise"), pk=pk)
    outcome = request.POST.get("outcome", "")
    note = request.POST.get("note", "").replace("\0", "")[:300]
    try:
        accounts.check(account, outcome, by=desk.user, at=timezone.now(), note=note)
    except DomainError as error:
        messages.error(request, f"{account.enterprise.name}：{error}")
    else:
        label = AccountCheck.Outcome(outcome).label
        messages.success(
            request, _("%(name)s：%(outcome)s。") % {"name": account.enterprise.name, "outcome": label}
        )
    return redirect("desk_money_accounts", department)
