"""What a bank may do with an application: in which states, by which posts, with which form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.acting import BankActor
from finance.desk.forms import (
    ApproveForm,
    BlankForm,
    DrawForm,
    MaybeReasonForm,
    MissForm,
    NoteForm,
    ReasonForm,
    RepayForm,
    SignForm,
)
from finance.lending import booking, deciding
from finance.lending.booking import Drawing, Paying
from finance.lending.consenting import waits
from finance.lending.deciding import Approval
from finance.models import LoanApplication
from finance.models.loan_states import ENDED, EXAMINED, OWED, LoanMode, LoanState
from finance.models.vocabulary import Post
from portal.kernel.errors import DomainError

S = LoanState
Given = dict[str, Any]
WORKING: Final = (Post.MANAGER, Post.OFFICER)


@dataclass(frozen=True)
class Step:
    """One thing to be done. `leads`: it is what the application waits for.

    `decides`: it wants a live consent. `warning`: what follows at once, said beside the button.
    """

    label: Any
    states: tuple[str, ...]
    form: type[BlankForm]
    work: Callable[[LoanApplication, Given, BankActor], object]
    done: Any
    leads: bool = False
    decides: bool = False
    warning: Any = ""
    kind: str = "plain"
    posts: tuple[str, ...] = WORKING
    fits: Callable[[LoanApplication], bool] = lambda loan: True

    def is_for(self, loan: LoanApplication, by: BankActor) -> bool:
        """Whether it may be done now, by this person."""
        return loan.state in self.states and by.holds(*self.posts) and self.fits(loan)


def _by(by: BankActor) -> Given:
    return {"by": by, "at": timezone.now()}


def _approve(loan: LoanApplication, given: Given, by: BankActor) -> None:
    approval = Approval(
        *(given["amount"], given["rate"], given["months"], given.get("product"), given["method"]),
        sure=given["sure"],
    )
    deciding.approve(loan, approval, **_by(by))


def _sign(loan: LoanApplication, given: Given, by: BankActor) -> None:
    deciding.sign(loan, given["number"], given["on"], renews=given.get("renews"), **_by(by))


def _draw(loan: LoanApplication, given: Given, by: BankActor) -> None:
    drawing = Drawing(given["serial"], given["amount"], given["on"], sure=given["sure"])
    booking.draw(loan, drawing, **_by(by))


def _repay(loan: LoanApplication, given: Given, by: BankActor) -> None:
    paid = (given["principal"] or 0, given["interest"] or 0)
    paying = Paying(given["serial"], *paid, given["on"], sure=given["sure"])
    booking.repay(loan, paying, **_by(by))


STEPS: Final[dict[str, Step]] = {
    "accept": Step(
        _("受理"),
        (S.SUBMITTED,),
        BlankForm,
        lambda loan, given, by: deciding.accept(loan, **_by(by)),
        _("已受理，请尽快联系企业。"),
        leads=True,
        kind="main",
    ),
    "decline": Step(
        _("不受理"),
        (S.SUBMITTED,),
        ReasonForm,
        lambda loan, given, by: deciding.decline(loan, given["text"], **_by(by)),
        _("已告知企业，企业可以改为面向全部银行。"),
        kind="danger",
        fits=lambda loan: loan.mode != LoanMode.OPEN,
    ),
    "investigate": Step(
        _("开始尽职调查"),
        (S.ACCEPTED,),
        BlankForm,
        lambda loan, given, by: deciding.investigate(loan, **_by(by)),
        _("已开始尽职调查。"),
        leads=True,
        kind="main",
    ),
    "approve": Step(
        _("批准"),
        (S.DUE_DILIGENCE,),
        ApproveForm,
        _approve,
        _("已批准，企业已收到通知，请约企业签约。"),
        leads=True,
        decides=True,
        kind="main",
    ),
    "refuse": Step(
        _("不予批准"),
        EXAMINED,
        ReasonForm,
        lambda loan, given, by: deciding.refuse(loan, given["text"], **_by(by)),
        _("已告知企业。"),
        kind="danger",
    ),
    "sign": Step(
        _("登记签约"),
        (S.APPROVED,),
        SignForm,
        _sign,
        _("已登记签约。"),
        leads=True,
        decides=True,
        kind="main",
    ),
    "take_back": Step(
        _("撤回批准"),
        (S.APPROVED,),
        ReasonForm,
        lambda loan, given, by: deciding.take_back(loan, given["text"], **_by(by)),
        _("已撤回批准，企业已收到通知；已入池的额度已释放。"),
        warning=_(
            "申请到此结束，不能恢复：企业马上收到通知和原因，已入池的额度释放，本行不能再查看企业信息。"
        ),
        kind="danger",
        posts=(Post.MANAGER,),
    ),
    "draw": Step(
        _("登记放款"),
        (S.SIGNED, S.DRAWN, S.REPAYING),
        DrawForm,
        _draw,
        _("已登记放款。"),
        leads=True,
        kind="main",
        fits=lambda loan: loan.undrawn_fen > 0,
    ),
    "call_off": Step(
        _("不再放款，终止合同"),
        (S.SIGNED,),
        ReasonForm,
        lambda loan, given, by: deciding.call_off(loan, given["text"], **_by(by)),
        _("已终止，企业已收到通知；已入池的额度已释放。"),
        warning=_(
            "合同到此结束，不能恢复：企业马上收到通知和原因，已入池的额度释放，本行不能再查看企业信息。"
        ),
        kind="danger",
        posts=(Post.MANAGER,),
    ),
    "repay": Step(
        _("登记还款"),
        OWED,
        RepayForm,
        _repay,
        _("已登记还款。"),
        leads=True,
        fits=lambda loan: loan.owed_fen > 0,
    ),
    "settle": Step(
        _("结清（不再放款）"),
        (S.REPAYING, S.OVERDUE),
        BlankForm,
        lambda loan, given, by: booking.settle(loan, **_by(by)),
        _("已结清。"),
        fits=lambda loan: loan.owed_fen == 0,
    ),
    "miss": Step(
        _("标记逾期"),
        (S.DRAWN, S.REPAYING),
        MissForm,
        lambda loan, given, by: booking.miss(loan, given["text"], sure=given["sure"], **_by(by)),
        _("已标记逾期，企业已收到通知。"),
        kind="danger",
        fits=lambda loan: loan.owed_fen > 0,
    ),
    "recover": Step(
        _("恢复正常还款"),
        (S.OVERDUE,),
        MaybeReasonForm,
        lambda loan, given, by: booking.recover(loan, given["text"], **_by(by)),
        _("已恢复正常。"),
    ),
    "write_off": Step(
        _("核销"),
        (S.OVERDUE,),
        ReasonForm,
        lambda loan, given, by: booking.write_off(loan, given["text"], **_by(by)),
        _("已核销。"),
        kind="danger",
        posts=(Post.MANAGER,),
    ),
    "note": Step(
        _("记一笔"),
        tuple(state for state in S if state not in (S.DRAFT, *ENDED)),
        NoteForm,
        lambda loan, given, by: deciding.note(loan, given["text"], **_by(by)),
        _("已记下，只有本行看到。"),
    ),
}


@dataclass(frozen=True)
class Offer:
    """A step on the page with its form."""

    name: str
    step: Step
    form: BlankForm


def offers_of(
    loan: LoanApplication, by: BankActor, failed: tuple[str, BlankForm] | None = None
) -> list[Offer]:
    """What this person may do now; what was just refused keeps its form with the reason.

    While the enterprise's consent is missing nothing that wants it.
    """
    waiting = waits(loan, timezone.now())
    name_failed, form_failed = failed or ("", None)
    return [
        Offer(
            name,
            step,
            form_failed if form_failed is not None and name == name_failed else blank(name, loan),
        )
        for name, step in STEPS.items()
        if (step.is_for(loan, by) and not (waiting and step.decides)) or name == name_failed
    ]


def blank(name: str, loan: LoanApplication, *args: Any) -> BlankForm:
    """The form of a step, with ids of its own on the page."""
    return STEPS[name].form(*args, loan=loan, auto_id=f"{name}-%s")


def take(name: str, loan: LoanApplication, form: BlankForm, by: BankActor) -> bool:
    """Take the step; False when the form or the service says why not, beside the form."""
    if not form.is_valid():
        return False
    try:
        STEPS[name].work(loan, form.cleaned_data, by)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True
