"""Messages of the ledger: to enterprises what became of their money, to officials what waits for them.

Each event tells once, however often it is worked off: keys name the event. Few statements tell thousands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from policies.models import (
    AccountCheck,
    Award,
    Correction,
    Freeze,
    ItemVersion,
    PayeeAccount,
    PaymentBatch,
    PaymentBatchEvent,
    ReturnFile,
    ReturnFileEvent,
    ReturnLine,
)
from policies.models.money.correction import CorrectionKind
from policies.models.money.exchange import BankOutcome, FileState
from policies.models.money.payment import PaymentState, came_back_from
from policies.money.duties import PAYING
from policies.money.signing import workers
from portal.accounts.models import Posting
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

if TYPE_CHECKING:
    from portal.accounts.models import Department

KIND: Final = "payment"


@in_language_of_record()
def tell_awarded(awards: Sequence[Award]) -> int:
    """Ask those for an account whose award cannot be paid without: none is given, or its name does not fit.

    Who has one, checked or waiting for the check, has nothing to do, unless money came back from it. Three
    queries for any number.
    """
    newest = PayeeAccount.objects.newest({award.enterprise_id for award in awards})
    newest = newest.select_related("enterprise").annotate(came_back=came_back_from("pk"))
    accounts = {one.enterprise_id: one for one in newest}
    asked = [award for award in awards if not _will_do(accounts.get(award.enterprise_id))]
    if not asked:
        return 0
    boxes = dict(
        Enterprise.objects.filter(pk__in={award.enterprise_id for award in asked}).values_list(
            "pk", "mailbox"
        )
    )
    versions = ItemVersion.objects.filter(pk__in={award.version_id for award in asked})
    titles = dict(versions.values_list("pk", "title"))
    return send_messages(
        Draft(
            mailbox=boxes[award.enterprise_id],
            key=f"money:award:{award.pk}:account",
            kind=KIND,
            title=_("%(amount)s待拨付，请%(what)s")
            % {
                "amount": format_money(award.amount_fen),
                "what": _("更正收款账户") if award.enterprise_id in accounts else _("填写收款账户"),
            },
            body=_("“%(item)s”已认定。收款账户填好、户名核对相符后，就编入下一批拨付。")
            % {"item": titles[award.version_id]},
            url=reverse("enterprise_account", args=[award.enterprise_id]),
        )
        for award in asked
    )


@in_language_of_record()
def tell_mismatched(check: AccountCheck) -> int:
    """Tell the enterprise that its account's name does not fit, and what does not."""
    enterprise = check.account.enterprise
    draft = Draft(
        mailbox=enterprise.mailbox_id,
        key=f"money:account:{check.account_id}:mismatched",
        kind=KIND,
        title=_("收款账户户名不符，请更正"),
        body=_("尾号 %(end)s 的账户没有通过核对：%(note)s。更正并核对相符前，不会拨付。")
        % {"end": check.account.number[-4:], "note": check.note.rstrip("。")},
        url=reverse("enterprise_account", args=[enterprise.pk]),
    )
    return send_messages([draft])


@in_language_of_record()
def tell_answers(file: ReturnFile) -> int:
    """Tell of what a booked return file changed: who is paid, who is not and what to do, and who prepares."""
    lines = ReturnLine.objects.filter(file=file).order_by("pk")
    paid = lines.filter(outcome=BankOutcome.PAID, payment__state=PaymentState.PAID)
    returned = lines.filter(outcome=BankOutcome.RETURNED)
    drafts = [*_paid(paid), *_returned(returned)]
    return send_messages(drafts) + _tell_preparers(file, returned)


@in_language_of_record()
def tell_uploaded(file: ReturnFile, event: ReturnFileEvent) -> int:
    """Ask those who pay in the department, but for who uploaded it, to confirm a return file."""
    others = Posting.objects.filter(role__in=PAYING, user__is_active=True).exclude(user=file.by)
    posted = others.filter(department__budget_lines__batches__instruction=file.instruction)
    title = _("上传的回单待复核：%(file)s") % {"file": file.number}
    body = _("%(who)s上传。请向国库核实后复核；复核前一笔也不入账。") % {"who": file.by}
    return _tell_of_file(file, event, Mailbox.objects.filter(user__in=posted.values("user")), title, body)


@in_language_of_record()
def tell_refused(file: ReturnFile, event: ReturnFileEvent) -> int:
    """Tell who uploaded a file that somebody else did not confirm it, and why."""
    if event.source != FileState.WAITING:
        return 0
    boxes = Mailbox.objects.filter(user=file.by).exclude(user=event.actor)
    title = _("您上传的回单没有通过复核：%(file)s") % {"file": file.number}
    return _tell_of_file(file, event, boxes, title, f"{event.actor}：{event.comment}")


