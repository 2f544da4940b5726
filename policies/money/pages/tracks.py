"""Where one sum stands, in the words of the one who waits for it: steps with dates, and what is next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Enterprise
from policies.models import AccountCheck, Award, PayeeAccount, Payment
from policies.models.money.batch import BatchState
from policies.models.money.payment import PaymentState
from policies.money import accounts

S = PaymentState
STEPS: Final = (
    gettext_lazy("认定"),
    gettext_lazy("编批"),
    gettext_lazy("复核"),
    gettext_lazy("下达"),
    gettext_lazy("财政支付"),
    gettext_lazy("到账"),
)
NEXT: Final[dict[str, Promise]] = {
    "draft": gettext_lazy("已编入拨付批次，编完后由另一位工作人员复核。"),
    "prepared": gettext_lazy("正在复核户名、账号和金额，复核后下达国库。"),
    "confirmed": gettext_lazy("复核通过，等待下达国库。"),
    "sent": gettext_lazy("已下达国库，银行办理一般需要 1 至 3 个工作日。"),
    "unknown": gettext_lazy("国库还没有回单。我们正在核实，核实前不会重复拨付，您不用做什么。"),
    "paid": gettext_lazy("已到账。没有看到的，请先按银行日期和金额查收款账户流水。"),
}
"""What happens next, by the state of the payment or, before it is sent, of its batch."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its word, its mark (`ok`, `now`, `late` or none) and when it was done."""

    label: str
    mark: str
    at: dt.datetime | None


@dataclass(frozen=True)
class Track:
    """An award on its way. `payment` is the last one made for it, taken-out ones aside; `account` in use."""

    award: Award
    payment: Payment | None
    account: PayeeAccount | None

    @property
    def state(self) -> str:
        """`account`, `check`, `mismatch`, `renamed` while it stands still; else the payment's or batch's."""
        payment = self.payment
        if payment is not None and payment.state == S.PREPARED:
            return str(payment.batch.state)
        if payment is not None and payment.state != S.RETURNED:
            return str(payment.state)
        if self.account is None:
            return "account"
        finding: AccountCheck | None = getattr(self.account, "finding", None)
        if finding is not None and finding.outcome == AccountCheck.Outcome.MISMATCHED:
            return "mismatch"
        if self.account.holder != self.award.enterprise.name and finding is not None:
            return "renamed"
        if self.account.came_back:
            return "returned"
        return "waiting" if finding is not None else "check"

    @property
    def badge(self) -> tuple[str, str]:
        """Its state in a word, and the colour."""
        words = {
            "account": (_("待填收款账户"), "due"),
            "mismatch": (_("账户户名不符"), "late"),
            "renamed": (_("企业已更名，请更新账户"), "late"),
            "returned": (_("银行退回"), "late"),
            "check": (_("账户核对中"), "info"),
            "waiting": (_("待编批"), "info"),
            "draft": (_("编批中"), "info"),
            "prepared": (_("复核中"), "info"),
            "confirmed": (_("待下达"), "info"),
        }
        if self.state in words:
            return words[self.state]
        state = S(self.state)
        return str(state.label), state.colour

    @property
    def payee(self) -> PayeeAccount | None:
        """The account it was sent to; before it is sent, and once it came back, the one in use."""
        payment = self.payment
        if payment is None or payment.state in (S.PREPARED, S.RETURNED):
            return self.account
        return payment.account

    @property
    def stage(self) -> str:
        """Which sum it belongs to: `paid`, `back`, `coming`."""
        if self.payment is None:
            return "coming"
        return {S.PAID.value: "paid", S.RETURNED.value: "back"}.get(self.payment.state, "coming")

    @property
    def waits_for_us(self) -> bool:
        """Whether the enterprise has to do something."""
        return self.state in ("account", "mismatch", "renamed", "returned")

    @property
    def next(self) -> str:
        """What happens next."""
        if self.state in NEXT:
            return str(NEXT[self.state])
        said = {
            "account": _("还没有您的收款账户。填好并核对户名后，就能编入下一批拨付。"),
            "check": _("工作人员正在核对收款账户的户名，核对相符后编入下一批拨付。"),
            "waiting": _("等待编入下一批拨付。"),
            "renamed": _("收款账户还是原来的名称。请到银行变更户名后，重新填报收款账户，核对相符后再拨付。"),
            "returned": _(
                "银行退回了付到这个账户的款。请核对收款账户并更正；账户没有问题的，原样再填一次，"
                "重新核对后再拨付。有疑问的，联系下面的经办部门。"
            ),
        }
        if self.state == "mismatch" and self.account is not None:
            return _("收款账户没有通过核对：%(note)s。请更正，核对相符后再拨付。") % {
                "note": self.account.finding.note
            }
        return said.get(self.state, "")

    @cached_property
    def steps(self) -> list[Step]:
        """All six, with dates."""
        payment = self.payment if self.payment and self.payment.state != S.VOID else None
        batch = payment.batch if payment else None
        file = getattr(batch, "instruction", None) if batch else None
        signed = batch is not None and batch.state in (
            BatchState.CONFIRMED,
            BatchState.RELEASED,
            BatchState.SETTLED,
        )
        moments = [
            self.award.made_at,
            batch.prepared_at if batch else None,
            batch.confirmed_at if batch and signed else None,
            payment.sent_at if payment else None,
            file.delivered_at if file else None,
            payment.settled_at if payment and payment.state == S.PAID else None,
        ]
        if payment is not None and payment.settled_at and moments[4] is None:
            moments[4] = payment.settled_at
        return list(self._marked(moments))

    def _marked(self, moments: list[dt.datetime | None]) -> list[Step]:
        found, reached = [], False
        for label, at in zip(STEPS, moments, strict=True):
            mark = "ok" if at else ""
            if not at and not reached:
                reached = True
                mark = "late" if self.waits_for_us else "now"
            found.append(Step(str(label), mark, at))
        return found

    @property
    def answer(self) -> str:
        """What the bank said last, in words; empty before."""
        payment = self.payment
        if payment is None or payment.settled_at is None:
            return ""
        said = payment.answers.all()
        last = max(said, key=lambda one: one.pk, default=None)
        if last is None:
            return ""
        words = _("%(outcome)s，银行日期 %(day)s") % {
            "outcome": last.get_outcome_display(),
            "day": last.value_date.isoformat(),
        }
        return f"{words}：{last.message}" if last.message else words

    @property
    def file(self) -> str:
        """The number of the instruction file; empty before."""
        batch = self.payment.batch if self.payment else None
        instruction = getattr(batch, "instruction", None) if batch else None
        return str(instruction.number) if instruction else ""


