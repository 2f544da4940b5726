"""A batch is made: waiting awards of one budget line, all of them or those that are ticked."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from policies.models import Award, BudgetLine, PayeeAccount, Payment, PaymentBatch
from policies.models.money.batch import BatchState
from policies.models.money.payment import PaymentState, came_back_from
from policies.money import batches
from policies.money.awards import waiting
from policies.money.desk.acting import act, batches_at, frame, lines_at
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id
from portal.kernel.language import in_language_of_record

SHOWN: Final = 200
"""Awards that are listed to be ticked; all of them can be taken at once whatever their number."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, department: int) -> HttpResponse:
    """What is owed from a line, to be put into a new batch or one that is still a draft.

    Never kept by a browser, nor are its ticks: coming Back to a list that has become shorter, it would
    restore them by position, on enterprises that nobody chose.
    """
    desk = act(request, department, Role.PAYMENT_PREPARER)
    given = request.POST if request.method == "POST" else request.GET
    batch = _draft(desk, given.get("batch", ""))
    line = batch.line if batch else _line(desk, given.get("line", ""))
    if line is None:
        return render(request, "money/desk/making.html", frame(desk, "desk_money", line=None))
    item = posted_id(given.get("item", ""))
    owed = ready(line, item)
    if request.method == "POST":
        try:
            made = _made(request, desk, line, batch, owed)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            return redirect("desk_money_batch", department, made.number)
    sums = owed.aggregate(count=Count("pk"), fen=Sum("amount_fen", default=0))
    context = frame(
        desk,
        "desk_money",
        line=line,
        lines=lines_at(desk).order_by("-year", "code"),
        batch=batch,
        item=item,
        items=_items(line),
        rows=owed.for_lists().order_by("pk")[:SHOWN],
        sums=sums,
        most=SHOWN,
        short=sums["fen"] > line.available_fen,
        missing=list(
            without_account(line)
            .for_lists()
            .annotate(came_back=Subquery(_came_back()))
            .order_by("pk")[:SHOWN]
        ),
        title=given.get("title", "") or _title(line),
    )
    status = 422 if request.method == "POST" else 200
    return render(request, "money/desk/making.html", context, status=status)


def with_account(awards: QuerySet[Award]) -> Any:
    """Each with `ready`: whether the account in use was found to match, so that it can be paid now."""
    return awards.annotate(ready=Exists(_verified()))


def ready(line: BudgetLine, item: int = 0) -> Any:
    """Awards that can be paid now: waiting, and the account in use was found to match."""
    owed = waiting(line).filter(Exists(_verified()))
    return owed.filter(item=item) if item else owed


def without_account(line: BudgetLine) -> Any:
    """Awards that wait for an account, for its check, or for another one after the bank sent money back."""
    return waiting(line).filter(~Exists(_verified()))


def _came_back() -> Any:
    """Why the bank sent money back from the account that the award's enterprise still has."""
    newer = PayeeAccount.objects.filter(enterprise=OuterRef("enterprise"), pk__gt=OuterRef("account"))
    back = Payment.objects.filter(
        ~Exists(newer), enterprise=OuterRef("enterprise"), state=PaymentState.RETURNED
    )
    return back.order_by("-pk").values("reason")[:1]


def _verified() -> QuerySet[PayeeAccount]:
    """The enterprise's newest account: found to match, in the name of today, and no money came back of it."""
    newer = PayeeAccount.objects.filter(enterprise=OuterRef("enterprise"), pk__gt=OuterRef("pk"))
    accounts = PayeeAccount.objects.filter(
        enterprise=OuterRef("enterprise"), finding__outcome="matched", holder=F("enterprise__name")
    )
    return accounts.filter(~Exists(newer), ~came_back_from("pk"))


def _made(
    request: HttpRequest, desk: Desk, line: BudgetLine, batch: PaymentBatch | None, owed: QuerySet[Award]
) -> PaymentBatch:
    """The batch with what was chosen. Raises DomainError."""
    if request.POST.get("which") != "all":
        picked = {posted_id(key) for key in request.POST.getlist("pick")[:SHOWN]} - {0}
        owed = owed.filter(pk__in=picked)
    wanted = list(owed.select_related("enterprise").defer("evidence").order_by("pk"))
    if not wanted:
        raise DomainError(_("请至少勾选一笔待拨付的资金。"), code="nothing")
    now = timezone.now()
    with transaction.atomic():
        title = request.POST.get("title", "").replace("\0", "")[:100]
        made = batch or batches.draft(line, title, by=desk.user, at=now)
        batches.add(made, wanted, by=desk.user, at=now)
    messages.success(request, _("已加入 %(count)d 笔，请核对后提交确认。") % {"count": len(wanted)})
    return made


def _draft(desk: Desk, number: str) -> PaymentBatch | None:
    if not number:
        return None
    drafts = batches_at(desk).filter(state=BatchState.DRAFT).select_related("line__department")
    return get_object_or_404(drafts, number=number)


def _line(desk: Desk, key: str) -> BudgetLine | None:
    """That of the address, else the first one; None when the department has none."""
    lines = lines_at(desk).select_related("department").order_by("-year", "code")
    if posted_id(key):
        return get_object_or_404(lines, pk=posted_id(key))
    return lines.first()


def _items(line: BudgetLine) -> list[dict[str, Any]]:
    """Items with something ready, each with its title, number and sum."""
    rows = ready(line).order_by().values("item", title=F("version__title"))
    return list(rows.annotate(count=Count("pk"), fen=Sum("amount_fen")).order_by("title"))


@in_language_of_record()
def _title(line: BudgetLine) -> str:
    now = timezone.localtime()
    return _("%(line)s %(year)d 年 %(month)d 月拨付") % {
        "line": line.label,
        "year": now.year,
        "month": now.month,
    }
