"""What may be done with an order at a desk: each step is one form of its page, sent by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals import dispatching, handling, intake, surveying
from appeals.desk import forms
from appeals.desk.acting import AT_WORK, holds
from appeals.desk.places import Places
from appeals.dispatching import Target
from appeals.enums import LIVE, Intake, Mode, OrderKind, OrderState, Secrecy, Why
from appeals.higher import first_handling
from appeals.models import WorkOrder
from appeals.rota import Rota
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

Given = dict[str, Any]
S = OrderState
UNDOABLE: Final = frozenset({"dispatch", "open", "return"})
"""Steps that may be undone for two minutes (`dispatching.undo`)."""


@dataclass(frozen=True)
class Step:
    """One thing to be done: by which roles, in which states, with which form, by what; `key` does it too."""

    label: Any
    roles: tuple[str, ...]
    states: tuple[str, ...]
    form: type[forms.OrderForm]
    work: Callable[[WorkOrder, Given, Desk], object]
    done: Any
    kind: str = "plain"
    key: str = ""
    when: Callable[[WorkOrder], bool] = lambda order: True

    def fits(self, order: WorkOrder, desk: Desk) -> bool:
        """Whether the order stands so, and the desk has it to do: a department's own order, a role here."""
        if order.state not in self.states or not self.when(order):
            return False
        if set(self.roles) <= set(AT_WORK) and order.department_id != desk.department.pk:
            return False
        return holds(desk, *self.roles)

    def blank(self, name: str, order: WorkOrder, places: Places, *data: Any) -> forms.OrderForm:
        """Its form, with ids of its own on the page."""
        return self.form(*data, order=order, places=places, auto_id=f"{name}-%s")


NOT_FOR_GRABBING: Final = _(
    "建议由市场机构抢单，但这件诉求还没有定为可抢单的类别：请先受理并定类别，或改派部门。"
)


def _is_lead(order: WorkOrder) -> bool:
    return order.kind == OrderKind.LEAD


def _is_new(order: WorkOrder) -> bool:
    return _is_lead(order) and order.appeal.intake in (Intake.SUBMITTED, Intake.ASKED)


def _may_be_grabbed(order: WorkOrder) -> bool:
    appeal = order.appeal
    market = appeal.category is not None and appeal.category.market
    open_to_all = market and not appeal.about_id and appeal.secrecy != Secrecy.CONFIDENTIAL
    return _is_lead(order) and open_to_all and first_handling(order) is None


def _dispatch(order: WorkOrder, given: Given, desk: Desk) -> None:
    target, suggestion, why = given["target"], given["suggestion"], Why.MANUAL
    if target is None and suggestion.mode == Mode.GRAB:
        if not _may_be_grabbed(order):
            raise DomainError(str(NOT_FOR_GRABBING), code="not_market")
        dispatching.open_grab(order, by=desk.user)
        return
    if target is None:
        day, why = timezone.localdate(), Why.SUGGESTED
        leader = suggestion.leader  # away without a substitute, the leader is left out, not the suggestion
        there = Rota([leader], day, day).present(leader, day)
        target = Target(suggestion.department, suggestion.section, leader if there else None)
    co = [given["co"]] if given.get("co") else []
    dispatching.dispatch(order, target, by=desk.user, why=why, note=given["note"], co=co)


def _answer(order: WorkOrder, given: Given, desk: Desk) -> None:
    promise = (given["promise"], given["due_on"]) if given["promise"] and given["due_on"] else None
    if given["outcome"] != "promised":
        promise = None
    handling.answer(order, given["outcome"], given["text"], by=desk.user, promise=promise)


def _keep(order: WorkOrder, given: Given, desk: Desk) -> None:
    promise = order.promises.select_related("order__appeal__enterprise").filter(kept_at=None).first()
    if promise is None:
        raise DomainError(str(_("没有未兑现的承诺，请刷新页面。")), code="kept")
    handling.keep_promise(promise, given["text"], by=desk.user)


def _accept_appeal(order: WorkOrder, given: Given, desk: Desk) -> None:
    intake.accept_appeal(
        order.appeal, by=desk.user, category=given["category"], complexity=given["complexity"] or None
    )


def _survey(order: WorkOrder, given: Given, desk: Desk) -> None:
    said = (given["satisfaction"], given["solved"], given["comment"])
    surveying.survey(order, *said, by=desk.user, by_phone=True)


