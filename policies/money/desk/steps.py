"""What may be done with a batch: by whom, in which state, with which form, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.models.money.batch import BatchState
from policies.money import batches, freezes, releasing
from policies.money.desk.case import Case
from policies.money.desk.forms import CodeForm, SeenForm, reason_form
from policies.money.duties import PAYING, STOPPING
from portal.accounts.duties import has_duty
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

S = BatchState


@dataclass(frozen=True)
class Step:
    """One thing to be done. `leads`: it is what the batch waits for; `signs`: it is signed with a code."""

    label: Any
    roles: tuple[Role, ...]
    states: tuple[str, ...]
    form: type[SeenForm]
    work: Callable[[Case, dict[str, Any]], object]
    done: Any
    leads: bool = False
    signs: bool = False
    kind: str = "plain"

    def is_for(self, case: Case) -> bool:
        """Whether this user's post is for it, whatever the state."""
        return has_duty(case.user, case.batch.line.department, *self.roles)

    @property
    def posts(self) -> str:
        """Whose it is."""
        return "、".join(str(role.label) for role in self.roles)


def _by(case: Case) -> dict[str, Any]:
    return {"by": case.user, "at": timezone.now()}


def _prepare(case: Case, given: dict[str, Any]) -> None:
    batches.prepare(case.batch, **_by(case))


def _confirm(case: Case, given: dict[str, Any]) -> None:
    batches.confirm(case.batch, given["code"], seen=given["seen"], **_by(case))


def _release(case: Case, given: dict[str, Any]) -> None:
    releasing.release(case.batch, given["code"], seen=given["seen"], **_by(case))


l = gettext_lazy  # noqa: E741 - as short as the underscore that the functions above take
STEPS: Final[dict[str, Step]] = {
    "prepare": Step(
        l("提交确认"),
        (Role.PAYMENT_PREPARER,),
        (S.DRAFT,),
        SeenForm,
        _prepare,
        l("已提交，请另一位同事复核确认。"),
        leads=True,
        kind="main",
    ),
    "confirm": Step(
        l("确认"),
        (Role.PAYMENT_CONFIRMER,),
        (S.PREPARED,),
        CodeForm,
        _confirm,
        l("已确认，等待下达。"),
        leads=True,
        signs=True,
        kind="main",
    ),
    "release": Step(
        l("下达"),
        (Role.PAYMENT_RELEASER,),
        (S.CONFIRMED,),
        CodeForm,
        _release,
        l("已下达，指令文件正送往国库。"),
        leads=True,
        signs=True,
        kind="main",
    ),
    "return": Step(
        l("退回"),
        PAYING,
        (S.PREPARED, S.CONFIRMED),
        reason_form(l("为什么退回（编制人会看到）")),
        lambda case, given: batches.send_back(case.batch, given["reason"], **_by(case)),
        l("已退回编制，此前的签署作废。"),
    ),
    "cancel": Step(
        l("取消批次"),
        (Role.PAYMENT_PREPARER,),
        (S.DRAFT,),
        reason_form(l("为什么取消")),
        lambda case, given: batches.cancel(case.batch, given["reason"], **_by(case)),
        l("已取消，其中的资金回到待拨付。"),
        kind="danger",
    ),
    "freeze": Step(
        l("冻结这个批次"),
        STOPPING,
        (S.DRAFT, S.PREPARED, S.CONFIRMED, S.RELEASED),
        reason_form(l("为什么冻结（立即生效）")),
        lambda case, given: freezes.freeze(case.batch, given["reason"], **_by(case)),
        l("已冻结。解冻须一人申请、另一人同意。"),
        kind="danger",
    ),
}


@dataclass(frozen=True)
class Offer:
    """A step on the page: its form, or why not. `why` are hindrances with where they are mended."""

    name: str
    step: Step
    form: SeenForm
    why: list[tuple[str, str, str]]


def next_of(case: Case, failed: tuple[str, SeenForm] | None = None) -> Offer | None:
    """What the batch waits for; None when it waits for nobody here."""
    for name, step in STEPS.items():
        if step.leads and case.batch.state in step.states:
            if not step.is_for(case):
                words = _("等待“%(posts)s”岗位的同事办理“%(step)s”。") % {
                    "posts": step.posts,
                    "step": step.label,
                }
                return Offer(name, step, step.form(), [(words, "", "")])
            return Offer(name, step, _form(name, step, case, failed), list(case.hindrances(signs=step.signs)))
    return None


def others_of(case: Case, failed: tuple[str, SeenForm] | None = None) -> list[Offer]:
    """What else may be done by this user as it stands."""
    return [
        Offer(name, step, _form(name, step, case, failed), [])
        for name, step in STEPS.items()
        if not step.leads and case.batch.state in step.states and step.is_for(case) and _fits(name, case)
    ]


def take(name: str, case: Case, form: SeenForm) -> bool:
    """Take the step; False when the form or the service says why not, beside the form."""
    if not form.is_valid():
        return False
    try:
        STEPS[name].work(case, form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


def _fits(name: str, case: Case) -> bool:
    return name != "freeze" or not any(one.batch_id == case.batch.pk for one in case.frozen)


def _form(name: str, step: Step, case: Case, failed: tuple[str, SeenForm] | None) -> SeenForm:
    if failed is not None and failed[0] == name:
        return failed[1]
    return step.form(initial={"seen": case.batch.digest}, auto_id=f"{name}-%s")
