"""The stories told together, day by day: each step by the service that takes it, at its own moment."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from contextlib import nullcontext
from decimal import Decimal
from typing import Final

from django.utils import timezone

from enterprises.actors import Actor
from enterprises.consents.reading import Reader, read
from finance.acting import BankActor
from finance.lending import booking, deciding, filing
from finance.lending.booking import Drawing, Paying
from finance.lending.deciding import Approval
from finance.lending.filing import Filing, Sharing
from finance.lending.grabbing import take
from finance.lending.plans import lines_of
from finance.lending.sweeping import sweep
from finance.models import LoanApplication
from finance.models.vocabulary import Repayment
from portal.kernel.errors import DomainError
from portal.notifications.services import hushed
from portal.shell.demo.finance.pools import Cover
from portal.shell.demo.finance.stories import Story

TOLD: Final = dt.timedelta(days=3)
"""Messages are sent of what happened so lately; of what is older nobody is told anew."""
SHARED: Final = (
    "revenue",
    "total_assets",
    "total_debt",
    "employees",
    "tax_credit_grade",
    "industry",
    "region",
)
COVERED: Final = ("approved", "signed", "lent")
"""Stories whose loans a pool may take on: what it lets go of it lets go on the day the demo is told."""
AHEAD: Final = dt.timedelta(days=40)
"""Instalments are paid so long before their day, as they are paid more often than they fall due."""
LASTS: Final = dt.timedelta(days=720)
REFUSALS: Final = (
    "近两年现金流不足以覆盖还本付息，建议压降库存后再申请。",
    "资产负债率偏高，缺少第二还款来源，可增加担保后再申请。",
    "成立时间较短，经营数据不足一年，达到一年后欢迎再来。",
    "实际用途与申请用途不一致，请核实后重新申请。",
)
DECLINES: Final = (
    "所在镇街不在本网点服务范围，请选择其他银行。",
    "该产品本季度额度已用完。",
    "不符合该产品的行业投向。",
)


class Teller:
    """Tells stories; what a service refuses ends the one it refuses."""

    def __init__(
        self,
        actors: dict[int, Actor],
        bankers: dict[int, list[BankActor]],
        facts: Sequence[str],
        now: dt.datetime,
        dice: random.Random,
    ) -> None:
        self.actors, self.bankers, self.facts, self.now, self.dice = actors, bankers, facts, now, dice
        self.loans: dict[int, LoanApplication] = {}
        self.phones: dict[int, str] = {}
        self.cover: Cover | None = None

    def tell(self, stories: Sequence[Story]) -> int:
        """All of them in the order of time; how many applications were filed."""
        steps = sorted(
            ((at, number, name) for number, story in enumerate(stories) for at, name in story.steps),
            key=lambda step: (step[0], step[1]),
        )
        day = None
        for at, number, name in steps:
            if day is not None and timezone.localdate(at) != day:
                self._sweep(at)
            day = timezone.localdate(at)
            with hushed() if at < self.now - TOLD else nullcontext():
                self._take(stories[number], number, name, at)
        self._sweep(self.now)
        return len(self.loans)

    def _sweep(self, at: dt.datetime) -> None:
        with hushed() if at < self.now - TOLD else nullcontext():
            sweep(at)

    def _take(self, story: Story, number: int, name: str, at: dt.datetime) -> None:
        if name != "file" and id(story) not in self.loans:
            return
        try:
            if name == "file":
                self.loans[id(story)] = self._file(story, number, at)
            else:
                loan = self.loans[id(story)]
                loan.refresh_from_db()
                getattr(self, f"_{name}")(story, loan, at)
        except DomainError:  # time was faster, or the firm has another one under way there
            return

    def _by(self, loan: LoanApplication) -> BankActor:
        return self.bankers[loan.bank_id or 0][-1]

    def _file(self, story: Story, number: int, at: dt.datetime) -> LoanApplication:
        actor = self.actors[story.enterprise]
        self.phones.setdefault(story.enterprise, f"1990002{number % 10_000:04d}")
        asked = Filing(
            mode=story.mode,
            amount_fen=story.fen,
            term_months=story.months,
            purpose=story.purpose,
            contact_name=actor.user.name,
            contact_phone=self.phones[story.enterprise],
            sharing=Sharing(self.facts, at + LASTS),
            version=story.version,
        )
        return filing.file_loan(actor, asked, at=at)

    def _accept(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        deciding.accept(loan, by=self._by(loan), at=at)

    def _grab(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        bank = self.dice.choice(sorted(self.bankers))
        take(loan, by=self.bankers[bank][-1], at=at)

    def _look(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        """Somebody of the bank reads what the consent allows; the enterprise sees it."""
        by = self._by(loan)
        if loan.consent_id is not None and by.bank.grantee is not None:
            read(loan.consent_id, Reader(by.bank.grantee, by.user, why="贷前调查"), at=at)

    def _decline(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        deciding.decline(loan, self.dice.choice(DECLINES), by=self._by(loan), at=at)

    def _withdraw(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        filing.withdraw(self.actors[story.enterprise], loan, "资金已另行解决", at=at)

    def _investigate(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        deciding.investigate(loan, by=self._by(loan), at=at)

    def _refuse(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        deciding.refuse(loan, self.dice.choice(REFUSALS), by=self._by(loan), at=at)

    def _approve(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        version = loan.product_version
        low = version.rate_low if version and version.rate_low else Decimal("3.45")
        high = version.rate_high if version and version.rate_high else low + 1
        rate = low + (high - low) * self.dice.randint(0, 4) / 4
        method = next(iter(version.repayments if version else []), Repayment.INTEREST_ONLY.value)
        approval = Approval(story.fen, rate.quantize(Decimal("0.0001")), story.months, method=method)
        by = self._by(loan)
        deciding.approve(loan, approval, by=by, at=at)
        if self.cover is not None and story.target in COVERED:
            self.cover.take(loan, by=by, at=at)

    def _sign(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        renews = self.loans.get(id(story.after)) if story.after else None
        number = f"{loan.bank.code if loan.bank else ''}-{timezone.localdate(at):%Y}-{loan.pk:05d}"
        by, day = self._by(loan), timezone.localdate(at)
        deciding.sign(loan, number, day, by=by, at=at, renews=renews)

    def _draw(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        drawing = Drawing(f"F{loan.pk:06d}", loan.approved_fen or 0, timezone.localdate(at))
        booking.draw(loan, drawing, by=self._by(loan), at=at)

    def _interest(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        """What is due of the plan until the next time, but for the end of it; now and then more.

        Of a loan that is to be lost nothing.
        """
        if self.cover is not None and loan.pk in self.cover.silent:
            return
        today, end = timezone.localdate(at), loan.matures_on or timezone.localdate(at)
        until = min(today + AHEAD, end - dt.timedelta(1))
        due = [line for line in lines_of(loan, today) if line.instalment.due_on <= until and not line.met]
        if end <= today or not due:
            return
        missing = sum(line.missing_fen for line in due)
        interest = min(missing, sum(line.instalment.interest_fen for line in due))
        more = loan.owed_fen // 10 if self.dice.random() < 0.1 else 0
        principal = min(missing - interest + more, loan.owed_fen)
        serial = f"H{loan.pk:06d}-{loan.repayments.count() + 1:02d}"
        paying = Paying(serial, principal, interest, timezone.localdate(at))
        booking.repay(loan, paying, by=self._by(loan), at=at)

    def _repay(self, story: Story, loan: LoanApplication, at: dt.datetime) -> None:
        paying = Paying(f"H{loan.pk:06d}-99", loan.owed_fen, loan.owed_fen // 50, timezone.localdate(at))
        booking.repay(loan, paying, by=self._by(loan), at=at)
