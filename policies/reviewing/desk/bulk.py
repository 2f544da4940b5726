"""Many alike cases at once: what official data alone decides, previewed with each amount, then proposed.

Every one goes through the same service as by hand and is judged again at that moment; what fails is listed,
the rest is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enterprises.models import Membership
from matching.plain.evaluate import Verdict
from policies.enums import ApplicationState, Benefit, Outcome, Stance
from policies.models import Application, ApplicationEvent, Evidence, Opinion, OpinionTemplate
from policies.models.applying.opinion import TemplateUse
from policies.reviewing.checking import Check, amount_of, check_many, words_of
from policies.reviewing.deciding import Proposal, propose
from policies.reviewing.desk.acting import act, led_at
from policies.reviewing.desk.steps import require_unchanged
from policies.reviewing.desk.timeline import REMINDERS
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError
from portal.kernel.http import posted_id

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """An application with its check; `why_not` is empty when it may be proposed with the others."""

    application: Application
    check: Check | None
    last_event: int
    why_not: str

    @property
    def amount(self) -> int | None:
        """What is proposed, in fen; None where no money is given."""
        return None if self.check is None else self.check.official_amount

    @property
    def token(self) -> str:
        """What the preview showed: the application, its last event, the amount."""
        return f"{self.application.pk}:{self.last_event}:{'' if self.amount is None else self.amount}"


@dataclass(frozen=True, slots=True)
class Failure:
    """What was not proposed, and why."""

    application: Application
    words: str


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, department: int) -> HttpResponse:
    """The preview of what was picked; sent by POST, what came of it."""
    desk = act(request, department)
    if request.method == "POST":
        tokens = request.POST.getlist("pick")[:MOST]
        lines = preview(desk, (posted_id(token.partition(":")[0]) for token in tokens))
        words = request.POST.get("clause", "").strip()[:300], request.POST.get("reason", "").strip()[:1000]
        done, failed = propose_all(desk, lines, set(tokens), words)
        context = {"department": desk.department, "done": done, "failed": failed}
        return render(request, "reviewing/bulk_done.html", context)
    picked = _picked(request, desk)
    if not picked:
        messages.warning(request, _("请先勾选要一起拟定的申报，再预览。"))
        return redirect(f"{reverse('desk_applications', args=[department])}?basket=reviewing")
    lines = preview(desk, picked)
    ready = [line for line in lines if not line.why_not]
    templates = OpinionTemplate.objects.filter(use=TemplateUse.APPROVE, active=True)
    context = {
        "department": desk.department,
        "lines": ready,
        "left_out": [line for line in lines if line.why_not],
        "total": sum(line.amount or 0 for line in ready),
        "most": MOST,
        "templates": templates.filter(department__in=[desk.department]) | templates.filter(department=None),
        "item": ready[0].application.version if ready else None,
    }
    return render(request, "reviewing/bulk.html", context)


def preview(desk: Desk, keys: Iterable[int]) -> list[Line]:
    """The applications that the department leads, each with why it cannot go with the others."""
    wanted = {key for key in keys if key}
    rows = list(led_at(desk).filter(pk__in=wanted).for_lists().order_by("pk")[:MOST])
    found = Evidence.objects.filter(application__in=rows).order_by("application_id", "-number")
    newest = {
        row.application_id: row for row in found.distinct("application_id").select_related("rule_version")
    }
    for row in rows:
        if row.pk in newest:
            newest[row.pk].application = row
    checks = check_many(newest.values(), timezone.localdate())
    last = _last_events(rows)
    alike = next((row.item_id for row in rows if row.state == ApplicationState.REVIEWING), None)
    against = Opinion.objects.filter(application__in=rows, stance=Stance.OBJECT)
    objected = set(against.values_list("application", flat=True))
    own = set(Membership.objects.current().filter(user=desk.user).values_list("enterprise", flat=True))
    lines = []
    for row in rows:
        known = checks[newest[row.pk].pk] if row.pk in newest else None
        why_not = _why_not(row, alike, known)
        if not why_not and row.pk in objected:
            why_not = _("联审有部门不同意，请单独办理。")
        if row.enterprise_id in own:
            why_not = _("您是申报企业的成员，须回避。")
        lines.append(Line(row, known, last.get(row.pk, 0), why_not))
    return lines


def propose_all(
    desk: Desk, lines: Iterable[Line], tokens: set[str], words: tuple[str, str]
) -> tuple[list[Application], list[Failure]]:
    """Propose what still is as the preview showed it, each by itself."""
    done, failed = [], []
    clause, reason = words
    for line in lines:
        if line.why_not:
            failed.append(Failure(line.application, line.why_not))
            continue
        if line.token not in tokens:
            failed.append(Failure(line.application, _("预览之后有人办理过，或金额有变化，请重新预览。")))
            continue
        try:
            with transaction.atomic():
                require_unchanged(line.application, line.last_event)
                proposal = Proposal(Outcome.APPROVE, line.amount, clause, reason)
                propose(line.application, proposal, by=desk.user, at=timezone.now())
        except DomainError as error:
            failed.append(Failure(line.application, str(error)))
        else:
            done.append(line.application)
    return done, failed


def _picked(request: HttpRequest, desk: Desk) -> list[int]:
    """What was ticked, or all of an item that are being reviewed."""
    if item := posted_id(request.GET.get("item", "")):
        rows = led_at(desk).filter(item=item, state=ApplicationState.REVIEWING).order_by("pk")
        return list(rows.values_list("pk", flat=True)[:MOST])
    return [posted_id(key) for key in request.GET.getlist("pick")[:MOST]]


def _last_events(rows: list[Application]) -> dict[int, int]:
    events = ApplicationEvent.objects.filter(subject__in=rows).exclude(name__in=REMINDERS)
    newest = events.order_by("subject_id", "-pk").distinct("subject_id")
    return dict(newest.values_list("subject", "pk"))


def _why_not(application: Application, item: int | None, known: Check | None) -> str:
    """Why an application is looked at by hand; empty when it need not be."""
    if application.state != ApplicationState.REVIEWING:
        return _("现在是“%(state)s”。") % {"state": application.get_state_display()}
    if application.item_id != item:
        return _("不是同一事项，请分开办理。")
    if known is None:
        return _("没有提交存证。")
    if known.differences:
        return _("企业填的与部门数据不一致。")
    if not known.is_plain:
        return _not_plain(known)
    if application.version.benefit == Benefit.MONEY and known.official_amount is None:
        return _("金额不是一个确定的数，请单独核定。")
    return ""


def _not_plain(known: Check) -> str:
    """Which condition official data alone leaves open, or by how much the amount has changed."""
    unmet = next((line for line in known.lines if line.official.truth != "true"), None)
    if known.official.verdict is not Verdict.ELIGIBLE:
        which = {"condition": unmet.sentence if unmet else known.official.summary}
        return _("只凭部门数据还不能确认：%(condition)s。") % which
    none = _("没有金额")
    now = words_of(amount_of(known.official)) or none
    amounts = {"sent": words_of(known.sent_amount) or none, "now": now}
    return _("提交时算得 %(sent)s，只凭部门数据现在是 %(now)s，请单独核定。") % amounts
