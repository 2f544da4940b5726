"""What may be done with an application at the review desk: each step is a form of its page, sent by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.applying.sending import hold
from policies.enums import UNDER_REVIEW, ApplicationState, Outcome
from policies.models import Application
from policies.reviewing import deciding, intake, objections, opinions
from policies.reviewing.desk import forms
from policies.reviewing.desk.case import Case
from policies.reviewing.desk.timeline import line_of, newest
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

S = ApplicationState
REVIEWER: Final = (Role.REVIEWER,)
LEADER: Final = (Role.LEADER,)
EITHER: Final = (Role.REVIEWER, Role.LEADER)


@dataclass(frozen=True)
class Step:
    """One thing to be done: by which roles, in which states, with which form, by what.

    `leads`: it is for the department that decides; else for one that was asked. `alone`: nobody else may
    have done anything since the page was made.
    """

    label: Any
    roles: tuple[str, ...]
    states: tuple[str, ...]
    form: type[forms.StepForm]
    work: Callable[[Case, Any], object]
    done: Any
    kind: str = "plain"
    when: Callable[[Case], bool] = lambda case: True
    leads: bool = True
    alone: bool = True

    def is_for(self, case: Case) -> bool:
        """Whether it is this desk's and this user's at all, whatever the state."""
        return case.leads == self.leads and case.may(*self.roles)

    def fits(self, case: Case) -> bool:
        """Whether it can be taken as the application stands; nothing is offered to who is to stand back."""
        at_hand = self.is_for(case) and case.application.state in self.states
        return at_hand and not case.recused and self.when(case)

    def blank(self, name: str, case: Case, *data: Any) -> forms.StepForm:
        """Its form, with ids of its own on the page."""
        return self.form(*data, case=case, auto_id=f"{name}-%s")


def _now() -> dict[str, Any]:
    return {"at": timezone.now()}


def _return_again(case: Case, form: forms.ReturnForm) -> object:
    """A further list is its reviewer's, and the word of the leader who sends it."""
    reviewer: User = case.application.reviewer  # type: ignore[assignment]
    leader = case.desk.user
    return intake.give_back(case.application, form.points, by=reviewer, allowed_by=leader, **_now())


def _opinion(case: Case, form: forms.OpinionForm) -> None:
    if case.asked is None:
        raise DomainError(_("这份意见已经出具或已收回，请刷新页面。"), code="given")
    given = form.cleaned_data
    opinions.give(case.asked, given["stance"], given["text"], by=case.desk.user, **_now())


def _decides(case: Case) -> bool:
    """Four eyes: who proposed does not decide."""
    return case.application.proposed_by_id != case.desk.user.pk


def _approves(case: Case) -> bool:
    if not _decides(case) or case.application.outcome != Outcome.APPROVE:
        return False
    if case.application.state == S.NOTICED:
        return case.notice is not None and case.notice.closes_at <= timezone.now()
    return not deciding.needs_notice(case.application)


def _is_anothers(case: Case) -> bool:
    return case.application.reviewer_id not in (None, case.desk.user.pk)


