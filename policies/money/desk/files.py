"""Files between portal and treasury: what was sent, what came back, what waits for people and why."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from policies.models import InstructionFile, ReturnFile
from policies.models.money.exchange import NOT_BOOKED, BankOutcome, FileState
from policies.money import intake, uploading
from policies.money.desk import waiting
from policies.money.desk.acting import act, frame, returned_at, sent_at
from policies.money.desk.forms import ReasonForm
from policies.money.desk.slices import sliced
from policies.money.duties import PAYING
from policies.money.exchange.reading import require_size
from portal.accounts.desks import Desk
from portal.accounts.duties import has_duty
from portal.kernel.errors import DomainError

FOR_PEOPLE: Final = (FileState.WAITING, FileState.QUARANTINED)
TABS: Final = {"in": gettext_lazy("国库回单"), "out": gettext_lazy("拨付指令")}
LINES: Final = 200
DELIVERIES: Final = 20
GROUP: Final = 8


@require_safe
def page(request: HttpRequest, department: int) -> HttpResponse:
    """Return files, those that wait for people first; or instruction files."""
    return _page(request, act(request, department))


@require_POST
def upload(request: HttpRequest, department: int) -> HttpResponse:
    """Take a return file that an official brings, and show what came of it; what is none is not kept."""
    desk = act(request, department, *PAYING)
    brought = request.FILES.get("file")
    if brought is None:
        messages.error(request, _("请先选择国库的回单文件。"))
        return redirect("desk_money_files", department)
    now = timezone.now()
    try:
        require_size(brought.size or 0)
        name = brought.name or ""
        known = uploading.take(name, brought.read(), to=desk.department, by=desk.user, at=now)
    except DomainError as refusal:
        return _page(request, desk, refused=(brought.name, refusal.message.splitlines()))
    if known.state == FileState.APPLIED:
        messages.info(request, _("这个文件 %(name)s 以前已入账，没有变化。") % {"name": known})
        return redirect("desk_money_file_in", department, known.pk)
    return _told(request, known, desk)


@require_safe
def sent(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One instruction file: number, sums, hash, when it was delivered, what was answered."""
    desk = act(request, department)
    file = get_object_or_404(sent_at(desk).select_related("batch__line"), pk=pk)
    answers = ReturnFile.objects.defer("content").filter(instruction=file).order_by("-pk")
    context = frame(
        desk,
        "desk_money_files",
        file=file,
        digest=grouped(file.sha256),
        answers=answers,
        deliveries=file.deliveries.order_by("-pk")[:DELIVERIES],
        times=file.deliveries.count(),
    )
    return render(request, "money/desk/file_out.html", context)


