"""The money of the demo: budget lines, accounts, batches in each state, what the treasury said of them.

All by the services, each step at its own moment; the return files are written as the fake treasury writes
them. What was released here counts as delivered: the demo's treasury answers what is released from now on.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.models.membership import MemberRole
from policies.models import (
    Award,
    BudgetLine,
    InstructionFile,
    PayeeAccount,
    Payment,
    PaymentBatch,
    PolicyItem,
)
from policies.models.money.award import AwardSource
from policies.money import accounts, batches, corrections, freezes, intake, releasing
from policies.money.corrections import Difference
from policies.money.results import overdue
from portal.accounts.models import Department, User
from portal.accounts.second_factor import totp_code_at
from portal.embedded.treasury.papers import Answer, Envelope, write
from portal.kernel.money import WAN
from portal.shell.demo.showcase import HUBS

BANKS: Final = (
    "重庆农村商业银行垫江支行",
    "中国农业银行垫江支行",
    "中国工商银行垫江支行",
    "中国建设银行垫江支行",
)
OWN, OTHERS = "economy", "finance"
"""The department with a line of its own, and the one that pays for all the others."""
LABELS: Final = {OWN: "工业和信息化专项资金", OTHERS: "惠企政策兑现资金"}
ROOM: Final = 1.4
"""Appropriated for each yuan that is owed."""
UNCHECKED, MISMATCHED, MISSING = 3, 1, 2
"""Of the newest awards: whose account nobody has looked at, whose holder is another, who gave none."""
STEP: Final = dt.timedelta(minutes=7)
"""Between two steps at the desk; each signature takes a code of its own."""
APART: Final = dt.timedelta(hours=2)
"""Between the desks of two lines, which the same three people work at."""
BOUNCED: Final = "收款账户已销户"


@dataclass
class Desk:
    """Who pays, from which line, and what time it is at their desk."""

    line: BudgetLine
    people: dict[str, User]
    now: dt.datetime
    at: dt.datetime
    made: list[PaymentBatch] = field(default_factory=list)

    def tick(self) -> dt.datetime:
        """The next moment, never beyond now."""
        self.at += STEP
        return self.at

    def code(self, name: str) -> str:
        """What somebody's authenticator shows at that moment."""
        return totp_code_at(self.people[name], self.at)

    def draft(self, title: str, owed: Sequence[Award]) -> PaymentBatch:
        """A batch that is being put together."""
        preparer = self.people["preparer"]
        batch = batches.draft(self.line, title, by=preparer, at=self.tick())
        batches.add(batch, owed, by=preparer, at=self.at)
        self.made.append(batch)
        return batch

    def prepared(self, title: str, owed: Sequence[Award]) -> PaymentBatch:
        """One that waits to be confirmed."""
        batch = self.draft(title, owed)
        batches.prepare(batch, by=self.people["preparer"], at=self.tick())
        return batch

    def confirmed(self, title: str, owed: Sequence[Award]) -> PaymentBatch:
        """One that waits to be released."""
        batch, at = self.prepared(title, owed), self.tick()
        batches.confirm(batch, self.code("confirmer"), by=self.people["confirmer"], at=at)
        return batch

    def released(self, title: str, owed: Sequence[Award]) -> InstructionFile:
        """The instruction of one that the treasury has."""
        batch, at = self.confirmed(title, owed), self.tick()
        file = releasing.release(batch, self.code("releaser"), by=self.people["releaser"], at=at)
        InstructionFile.objects.filter(pk=file.pk).update(delivered_at=self.tick())
        return file


def pay(people: dict[str, User], now: dt.datetime) -> int:
    """Lead the money of all awards as far as it goes; how many batches there are then."""
    made = 0
    with transaction.atomic(), _quietly():
        for number, code in enumerate((OWN, OTHERS)):
            owed = list(_awards_of(code))
            if not owed:
                continue
            line = _line(code, owed, now)
            ready = _with_accounts(owed, people["preparer"])
            made += len(_batches(line, ready, people, now - APART * number))
        overdue(now)
    return made


@contextmanager
def _quietly() -> Iterator[None]:
    """Nothing of an alarm that belongs to the story in the log of who loads the demo."""
    alarms = logging.getLogger("policies.money.alarms")
    alarms.disabled = True
    try:
        yield
    finally:
        alarms.disabled = False


def _awards_of(code: str) -> Iterable[Award]:
    """What was applied for; what is enjoyed without applying waits at the desk, for who looks at the demo."""
    awards = Award.objects.filter(source=AwardSource.APPLICATION)
    awards = awards.select_related("enterprise", "application__filler", "version", "item__department")
    of = {"item__department__code": code}
    rows = awards.filter(**of) if code == OWN else awards.exclude(item__department__code=OWN)
    return rows.order_by("made_at", "pk")