l = gettext_lazy  # noqa: E741 - as short as the underscore that the functions above take
STEPS: Final[dict[str, Step]] = {
    "accept": Step(
        l("受理"),
        REVIEWER,
        (S.SUBMITTED,),
        forms.StepForm,
        lambda case, form: intake.accept(case.application, by=case.desk.user, **_now()),
        l("已受理，审核时限开始计算。"),
        "main",
    ),
    "propose": Step(
        l("拟定意见"),
        REVIEWER,
        (S.REVIEWING,),
        forms.ProposeForm,
        lambda case, form: deciding.propose(case.application, form.proposal, by=case.desk.user, **_now()),
        l("已拟定，请另一位同事审定。"),
        "main",
    ),
    "opinion": Step(
        l("出具意见"),
        EITHER,
        (S.JOINT,),
        forms.OpinionForm,
        _opinion,
        l("已出具意见。"),
        "main",
        when=lambda case: case.asked is not None,
        leads=False,
        alone=False,
    ),
    "countersign": Step(
        l("负责人加签"),
        LEADER,
        (S.PROPOSED,),
        forms.words(l("规则没有给出上限，为什么这个金额合适")),
        lambda case, form: deciding.countersign(
            case.application, form.cleaned_data["text"], by=case.desk.user, **_now()
        ),
        l("已加签，可以公示或审定。"),
        "main",
        when=lambda case: _decides(case) and case.wants_countersign,
    ),
    "notice": Step(
        l("公示"),
        EITHER,
        (S.PROPOSED,),
        forms.StepForm,
        lambda case, form: deciding.post_notice(case.application, by=case.desk.user, **_now()),
        l("已公示，期满并处理完异议后再审定。"),
        "main",
        when=lambda case: (
            _decides(case)
            and case.application.outcome == Outcome.APPROVE
            and deciding.needs_notice(case.application)
            and not case.wants_countersign
        ),
    ),
    "approve": Step(
        l("审定通过"),
        EITHER,
        (S.PROPOSED, S.NOTICED),
        forms.words(l("意见（企业会看到，可不填）"), required=False),
        lambda case, form: deciding.approve(
            case.application, by=case.desk.user, comment=form.cleaned_data["text"], **_now()
        ),
        l("已审定通过，企业会收到消息。"),
        "main",
        when=_approves,
    ),
    "refuse": Step(
        l("审定不予支持"),
        EITHER,
        (S.PROPOSED,),
        forms.words(l("意见（企业会看到，可不填）"), required=False),
        lambda case, form: deciding.refuse(
            case.application, by=case.desk.user, comment=form.cleaned_data["text"], **_now()
        ),
        l("已审定不予支持，企业会收到理由和救济途径。"),
        "danger",
        when=lambda case: _decides(case) and case.application.outcome == Outcome.REFUSE,
    ),
    "rework": Step(
        l("退回重审"),
        EITHER,
        (S.PROPOSED, S.NOTICED),
        forms.words(l("为什么退回")),
        lambda case, form: deciding.rework(
            case.application, form.cleaned_data["text"], by=case.desk.user, **_now()
        ),
        l("已退回审核人。"),
        when=_decides,
    ),
    "take_back": Step(
        l("收回拟定意见"),
        REVIEWER,
        (S.PROPOSED,),
        forms.StepForm,
        lambda case, form: deciding.take_back(case.application, by=case.desk.user, **_now()),
        l("意见已收回，可以重新拟定。"),
        when=lambda case: case.application.proposed_by_id == case.desk.user.pk,
    ),
    "answer": Step(
        l("处理异议"),
        EITHER,
        (S.NOTICED,),
        forms.AnswerForm,
        lambda case, form: objections.answer(
            form.cleaned_data["objection"], form.cleaned_data["text"], by=case.desk.user, **_now()
        ),
        l("已记下处理结果。"),
        when=lambda case: (
            case.notice is not None and any(not one.answer for one in case.notice.objections.all())
        ),
        alone=False,
    ),
    "return": Step(
        l("一次性告知补正"),
        REVIEWER,
        (S.SUBMITTED, S.REVIEWING),
        forms.ReturnForm,
        lambda case, form: intake.give_back(case.application, form.points, by=case.desk.user, **_now()),
        l("已退回企业补正，企业会收到清单。"),
        when=lambda case: case.amendments == 0,
    ),
    "return_again": Step(
        l("再次补正"),
        LEADER,
        (S.SUBMITTED, S.REVIEWING),
        forms.ReturnForm,
        _return_again,
        l("已同意再次补正，企业会收到清单。"),
        when=lambda case: case.amendments > 0 and _is_anothers(case),
    ),
    "consult": Step(
        l("提请联审"),
        REVIEWER,
        (S.REVIEWING,),
        forms.ConsultForm,
        lambda case, form: opinions.consult(case.application, form.asked, by=case.desk.user, **_now()),
        l("已提请联审，各部门同时出具意见。"),
    ),
    "chase": Step(
        l("催办"),
        EITHER,
        (S.JOINT,),
        forms.ChaseForm,
        lambda case, form: opinions.chase(form.cleaned_data["opinion"], by=case.desk.user, **_now()),
        l("已提醒该部门，每个部门每天催一次。"),
        alone=False,
    ),
    "recall": Step(
        l("不再等待"),
        LEADER,
        (S.JOINT,),
        forms.RecallForm,
        lambda case, form: opinions.recall(
            form.cleaned_data["opinion"], form.cleaned_data["text"], by=case.desk.user, **_now()
        ),
        l("不再等待该部门的意见。"),
        alone=False,
    ),
    "take_over": Step(
        l("转给我"),
        REVIEWER,
        (*UNDER_REVIEW, S.RETURNED),
        forms.StepForm,
        lambda case, form: intake.take_over(case.application, by=case.desk.user, **_now()),
        l("现在由您审核。"),
        when=_is_anothers,
    ),
}


def forms_for(
    case: Case, failed: tuple[str, forms.StepForm] | None = None
) -> dict[str, tuple[Step, forms.StepForm]]:
    """The steps that may be taken as the application stands, each with its empty (or failed) form."""
    found = {name: (step, step.blank(name, case)) for name, step in STEPS.items() if step.fits(case)}
    if failed is not None:
        found[failed[0]] = (STEPS[failed[0]], failed[1])
    return found


def take(name: str, case: Case, form: forms.StepForm) -> bool:
    """Take the step; False when the form says why not, or the service refuses (said beside the form).

    Of two who decide on pages of the same moment the second one is told who was faster, and what was
    written stays: having read that, it can be sent again.
    """
    if not form.is_valid():
        return False
    step = STEPS[name]
    try:
        with transaction.atomic():
            if step.alone:
                require_unchanged(case.application, form.cleaned_data["seen"])
            step.work(case, form)
    except DomainError as error:
        form.add_error(None, str(error))
        form.catch_up()
        return False
    return True


def require_unchanged(application: Application, seen: int) -> None:
    """Locks the application. Raises DomainError, with who was faster, when anything happened since `seen`."""
    held = hold(application)
    event = newest(held)
    if event is None or event.pk == seen:
        return
    line = line_of(event)
    words = {"who": line.actor, "what": line.label, "state": held.get_state_display()}
    raise DomainError(
        _("%(who)s 已抢先办理“%(what)s”，申报现为“%(state)s”。您写的还在，请核对后再办。") % words,
        code="changed",
    )