@require_safe
def returned(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """One return file: what it says, or every reason why none of it was booked and what to do."""
    return _returned(request, act(request, department), pk)


@require_POST
def dismiss(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """A file in quarantine is dealt with."""
    desk = act(request, department, *PAYING)
    file = get_object_or_404(returned_at(desk), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            intake.dismiss(file, form.cleaned_data["reason"], by=desk.user, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已作废，其中的内容都没有入账。"))
            return redirect("desk_money_files", department)
    return _returned(request, desk, pk, form)


@require_POST
def judge(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """A file that was not booked is judged again, now that what was missing has come."""
    desk = act(request, department, *PAYING)
    file = get_object_or_404(returned_at(desk), pk=pk)
    try:
        judged = intake.judge_again(file, by=desk.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk_money_file_in", department, pk)
    return _told(request, judged, desk)


@require_POST
def confirm(request: HttpRequest, department: int, pk: int) -> HttpResponse:
    """A second person lets an upload be booked."""
    desk = act(request, department, *PAYING)
    file = get_object_or_404(returned_at(desk), pk=pk)
    try:
        judged = uploading.confirm(file, by=desk.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("desk_money_file_in", department, pk)
    return _told(request, judged, desk)


@require_safe
def content(request: HttpRequest, department: int, kind: str, pk: int) -> HttpResponse:
    """The bytes themselves, to be saved: never to be run or shown by a browser."""
    desk = act(request, department)
    file: InstructionFile | ReturnFile
    if kind == "out":
        file = get_object_or_404(sent_at(desk), pk=pk)
        name = f"{file.number}.{file.format}"
    elif kind == "in":
        file = get_object_or_404(returned_at(desk), pk=pk)
        name = file.name
    else:
        raise Http404
    answer = HttpResponse(bytes(file.content), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def grouped(digest: str) -> list[str]:
    """A digest in groups that two people can read to each other."""
    return [digest[at : at + GROUP] for at in range(0, len(digest), GROUP)]


def _page(request: HttpRequest, desk: Desk, refused: Any = None) -> HttpResponse:
    """The lists; `refused` is the name of an upload that was not taken, and its reasons."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "in"
    mine = (
        returned_at(desk).select_related("instruction__batch", "by").defer("content", "instruction__content")
    )
    rows: Any = (
        sent_at(desk).select_related("batch__line") if tab == "out" else mine.exclude(state__in=FOR_PEOPLE)
    )
    context = frame(
        desk,
        "desk_money_files",
        tab=tab,
        slice=sliced(rows, request.GET),
        unconfirmed=list(mine.filter(state=FileState.WAITING).order_by("pk")),
        quarantined=list(mine.filter(state=FileState.QUARANTINED).order_by("pk")),
        may_upload=has_duty(desk.user, desk.department, *PAYING),
        refused=refused,
        tabs=[
            {"url": f"?tab={key}", "label": label, "count": None, "current": key == tab}
            for key, label in TABS.items()
        ],
    )
    return render(request, "money/desk/files.html", context, status=422 if refused else 200)


def _returned(request: HttpRequest, desk: Desk, pk: int, form: ReasonForm | None = None) -> HttpResponse:
    rows = returned_at(desk).select_related("instruction__batch", "by", "confirmed_by")
    file = get_object_or_404(rows.defer("content", "instruction__content"), pk=pk)
    lines = file.lines.select_related("payment__enterprise", "payment__batch").order_by("line_no")
    found = lines.order_by().values_list("outcome").annotate(Count("pk"), Sum("amount_fen"))
    sums = {outcome: (count, fen) for outcome, count, fen in found}
    pays = has_duty(desk.user, desk.department, *PAYING)
    waits = file.state == FileState.WAITING
    context = frame(
        desk,
        "desk_money_files",
        file=file,
        said=waiting.of(file) if waits else None,
        others=waiting.who_may_confirm(file, desk.department) if waits else [],
        may_confirm=waits and pays and file.by != desk.user,
        state=FileState(file.state),
        digest=grouped(file.sha256),
        lines=lines[:LINES],
        most=LINES,
        sums=[(one.label, *sums[one.value]) for one in BankOutcome if one.value in sums],
        form=form or ReasonForm(auto_id="dismiss-%s"),
        may_dismiss=file.state in FOR_PEOPLE and pays,
        may_judge=file.state in NOT_BOOKED and pays,
        events=[(_label(event), event) for event in _events(file)],
    )
    status = 422 if form is not None else 200
    return render(request, "money/desk/file_in.html", context, status=status)


def _events(file: ReturnFile) -> list[Any]:
    return list(file.events.select_related("actor").order_by("-at", "-pk"))


def _label(event: Any) -> str:
    known = ReturnFile.machine.transitions
    return str(known[event.name].label if event.name in known else event.name)


def _told(request: HttpRequest, file: ReturnFile, desk: Desk) -> HttpResponse:
    """Say what came of a file that was judged now, and show it."""
    if file.state == FileState.APPLIED:
        messages.success(request, _("回单 %(name)s 已入账。") % {"name": file})
    elif file.state == FileState.WAITING:
        messages.success(request, _("核对无误，还没有入账：等另一位同事复核。"))
    elif file.state == FileState.QUARANTINED:
        messages.error(request, _("回单没有入账，已整份隔离。原因见下。"))
    else:
        messages.info(request, _("收到过内容相同的文件，没有重复入账。"))
    return _shown(request, file, desk)


def _shown(request: HttpRequest, file: ReturnFile, desk: Desk) -> HttpResponse:
    """Show a file; one that answers another department's batch is shown there."""
    if not returned_at(desk).filter(pk=file.pk).exists():
        messages.info(request, _("它答的是另一个部门的批次，到那个部门的拨付台查看。"))
        return redirect("desk_money_files", desk.department.pk)
    return redirect("desk_money_file_in", desk.department.pk, file.pk)