def _line(code: str, owed: Sequence[Award], now: dt.datetime) -> BudgetLine:
    """With room for what is owed, in whole hundreds of 万元."""
    wanted = int(sum(award.amount_fen for award in owed) * ROOM)
    year = timezone.localtime(now).year
    line = BudgetLine.objects.create(
        code=f"垫财企〔{year}〕{6 if code == OWN else 11}号",
        label=LABELS[code],
        year=year,
        department=Department.objects.get(code=code),
        appropriated_fen=(wanted // (100 * WAN) + 1) * 100 * WAN,
    )
    items = PolicyItem.objects.filter(department__code=OWN)
    line.items.set(items if code == OWN else PolicyItem.objects.exclude(department__code=OWN))
    return line


def _with_accounts(owed: Sequence[Award], checker: User) -> list[Award]:
    """Who applied names an account, which is checked, but for the newest few; what can be paid then."""
    newest: dict[int, Award] = {}
    for award in owed:
        if award.application_id is not None:
            newest[award.enterprise_id] = award
    known = {one.enterprise_id for one in PayeeAccount.objects.newest({one.enterprise_id for one in owed})}
    last_first = [one for one in reversed(list(newest.values())) if one.enterprise_id not in known]
    hubs = [one for one in last_first if one.enterprise.uscc == HUBS]
    others = [one for one in last_first if one.enterprise.uscc != HUBS][MISSING:] + hubs
    for number, award in enumerate(others):
        account = _give(award, number)
        if number < UNCHECKED:
            continue
        at = account.given_at + STEP
        if number < UNCHECKED + MISMATCHED:
            note = "银行回话：这个账号的户名是另一家单位"
            accounts.check(account, "mismatched", by=checker, at=at, note=note)
        else:
            accounts.check(account, "matched", by=checker, at=at)
    verified = accounts.verified_of({award.enterprise_id for award in owed})
    return [award for award in owed if award.enterprise_id in verified]


def _give(award: Award, number: int) -> PayeeAccount:
    application = award.application
    if application is None or application.filler is None:
        raise ValueError(f"Award {award.pk} has nobody who applied.")
    firm = award.enterprise
    actor = Actor(application.filler, firm, MemberRole.MANAGER)
    bank = BANKS[number % len(BANKS)]
    return accounts.give(actor, firm.name, bank, f"6228{firm.pk:015d}", at=award.made_at + STEP)


def _batches(
    line: BudgetLine, ready: Sequence[Award], people: dict[str, User], now: dt.datetime
) -> list[Any]:
    """Settled, without an answer for days, and from the newest one of each state before; the rest waits."""
    settled, silent, signed, drawn, begun = _shares(ready)
    desk = Desk(line, people, now, now)
    if settled:
        desk.at = min(settled[-1].made_at + dt.timedelta(days=1), now - dt.timedelta(days=9))
        later = {award.enterprise_id for award in ready[len(settled) :]}
        _settle(desk, desk.released("第一批", settled), later)
    if silent:
        desk.at = now - dt.timedelta(days=6)
        desk.released("第二批", silent)
    desk.at = now - dt.timedelta(hours=20)
    if signed:
        desk.confirmed("第三批", signed)
    if drawn:
        desk.prepared("第四批", drawn)
    if begun:
        desk.draft("第五批", begun)
    if settled:
        _history(desk, settled[0])
    return desk.made


def _shares(ready: Sequence[Award]) -> list[Sequence[Award]]:
    """The oldest two fifths, then an eighth each, the newest are left waiting."""
    part = max(len(ready) // 8, 1)
    ends = [len(ready) * 2 // 5]
    for _share in range(4):
        ends.append(min(ends[-1] + part, len(ready)))
    return [ready[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _settle(desk: Desk, file: InstructionFile, later: set[int]) -> None:
    """The treasury has paid all but one; a file before it was ten times too high and lies in quarantine.

    What comes back is of a firm that is in no `later` batch: nothing more may go to that account.
    """
    rows = file.batch.payments.select_related("account").order_by("pk")
    payments = sorted(rows, key=lambda one: one.enterprise_id not in later)
    answers = [_answer(one, desk.at) for one in payments]
    if len(answers) > 1 and payments[-1].enterprise_id not in later:
        answers[-1] = _answer(payments[-1], desk.at, outcome="returned", message=BOUNCED)
    day = timezone.localdate(desk.at)
    number = f"HD{day:%Y%m%d}-{file.pk:06d}"
    wrong = [*answers[:-1], _answer(payments[-1], desk.at, amount=payments[-1].amount_fen * 10)]
    for name, said in ((f"{number}-1", wrong), (number, answers)):
        content = write(Envelope(name, file.number, day, "csv"), said)
        at = desk.tick()
        intake.judge(intake.receive(f"{name}.csv", content, by=None, at=at).pk, at=at)


def _answer(payment: Payment, at: dt.datetime, **changes: Any) -> Answer:
    said: dict[str, Any] = {
        "serial": f"YH{payment.pk:010d}",
        "payment": payment.pk,
        "account": payment.account.number,
        "amount": payment.amount_fen,
        "outcome": "paid",
        "day": timezone.localdate(at).isoformat(),
        "message": "",
    }
    return Answer(**said | changes)


def _history(desk: Desk, paid: Award) -> None:
    """A freeze that two people let go on, and a proposal to take back what was paid too much."""
    preparer, confirmer, releaser = (desk.people[name] for name in ("preparer", "confirmer", "releaser"))
    at = desk.now - dt.timedelta(days=12)
    frozen = freezes.freeze(desk.line, "审计抽查，核对收款账户", by=confirmer, at=at)
    freezes.ask_thaw(frozen, by=preparer, at=at + dt.timedelta(hours=5))
    freezes.thaw(frozen, by=releaser, at=at + dt.timedelta(hours=6))
    evidence = {
        "award": paid.pk,
        "rule_version": paid.version.rule_version_id,
        "as_of": timezone.localdate(paid.made_at),
        "known_at": desk.now,
        "verdict": "符合，金额减少",
        "summary": "年度研发费用经税务部门更正，按当时的规则重算，应付金额减少。",
        "changed": [
            {
                "path": "/all/0",
                "sentence": "上年度研发费用不低于 300 万元",
                "then": "412 万元",
                "value": "326 万元",
                "source": "县税务局（更正申报）",
            }
        ],
    }
    corrections.propose(
        [Difference(paid, paid.amount_fen // 5, evidence)], at=desk.now - dt.timedelta(days=1)
    )
