"""Where the payment desk begins: what waits for me, then awards waiting for a batch, then batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from policies.models import BudgetLine, Freeze, Payment, PaymentBatch
from policies.models.money.batch import BatchState
from policies.models.money.correction import CorrectionState
from policies.models.money.exchange import FileState
from policies.models.money.payment import PaymentState
from policies.money.awards import waiting
from policies.money.desk.accounts import to_check
from policies.money.desk.acting import (
    act,
    batches_at,
    corrections_at,
    frame,
    lines_at,
    payments_at,
    returned_at,
)
from policies.money.desk.counting import counts_at
from policies.money.desk.freezes import freezes_at
from policies.money.desk.lines import came_back
from policies.money.desk.making import with_account
from policies.money.desk.slices import sliced
from policies.money.duties import PAYING, STOPPING
from portal.accounts.desks import Desk
from portal.accounts.duties import has_duty
from portal.accounts.roles import Role
from portal.kernel.durations import roughly
from portal.kernel.money import format_money

S = BatchState
TABS: Final = {
    "open": (gettext_lazy("在办"), (S.DRAFT, S.PREPARED, S.CONFIRMED, S.RELEASED)),
    "settled": (gettext_lazy("已办结"), (S.SETTLED,)),
    "cancelled": (gettext_lazy("已取消"), (S.CANCELLED,)),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for the user: what, more of it, where; `state` colours `badge`."""

    title: str
    note: str
    url: str
    badge: str
    state: str = "due"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Awards of a budget line that can be put into a batch now; `held` wait for an account first."""

    line: BudgetLine
    count: int
    fen: int
    held: int
    oldest: dt.datetime | None


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """What is to be done by this user first."""
    desk = act(request, department)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "open"
    found = _of_tab(desk, tab).select_related("line__department")
    owed = waiting_at(desk)
    counts = _counts(desk)
    context = frame(
        desk,
        "desk_money",
        counts_at(desk),
        todos=list(_todos(desk, owed)),
        owed=owed,
        may_prepare=has_duty(desk.user, desk.department, Role.PAYMENT_PREPARER),
        slice=sliced(_with_sums(found), request.GET),
        tab=tab,
        tabs=[
            {
                "url": f"?tab={key}",
                "label": label,
                "count": counts[key],
                "current": key == tab,
            }
            for key, (label, _states) in TABS.items()
        ],
        frozen=list(Freeze.objects.live().filter(line=None, batch=None).select_related("by")),
    )
    return render(request, "money/desk/home.html", context)


def waiting_at(desk: Desk) -> list[Waiting]:
    """By budget line: two queries for each line that is in force, of which there are a few."""
    found = []
    for line in lines_at(desk).select_related("department").order_by("-year", "code"):
        can = Q(ready=True)
        sums = with_account(waiting(line)).aggregate(
            count=Count("pk", filter=can),
            fen=Sum("amount_fen", filter=can, default=0),
            held=Count("pk", filter=~can),
            oldest=Min("made_at", filter=can),
        )
        if sums["count"] or sums["held"]:
            found.append(Waiting(line, sums["count"], int(sums["fen"]), sums["held"], sums["oldest"]))
    return found


def _with_sums(batches: QuerySet[PaymentBatch]) -> Any:
    """Each with `shown_count` and `shown_fen` of what was not taken out, and `shown_back` that came back."""
    live = Payment.objects.filter(batch=OuterRef("pk")).exclude(state=PaymentState.VOID)
    grouped = live.order_by().values("batch")
    back = came_back().filter(batch=OuterRef("pk")).order_by().values("batch")
    return batches.annotate(
        shown_count=Coalesce(Subquery(grouped.annotate(n=Count("pk")).values("n")), 0),
        shown_fen=Coalesce(Subquery(grouped.annotate(n=Sum("amount_fen")).values("n")), 0),
        shown_back=Coalesce(Subquery(back.annotate(n=Count("pk")).values("n")), 0),
    )


def _of_tab(desk: Desk, tab: str) -> QuerySet[PaymentBatch]:
    """A batch of which something came back is not done with until that is made anew."""
    batches = batches_at(desk).annotate(is_back=Exists(came_back().filter(batch=OuterRef("pk"))))
    if tab == "open":
        return batches.filter(Q(state__in=TABS[tab][1]) | Q(state=S.SETTLED, is_back=True))
    return batches.filter(state__in=TABS[tab][1], is_back=False)


def _counts(desk: Desk) -> dict[str, int]:
    return {tab: _of_tab(desk, tab).count() for tab in TABS}


def _todos(desk: Desk, owed: list[Waiting]) -> Iterator[Todo]:
    at, user = desk.department.pk, desk.user
    yield from _alarms(desk)
    if desk.holds(Role.PAYMENT_RELEASER):
        yield from _batches(desk, S.CONFIRMED, _("下达批次“%(title)s”"))
    if desk.holds(Role.PAYMENT_CONFIRMER):
        yield from _batches(desk, S.PREPARED, _("确认批次“%(title)s”"))
    if has_duty(user, desk.department, *PAYING):
        count = to_check().count()
        if count:
            url = reverse("desk_money_accounts", args=[at])
            yield Todo(_("核对收款账户的户名"), _("核对相符后才能拨付"), url, _("%d 个") % count)
    if desk.holds(Role.PAYMENT_PREPARER):
        for one in owed:
            if one.oldest is None:
                continue
            yield Todo(
                _("编制“%(line)s”的拨付批次") % {"line": one.line.label},
                _("%(count)d 笔待拨付，合计 %(total)s")
                % {"count": one.count, "total": format_money(one.fen)},
                reverse("desk_money_new", args=[at]) + f"?line={one.line.pk}",
                _("最早 %(span)s前") % {"span": roughly(timezone.now() - one.oldest)},
            )
        yield from _batches(desk, S.DRAFT, _("编完并提交批次“%(title)s”"))


def _alarms(desk: Desk) -> Iterator[Todo]:
    """What stands still until somebody looks: quarantine, silence, a thaw to agree to, corrections."""
    at = desk.department.pk
    if has_duty(desk.user, desk.department, *PAYING):
        uploaded = returned_at(desk).filter(state=FileState.WAITING).exclude(by=desk.user)
        for file in uploaded.select_related("by").order_by("pk")[:5]:
            url = reverse("desk_money_file_in", args=[at, file.pk])
            note = _("%(file)s，%(who)s上传") % {"file": file.number, "who": file.by}
            yield Todo(_("复核上传的回单"), note, url, _("待复核"))
        for file in returned_at(desk).filter(state=FileState.QUARANTINED).order_by("pk")[:5]:
            url = reverse("desk_money_file_in", args=[at, file.pk])
            yield Todo(_("处理被隔离的回单文件"), str(file.name), url, _("已隔离"), "late")
        silent = payments_at(desk).filter(state=PaymentState.UNKNOWN)
        sums = silent.aggregate(count=Count("pk"), oldest=Min("sent_at"))
        if sums["count"]:
            span = roughly(timezone.now() - sums["oldest"])
            url = reverse("desk_money_payments", args=[at]) + "?state=unknown"
            yield Todo(
                _("与国库核实没有回单的拨付"),
                _("%(count)d 笔，最久 %(span)s") % {"count": sums["count"], "span": span},
                url,
                _("结果未知"),
                "late",
            )
    if has_duty(desk.user, None, *STOPPING):
        asked = freezes_at(desk).live().filter(thaw_asked_at__isnull=False)
        for one in asked.exclude(thaw_asked_by=desk.user):
            url = reverse("desk_money_freezes", args=[at])
            yield Todo(_("决定是否解冻"), one.reason, url, _("待同意"))
    if desk.holds(Role.LEADER):
        count = corrections_at(desk).filter(state=CorrectionState.PROPOSED).count()
        if count:
            url = reverse("desk_money_corrections", args=[at])
            yield Todo(_("决定追缴或补发"), _("更正事实后发现多付或少付"), url, _("%d 笔") % count)


def _batches(desk: Desk, state: str, title: str) -> Iterator[Todo]:
    """Batches that wait for this step, unless the user had a hand in them already."""
    rows = batches_at(desk).filter(state=state).select_related("line")
    if state in (S.PREPARED, S.CONFIRMED):
        rows = rows.exclude(events__actor=desk.user, events__name__in=("draft", "add", "drop", "prepare"))
        rows = rows.exclude(confirmed_by=desk.user)
    for one in rows.order_by("pk")[:10]:
        note = f"{one.number} · {one.line.label}"
        if one.count:
            note += " · " + _("%(count)d 笔，%(total)s") % {
                "count": one.count,
                "total": format_money(one.total_fen),
            }
        url = reverse("desk_money_batch", args=[desk.department.pk, one.number])
        yield Todo(title % {"title": one.title}, note, url, str(one.get_state_display()))
