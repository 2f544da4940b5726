"""The way of a loan application as data: states, what leads from one to the next, who is told when."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kernel.transitions import Machine, Transition


class LoanState(models.TextChoices):
    """Where an application stands, from the form to the last payment."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待受理")
    ACCEPTED = "accepted", _("已受理")
    DECLINED = "declined", _("银行未受理")
    LAPSED = "lapsed", _("无人受理")
    DUE_DILIGENCE = "due_diligence", _("尽职调查")
    APPROVED = "approved", _("已批准")
    REFUSED = "refused", _("未批准")
    SIGNED = "signed", _("已签约")
    EXPIRED = "expired", _("批准已过期")
    DRAWN = "drawn", _("已放款")
    REPAYING = "repaying", _("还款中")
    REPAID = "repaid", _("已结清")
    OVERDUE = "overdue", _("已逾期")
    WRITTEN_OFF = "written_off", _("已核销")
    WITHDRAWN = "withdrawn", _("企业已撤回")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return _COLOURS.get(self.value, "info")


S = LoanState
_COLOURS: Final[dict[str, str]] = {
    S.DRAFT: "plain",
    S.SUBMITTED: "due",
    S.DECLINED: "late",
    S.LAPSED: "late",
    S.APPROVED: "done",
    S.REFUSED: "late",
    S.EXPIRED: "plain",
    S.DRAWN: "done",
    S.REPAYING: "done",
    S.REPAID: "plain",
    S.OVERDUE: "late",
    S.WRITTEN_OFF: "late",
    S.WITHDRAWN: "plain",
}
UNDERWAY: Final = (S.SUBMITTED, S.ACCEPTED, S.DUE_DILIGENCE, S.APPROVED)
"""Asked for and not yet a contract: of an enterprise and a bank there is one such application."""
EXAMINED: Final = (S.ACCEPTED, S.DUE_DILIGENCE)
"""The bank looks at it and has not decided."""
APPROVED_AND_AFTER: Final = (
    S.APPROVED,
    S.SIGNED,
    S.EXPIRED,
    S.DRAWN,
    S.REPAYING,
    S.REPAID,
    S.OVERDUE,
    S.WRITTEN_OFF,
)
"""They bear an amount, a rate and a term."""
SIGNED_AND_AFTER: Final = (S.SIGNED, S.DRAWN, S.REPAYING, S.REPAID, S.OVERDUE, S.WRITTEN_OFF)
"""They bear the bank's own number."""
LENT: Final = (S.DRAWN, S.REPAYING, S.REPAID, S.OVERDUE, S.WRITTEN_OFF)
"""Money has gone to the enterprise."""
OWED: Final = (S.DRAWN, S.REPAYING, S.OVERDUE)
"""Something is still to be paid back."""
PAYING: Final = (S.DRAWN, S.REPAYING)
"""They are paid back as agreed, as far as their banks say: the next instalment is waited for."""
UNANSWERED: Final = (S.DECLINED, S.LAPSED)
"""No bank has taken it on: the enterprise may open it to all."""
ENDED: Final = (
    S.DECLINED,
    S.LAPSED,
    S.REFUSED,
    S.EXPIRED,
    S.REPAID,
    S.WRITTEN_OFF,
    S.WITHDRAWN,
)
CONSENTED: Final = (*UNDERWAY, S.SIGNED, *OWED)
"""The purpose of the consent lasts; in all other states it is taken back."""


class LoanMode(models.TextChoices):
    """How an application finds its bank."""

    CHOOSE = "choose", _("点单：自选产品")
    RECOMMEND = "recommend", _("平台推荐")
    OPEN = "open", _("抢单：面向全部银行")


class LoanMark(models.TextChoices):
    """What kind of a loan it is by the records, set with the first money."""

    FIRST = "first", _("首贷")
    RENEWAL = "renewal", _("续贷")
    NO_PRINCIPAL_RENEWAL = "no_principal_renewal", _("无还本续贷")
    AGAIN = "again", _("再次贷款")


class LoanWhom(models.TextChoices):
    """Who is told of a deadline, the nearest first."""

    HANDLER = "handler", _("银行经办人")
    MANAGER = "manager", _("银行管理员")
    OFFICE = "office", _("金融主管部门")


TRANSITIONS: Final = (
    Transition("submit", (S.DRAFT,), S.SUBMITTED, _("提交")),
    Transition("take", (S.SUBMITTED,), S.ACCEPTED, _("抢单")),
    Transition("accept", (S.SUBMITTED,), S.ACCEPTED, _("受理")),
    Transition("decline", (S.SUBMITTED,), S.DECLINED, _("不受理")),
    Transition("lapse", (S.SUBMITTED,), S.LAPSED, _("逾期无人受理")),
    Transition("open_up", UNANSWERED, S.SUBMITTED, _("改为面向全部银行")),
    Transition("investigate", (S.ACCEPTED,), S.DUE_DILIGENCE, _("开始尽职调查")),
    Transition("approve", (S.DUE_DILIGENCE,), S.APPROVED, _("批准")),
    Transition("refuse", EXAMINED, S.REFUSED, _("不予批准")),
    Transition("sign", (S.APPROVED,), S.SIGNED, _("签约")),
    Transition("take_back", (S.APPROVED,), S.REFUSED, _("撤回批准")),
    Transition("expire", (S.APPROVED,), S.EXPIRED, _("批准过期")),
    Transition("call_off", (S.SIGNED,), S.EXPIRED, _("不再放款")),
    Transition("draw", (S.SIGNED,), S.DRAWN, _("放款")),
    Transition("repay", (S.DRAWN,), S.REPAYING, _("开始还款")),
    Transition("settle", (S.REPAYING, S.OVERDUE), S.REPAID, _("结清")),
    Transition("miss", (S.DRAWN, S.REPAYING), S.OVERDUE, _("逾期")),
    Transition("recover", (S.OVERDUE,), S.REPAYING, _("恢复还款")),
    Transition("write_off", (S.OVERDUE,), S.WRITTEN_OFF, _("核销")),
    Transition("reopen", (S.REPAID,), S.REPAYING, _("结清更正")),
    Transition("unpay", (S.REPAYING,), S.DRAWN, _("还款更正")),
    Transition("undraw", OWED, S.SIGNED, _("放款更正")),
    Transition("withdraw", (S.DRAFT, *UNDERWAY), S.WITHDRAWN, _("企业撤回")),
)
MACHINE: Final = Machine("state", initial=S.DRAFT, transitions=TRANSITIONS, deletable=())