def tracks_of(enterprise: Enterprise) -> list[Track]:
    """All that the enterprise is owed or was paid, what it must see to first, then the newest.

    Four queries; one where nothing was ever owed.
    """
    awards = list(Award.objects.filter(enterprise=enterprise).for_lists().order_by("-pk"))
    return sorted(tracked(enterprise, awards), key=lambda track: not track.waits_for_us)


def track_of(award: Award) -> Track:
    """One of them, in three queries at most and what the award's enterprise takes."""
    return tracked(award.enterprise, [award])[0]


def tracked(enterprise: Enterprise, awards: list[Award]) -> list[Track]:
    """Some of what one enterprise was awarded, in that order; three queries, none where there is nothing."""
    if not awards:
        return []
    made = Payment.objects.filter(award__in=awards).exclude(state=S.VOID)
    made = made.select_related("account", "batch__line__department", "batch__instruction")
    made = made.defer("batch__instruction__content").prefetch_related("answers").order_by("pk")
    last: dict[int, Payment] = {payment.award_id: payment for payment in made}
    account = accounts.current(enterprise.pk)
    return [Track(award, last.get(award.pk), account) for award in awards]


def sums_of(tracks: list[Track]) -> dict[str, int]:
    """Fen: `paid`; `back` that the bank returned and nobody sent anew; `coming`, all else that is owed."""
    sums = {"paid": 0, "back": 0, "coming": 0}
    for track in tracks:
        sums[track.stage] += track.award.amount_fen
    return sums