@in_language_of_record()
def tell_decided(correction: Correction) -> int:
    """Tell the enterprise that it owes something back, or gets something more, and why."""
    award = correction.award
    said = {
        "item": award.version.title,
        "year": award.period,
        "amount": format_money(correction.amount_fen),
        "reason": correction.reason.rstrip("。"),
        "whom": _contact(award.item.department),
    }
    if correction.kind == CorrectionKind.CLAWBACK:
        title = _("多拨付了 %(amount)s，请退回") % said
        body = (
            _("“%(item)s”%(year)d 年度：数据更正后重新核定，%(reason)s。怎么退、有不同意见，请联系%(whom)s。")
            % said
        )
    else:
        title = _("补发 %(amount)s，请等候拨付") % said
        body = (
            _("“%(item)s”%(year)d 年度：数据更正后重新核定，%(reason)s。不用申请，将编入下一批拨付。") % said
        )
    draft = Draft(
        mailbox=award.enterprise.mailbox_id,
        key=f"money:correction:{correction.pk}:decided",
        kind=KIND,
        title=title,
        body=body,
        url=_money_page(award.enterprise_id),
    )
    return send_messages([draft])


@in_language_of_record()
def tell_proposed(proposals: Sequence[Correction]) -> int:
    """Tell the leaders of the items' departments that corrections wait for them; `proposals` with items."""
    by_department: dict[int, list[int]] = defaultdict(list)
    for one in proposals:
        by_department[one.award.item.department_id].append(one.pk)
    return send_messages(
        Draft(
            mailbox=box,
            key=f"money:proposed:{department}:{max(pks)}",
            kind=KIND,
            title=_("%(count)d 笔追缴或补发待决定") % {"count": len(pks)},
            body=_("数据更正后，重新核定的金额与已拨付的不同。请逐笔看依据，决定是否更正。"),
            url=reverse("desk_money_corrections", args=[department]),
            payload={"department": department},
        )
        for department, pks in by_department.items()
        for box in _desk_of(Role.LEADER, department).values_list("pk", flat=True)
    )


@in_language_of_record()
def tell_next(batch: PaymentBatch, event: PaymentBatchEvent) -> int:
    """Tell whom a batch waits for now: who confirms, who releases; nobody who had a hand in it already."""
    role, title = {
        "prepare": (Role.PAYMENT_CONFIRMER, _("拨付批次待确认：%(title)s")),
        "confirm": (Role.PAYMENT_RELEASER, _("拨付批次待下达：%(title)s")),
    }[event.name]
    boxes = _desk_of(role, batch.line.department_id).exclude(user__in=workers(batch))
    return _tell_desk(boxes, batch, event, title % {"title": batch.title}, _sums(batch))


@in_language_of_record()
def tell_sent_back(batch: PaymentBatch, event: PaymentBatchEvent, preparer: int | None) -> int:
    """Tell who prepared a batch (a user's id) that it came back, and why."""
    boxes = Mailbox.objects.filter(user=preparer).exclude(user=event.actor)
    return _tell_desk(
        boxes, batch, event, _("拨付批次被退回：%(title)s") % {"title": batch.title}, event.comment
    )


@in_language_of_record()
def tell_frozen(frozen: Freeze) -> int:
    """Tell who releases what was stopped that it is, by whom and why."""
    said = {"what": _stopped(frozen), "who": frozen.by.name, "reason": frozen.reason.rstrip("。")}
    return _tell_releasers(
        frozen,
        "frozen",
        _("拨付已冻结：%(what)s") % said,
        _("%(who)s：%(reason)s。解冻前不能下达；要放行，须一人申请、另一人同意。") % said,
    )


@in_language_of_record()
def tell_thaw_asked(frozen: Freeze) -> int:
    """Tell who releases what was stopped that somebody asks to let it go on; another person agrees."""
    asking = frozen.thaw_asked_by
    if asking is None:
        return 0
    said = {"what": _stopped(frozen), "who": asking.name, "reason": frozen.reason.rstrip("。")}
    return _tell_releasers(
        frozen,
        "thaw",
        _("有人申请解冻：%(what)s") % said,
        _("%(who)s申请放行。当时为什么冻结：%(reason)s。须由另一人同意。") % said,
    )


def _tell_releasers(frozen: Freeze, step: str, title: str, body: str) -> int:
    """Those of the line's department; of a freeze of everything, all. Not who took the step."""
    line = frozen.line or (frozen.batch and frozen.batch.line)
    posted = Posting.objects.filter(
        role=Role.PAYMENT_RELEASER, user__is_active=True, user__mailbox__isnull=False
    )
    if line:
        posted = posted.filter(department=line.department_id)
    actor = frozen.by_id if step == "frozen" else frozen.thaw_asked_by_id
    desks = posted.exclude(user=actor).order_by("-pk").values_list("user__mailbox", "department")
    return send_messages(
        Draft(
            mailbox=box,
            key=f"money:freeze:{frozen.pk}:{step}",
            kind=KIND,
            title=title,
            body=body,
            url=reverse("desk_money_freezes", args=[department]),
            payload={"department": department},
        )
        for box, department in dict(desks).items()
    )


@in_language_of_record()
def _stopped(frozen: Freeze) -> str:
    if frozen.batch:
        return frozen.batch.title
    return frozen.line.label if frozen.line else _("全部拨付")