DISPATCHER, AT = (Role.DISPATCHER,), AT_WORK
STEPS: Final[dict[str, Step]] = {
    "dispatch": Step(
        _("派单"),
        DISPATCHER,
        (S.WAITING, S.OPEN, S.RETURNED),
        forms.DispatchForm,
        _dispatch,
        _("已派出。"),
        "main",
        "a",
    ),
    "decide": Step(
        _("协调确定"),
        (Role.MEDIATOR,),
        (S.MEDIATION,),
        forms.DecideForm,
        lambda order, given, desk: dispatching.decide(order, given["target"], given["text"], by=desk.user),
        _("已确定承办单位，不能再退回。"),
        "main",
    ),
    "accept": Step(
        _("接单"),
        AT,
        (S.OFFERED,),
        forms.OrderForm,
        lambda order, given, desk: handling.accept(order, by=desk.user),
        _("已接单，请马上联系企业。"),
        "main",
    ),
    "return": Step(
        _("退单"),
        AT,
        (S.OFFERED,),
        forms.ReturnForm,
        lambda order, given, desk: dispatching.return_order(
            order, given["text"], given["rightful"], by=desk.user
        ),
        _("已退单，派单员会马上看到。"),
        "danger",
        when=lambda order: order.kind != OrderKind.SUPERVISION,
    ),
    "answer": Step(
        _("答复"),
        AT,
        (S.HANDLING,),
        forms.AnswerForm,
        _answer,
        _("已答复，等企业评价。"),
        "main",
    ),
    "ask": Step(
        _("追问企业"),
        AT,
        (S.HANDLING,),
        forms.words(_("要企业补充什么（企业会看到，时限暂停）")),
        lambda order, given, desk: handling.ask(order, given["text"], by=desk.user),
        _("已请企业补充，时限暂停。"),
        when=_is_lead,
    ),
    "keep": Step(
        _("承诺已兑现"),
        AT,
        (S.ANSWERED, S.CLOSED),
        forms.words(_("怎么兑现的（企业会看到）")),
        _keep,
        _("已记下，企业会收到消息。"),
        "main",
        when=lambda order: order.promises.filter(kept_at=None).exists(),
    ),
    "open": Step(
        _("开放抢单"),
        DISPATCHER,
        (S.WAITING, S.RETURNED),
        forms.OpenForm,
        lambda order, given, desk: dispatching.open_grab(order, by=desk.user, hours=given["hours"]),
        _("已放到抢单大厅。"),
        key="g",
        when=_may_be_grabbed,
    ),
    "close_grab": Step(
        _("收回，不再抢单"),
        DISPATCHER,
        (S.OPEN,),
        forms.OrderForm,
        lambda order, given, desk: dispatching.close_grab(order, by=desk.user),
        _("已从抢单大厅收回。"),
    ),
    "co": Step(
        _("加协办"),
        DISPATCHER,
        (S.OFFERED, S.HANDLING, S.ASKING),
        forms.CoForm,
        lambda order, given, desk: dispatching.add_co(order, given["target"], by=desk.user),
        _("已请协办单位。"),
        key="c",
        when=lambda order: _is_lead(order) and order.department_id is not None,
    ),
    "ask_back": Step(
        _("追问企业"),
        DISPATCHER,
        (S.WAITING,),
        forms.words(_("要企业补充什么（企业会看到，接收时限暂停）")),
        lambda order, given, desk: intake.ask_back(order.appeal, given["text"], by=desk.user),
        _("已请企业补充，补充后回到新诉求。"),
        when=lambda order: _is_lead(order) and order.appeal.intake == Intake.SUBMITTED,
    ),
    "merge": Step(
        _("合并"),
        DISPATCHER,
        LIVE,
        forms.MergeForm,
        lambda order, given, desk: intake.merge(order.appeal, given["into"], by=desk.user),
        _("已并案，企业会收到消息。"),
        when=lambda order: _is_lead(order) and forms.mergeable(order).exists(),
    ),
    "accept_appeal": Step(
        _("受理并定类别"),
        DISPATCHER,
        (S.WAITING,),
        forms.AcceptForm,
        _accept_appeal,
        _("已受理。"),
        when=_is_new,
    ),
    "refuse": Step(
        _("不予受理"),
        DISPATCHER,
        (S.WAITING,),
        forms.words(_("告诉企业去哪里、找谁（企业会看到）")),
        lambda order, given, desk: intake.refuse(order.appeal, given["text"], by=desk.user),
        _("已答复企业不予受理。"),
        "danger",
        when=_is_new,
    ),
    "supervise": Step(
        _("督办"),
        (Role.DISPATCHER, Role.SUPERVISOR),
        (*LIVE, S.ANSWERED),
        forms.words(_("为什么督办")),
        lambda order, given, desk: surveying.supervise(order.appeal, given["text"], by=desk.user),
        _("已转督办。"),
        key="s",
        when=lambda order: _is_lead(order) and order.appeal.intake == Intake.ACCEPTED,
    ),
    "finish": Step(
        _("督办办结"),
        (Role.SUPERVISOR,),
        (S.ANSWERED,),
        forms.OrderForm,
        lambda order, given, desk: handling.finish(order, by=desk.user),
        _("督办已办结。"),
        "main",
        when=lambda order: order.kind == OrderKind.SUPERVISION,
    ),
    "transfer": Step(
        _("转办"),
        AT,
        (S.HANDLING,),
        forms.TransferForm,
        lambda order, given, desk: dispatching.transfer(order, given["target"], given["text"], by=desk.user),
        _("已转办。"),
    ),
    "note": Step(
        _("记一笔"),
        (*AT, Role.DISPATCHER, Role.SUPERVISOR),
        (*LIVE, S.ANSWERED),
        forms.NoteForm,
        lambda order, given, desk: handling.note(order, given["text"], by=desk.user, public=given["public"]),
        _("已记下。"),
    ),
    "phone_survey": Step(
        _("电话回访"),
        DISPATCHER,
        (S.ANSWERED,),
        forms.SurveyForm,
        _survey,
        _("已记下企业的评价。"),
        when=lambda order: _is_lead(order) and not order.promises.filter(kept_at=None).exists(),
    ),
}


def forms_for(
    order: WorkOrder, desk: Desk, places: Places, failed: tuple[str, forms.OrderForm] | None = None
) -> dict[str, tuple[Step, forms.OrderForm]]:
    """The steps that the desk may take with the order as it stands, each with its empty (or failed) form."""
    found = {
        name: (step, step.blank(name, order, places))
        for name, step in STEPS.items()
        if step.fits(order, desk)
    }
    if failed is not None:
        found[failed[0]] = (STEPS[failed[0]], failed[1])
    return found


def done_with(name: str, order: WorkOrder) -> Any:
    """What is said once the step is taken: a suggestion may have led to the grab hall."""
    return STEPS["open" if name == "dispatch" and order.state == S.OPEN else name].done


def take(name: str, order: WorkOrder, form: forms.OrderForm, desk: Desk) -> bool:
    """Take the step; False when the form says why not, or the service refuses (said beside the form)."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            STEPS[name].work(order, form.cleaned_data, desk)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True
