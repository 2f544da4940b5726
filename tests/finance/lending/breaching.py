"""How somebody who writes past the services meets what the database refuses of loans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from django.core.files.base import ContentFile
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.consents import granting
from enterprises.consents.granting import Terms
from enterprises.models import GranteeKind, MemberRole
from finance.models import (
    Drawdown,
    LoanApplication,
    LoanClock,
    LoanFile,
    LoanGrab,
    LoanInstalment,
    LoanList,
    LoanPlan,
    LoanReminder,
    LoanReversal,
    LoanState,
    Repayment,
)
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import actor_of
from tests.finance.factories import BranchFactory
from tests.finance.lending import factories as make
from tests.finance.pools import factories as pools

S = LoanState
WAN = make.WAN
APPROVED: Final = {
    "state": S.APPROVED,
    "approved_fen": 50 * WAN,
    "approved_rate": Decimal("4.35"),
    "approved_months": 12,
    "approved_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
}


def change(loan: LoanApplication, **values: Any) -> None:
    """Past the services."""
    LoanApplication.objects.filter(pk=loan.pk).update(**values)


def of(state: str, /, **values: Any) -> Callable[[], None]:
    """An application in a state, changed."""
    return lambda: change(make.put(state), **values)


def unconsented(state: str, /, **values: Any) -> Callable[[], None]:
    """As `of`, after the enterprise has revoked its consent."""

    def work() -> None:
        loan = make.put(state)
        granting.revoke(make_actor(loan), loan.consent, at=timezone.now())
        change(loan, **values)

    return work


def drafted(**values: Any) -> LoanApplication:
    """A row as the form writes it first, changed."""
    actor = actor_of()
    given: dict[str, Any] = {
        "number": f"DK-T-{actor.enterprise.pk}",
        "enterprise": actor.enterprise,
        "filed_by": actor.user,
        "mode": "open",
        "amount_fen": WAN,
        "term_months": 12,
        "purpose": "turnover",
        "contact_name": "王会计",
        "contact_phone": "13800000000",
    }
    return LoanApplication.objects.create(**given | values)


def two_at_one_bank() -> None:
    first = make.filed()
    given = {"mode": "choose", "bank": first.bank, "product_version": first.product_version}
    _submit(drafted(enterprise=first.enterprise, number="DK-T-2", **given))


def make_actor(loan: LoanApplication) -> Any:
    return Actor(loan.filed_by, loan.enterprise, MemberRole.MANAGER)


def _submit(loan: LoanApplication) -> None:
    """Give its consent and submit it, past the service."""
    loan.refresh_from_db()
    at = timezone.now()
    grantee = loan.bank.grantee if loan.bank else GranteeKind.BANK
    terms = Terms(make.FACTS, "办贷款", at + dt.timedelta(days=9), reference=loan.number)
    consent = granting.grant(make_actor(loan), grantee, terms, at=at)
    change(loan, state=S.SUBMITTED, consent=consent, submitted_at=at)


def two_open() -> None:
    loan = make.opened()
    _submit(drafted(enterprise=loan.enterprise))


def two_first() -> None:
    actor = actor_of()
    make.put(S.DRAWN, make.filed(actor))
    second = make.put(S.SIGNED, make.filed(actor))
    today = timezone.localdate()
    change(second, state=S.DRAWN, mark="first", drawn_on=today, matures_on=today)


def number_twice() -> None:
    first = make.put(S.SIGNED)
    second = make.put(S.APPROVED, make.filed(actor_of(), first.product_version), make.officer(first.bank))
    change(second, state=S.SIGNED, bank_number=first.bank_number, signed_on=timezone.localdate())


def movement(model: Any, loan: LoanApplication, **values: Any) -> Any:
    """A row of the books, past the services."""
    given: dict[str, Any] = {
        "loan": loan,
        "bank": loan.bank,
        "serial": "S1",
        "on": timezone.localdate(),
        "at": timezone.now(),
    }
    sums = {"amount_fen": 1} if model is Drawdown else {"principal_fen": 1}
    return model.objects.create(**given | sums | values)


def repaid_twice() -> None:
    loan = make.put(S.REPAYING)
    for _time in range(2):
        movement(Repayment, loan, principal_fen=0, interest_fen=1)


def drawn_twice() -> None:
    loan = make.put(S.SIGNED)
    make.draw(loan, make.officer(loan.bank), WAN, "S1")
    movement(Drawdown, loan)


def reversal(row: Any = None, **values: Any) -> LoanReversal:
    """Of a repayment, past the service."""
    row = row or make.put(S.REPAYING).repayments.get()
    given: dict[str, Any] = {"reason": "登错", "by": UserFactory(), "at": timezone.now()}
    kind = {"drawdown": row} if isinstance(row, Drawdown) else {"repayment": row}
    return LoanReversal.objects.create(**given | kind | values)


def reversed_twice(model: Any) -> None:
    loan = make.put(S.SIGNED)
    by = make.officer(loan.bank)
    for _time in range(2):
        make.draw(loan, by, WAN)
    make.repay(loan, by, 0, 100)
    row = model.objects.filter(loan=loan).latest("pk")
    for _time in range(2):
        reversal(row)


def of_both() -> None:
    loan = make.put(S.REPAYING)
    reversal(loan.repayments.get(), drawdown=loan.drawdowns.get())


def claimed() -> None:
    covered = pools.admitted(pools.pool(pools.bank()), state="overdue")
    pools.claim(covered)
    reversal(covered.loan.drawdowns.get())


def let_go() -> None:
    covered = pools.admitted(pools.pool(pools.bank()), state="drawn")
    pools.repay(covered.loan, covered.amount_fen)
    change(covered.loan, state=S.REPAYING)
    reversal(covered.loan.repayments.get())


def renewed() -> None:
    earlier = make.put(S.DRAWN)
    by = make.officer(earlier.bank, "manager")
    actor = make_actor(earlier)
    later = make.put(S.APPROVED, make.filed(actor, earlier.product_version), by)
    values = {"state": S.SIGNED, "bank_number": "X", "signed_on": timezone.localdate()}
    change(later, renews=earlier, **values)
    make.draw(LoanApplication.objects.get(pk=later.pk), by, WAN)
    reversal(earlier.drawdowns.get())


def planned(**values: Any) -> LoanPlan:
    """One more plan of a drawn loan, past the service."""
    loan = make.put(S.DRAWN)
    given = {"number": 2, "method": "lump", "rate": 4, "principal_fen": loan.drawn_fen, "at": timezone.now()}
    return LoanPlan.objects.create(loan=loan, **given | values)


def due(fen: int = 50 * WAN, **values: Any) -> LoanInstalment:
    given: dict[str, Any] = {"number": 1, "due_on": timezone.localdate(), "principal_fen": fen}
    return LoanInstalment.objects.create(**{"plan": planned(), "interest_fen": 0} | given | values)


def due_twice() -> None:
    first = due()
    due(plan=first.plan, fen=0, interest_fen=1)


def a_list(**values: Any) -> LoanList:
    by = make.officer(make.bank())
    given: dict[str, Any] = {
        "bank": by.bank,
        "kind": "drawdowns",
        "name": "清单.xlsx",
        "content": b"abc",
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "by": by.user,
        "received_at": timezone.now(),
    }
    return LoanList.objects.create(**given | values)


def filed_twice() -> None:
    first = drafted(idempotency_key="k")
    drafted(enterprise=first.enterprise, number="DK-T-2", idempotency_key="k")


def listed_back() -> None:
    file = a_list()
    for state in ("booked", "received"):
        LoanList.objects.filter(pk=file.pk).update(state=state)


def list_twice() -> None:
    first = a_list()
    a_list(bank=first.bank)


def grabbed_twice() -> None:
    loan, by = make.opened(), make.officer(make.bank())
    for _time in range(2):
        LoanGrab.objects.create(loan=loan, bank=by.bank, by=by.user, at=timezone.now())


def a_file(loan: LoanApplication | None = None) -> LoanFile:
    loan = loan or make.filed()
    given = {"name": "尽调.pdf", "digest": "0" * 64, "added_by": UserFactory()}
    kept = LoanFile(loan=loan, bank=loan.bank, **given)
    kept.file.save("a.pdf", ContentFile(b"%PDF-"), save=False)
    kept.save()
    return kept


def file_twice() -> None:
    loan = make.filed()
    a_file(loan)
    a_file(loan)


def another_firms_consent() -> None:
    change(make.put(S.ACCEPTED), consent=make.filed().consent)


def of_another_banks_branch() -> None:
    change(make.filed(), branch=BranchFactory())


def another_firms_loan_renewed() -> None:
    loan = make.put(S.APPROVED)
    values = {"state": S.SIGNED, "bank_number": "X", "signed_on": timezone.localdate()}
    change(loan, renews=make.put(S.DRAWN), **values)


def clock(**values: Any) -> None:
    loan = make.filed()
    LoanClock.objects.filter(loan=loan, target="wait").update(**values)


def clock_twice() -> None:
    kept = LoanClock.objects.get(loan=make.filed(), target="wait")
    kept.pk = None
    kept.save(force_insert=True)


def level(**values: Any) -> None:
    given: dict[str, Any] = {"level": 9, "light": "red", "whom": "handler"}
    LoanReminder.objects.create(**given | values)


def signed_before(days: int = 9) -> LoanApplication:
    """Drawn today, under a contract that is older."""
    then = timezone.now() - dt.timedelta(days)
    loan = make.filed(at=then)
    by = make.officer(loan.bank)
    for step in ("accept", "investigate", "approve", "sign"):
        make.STEPS[step](loan, by, then)
    make.draw(loan, by, 50 * WAN)
    make.repay(loan, by, WAN)
    return loan


def paid_back_before() -> None:
    movement(Repayment, signed_before(), on=timezone.localdate() - dt.timedelta(1))