def _will_do(account: Any) -> bool:
    """Of an account in use, with `came_back`."""
    if account is None or account.came_back:
        return False
    finding: AccountCheck | None = getattr(account, "finding", None)
    return finding is None or account.is_verified and account.holder == account.enterprise.name


def _paid(lines: QuerySet[ReturnLine]) -> Iterator[Draft]:
    rows = _of_lines(lines, "value_date", "payment__batch__instruction__number")
    for pk, enterprise, box, award, item, fen, day, number in rows:
        said = {"item": item, "day": day.isoformat(), "file": number}
        yield Draft(
            mailbox=box,
            key=f"money:payment:{pk}:paid",
            kind=KIND,
            title=_("%(amount)s已到账") % {"amount": format_money(fen)},
            body=_(
                "“%(item)s”，银行日期 %(day)s，指令文件 %(file)s。没有看到的，请按日期和金额查收款账户流水。"
            )
            % said,
            url=_money_page(enterprise, award),
        )


def _returned(lines: QuerySet[ReturnLine]) -> Iterator[Draft]:
    for pk, enterprise, box, award, item, fen, reason in _of_lines(lines, "payment__reason"):
        yield Draft(
            mailbox=box,
            key=f"money:payment:{pk}:returned",
            kind=KIND,
            title=_("%(amount)s被银行退回，请核对收款账户") % {"amount": format_money(fen)},
            body=_(
                "“%(item)s”：%(reason)s。账户不对的，请更正，核对相符后重新拨付；"
                "没有问题的，原样再填一次，重新核对后拨付。这笔钱仍是您的。"
            )
            % {"item": item, "reason": reason.rstrip("。")},
            url=_money_page(enterprise, award),
        )


def _of_lines(lines: QuerySet[ReturnLine], *more: str) -> Iterable[tuple[Any, ...]]:
    """Of each line: payment, enterprise, mailbox, award, title of the item, fen, and `more`; one query."""
    return lines.values_list(
        "payment",
        "payment__enterprise",
        "payment__enterprise__mailbox",
        "payment__award",
        "payment__award__version__title",
        "amount_fen",
        *more,
    ).iterator()


@in_language_of_record()
def _tell_preparers(file: ReturnFile, returned: QuerySet[ReturnLine]) -> int:
    """A return is work: somebody asks the enterprise for its account and makes a payment anew."""
    count = returned.count()
    if not count or file.instruction is None:
        return 0
    batch = file.instruction.batch
    department = batch.line.department_id
    return send_messages(
        Draft(
            mailbox=box,
            key=f"money:returned:{file.pk}",
            kind=KIND,
            title=_("%(count)d 笔拨付被银行退回") % {"count": count},
            body=_("批次 %(number)s“%(title)s”。企业更正或重新填报账户、核对相符后，可编入新的批次。")
            % {"number": batch.number, "title": batch.title},
            url=reverse("desk_money_payments", args=[department]) + "?state=returned",
            payload={"department": department},
        )
        for box in _desk_of(Role.PAYMENT_PREPARER, department).values_list("pk", flat=True)
    )


def _tell_desk(
    boxes: QuerySet[Mailbox], batch: PaymentBatch, event: PaymentBatchEvent, title: str, body: str
) -> int:
    return send_messages(
        Draft(
            mailbox=box,
            key=f"money:batch:{event.pk}",
            kind=KIND,
            title=title,
            body=body,
            url=batch.get_absolute_url(),
            payload={"department": batch.line.department_id},
        )
        for box in boxes.values_list("pk", flat=True)
    )


def _tell_of_file(
    file: ReturnFile, event: ReturnFileEvent, boxes: QuerySet[Mailbox], title: str, body: str
) -> int:
    if file.instruction is None:
        return 0
    department = file.instruction.batch.line.department_id
    return send_messages(
        Draft(
            mailbox=box,
            key=f"money:file:{event.pk}",
            kind=KIND,
            title=title,
            body=body,
            url=reverse("desk_money_file_in", args=[department, file.pk]),
            payload={"department": department},
        )
        for box in boxes.order_by("pk").values_list("pk", flat=True)
    )


def _desk_of(role: Role, department: int) -> QuerySet[Mailbox]:
    """Mailboxes of those who hold the role in the department."""
    posted = Posting.objects.filter(role=role, department=department, user__is_active=True)
    return Mailbox.objects.filter(user__in=posted.values("user")).order_by("pk")


@in_language_of_record()
def _sums(batch: PaymentBatch) -> str:
    return _("%(number)s · %(line)s · %(count)d 笔，%(total)s") % {
        "number": batch.number,
        "line": batch.line.label,
        "count": batch.count,
        "total": format_money(batch.total_fen),
    }


def _contact(department: Department) -> str:
    return f"{department.name} {department.phone}".strip()


def _money_page(enterprise: int, award: int | None = None) -> str:
    address = reverse("enterprise_money", args=[enterprise])
    return address if award is None else f"{address}#award-{award}"
