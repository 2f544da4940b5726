"""What the database refuses of loans: constraint, and how somebody who writes past the services meets it."""

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
    LoanTarget,
    Repayment,
)
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import actor_of
from tests.finance.factories import BranchFactory, published
from tests.finance.lending import factories as make
from tests.finance.pools import factories as pools
from tests.rows import copy

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


LATE: Final = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
LONG_AGO: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
CASES: Final[tuple[tuple[str, Callable[[], object]], ...]] = (
    ("finance_loan_asked amount", lambda: drafted(amount_fen=0)),
    ("finance_loan_asked term", lambda: drafted(term_months=481)),
    ("finance_loan_of_one_bank none", lambda: drafted(mode="choose")),
    ("finance_loan_of_one_bank too early", lambda: drafted(bank=make.bank())),
    ("finance_loan_submitted", lambda: drafted(submitted_at=LONG_AGO)),
    ("finance_loan_with_consent", lambda: change(drafted(), state=S.SUBMITTED, submitted_at=LONG_AGO)),
    ("finance_loan_contact", lambda: _submit(drafted(contact_phone=""))),
    ("finance_loan_approved rate", of(S.DUE_DILIGENCE, **APPROVED | {"approved_rate": Decimal("36.01")})),
    ("finance_loan_approved nothing", of(S.DUE_DILIGENCE, state=S.APPROVED)),
    ("finance_loan_decided_under_consent revoked", unconsented(S.DUE_DILIGENCE, **APPROVED)),
    ("finance_loan_decided_under_consent over", of(S.DUE_DILIGENCE, **APPROVED | {"approved_at": LATE})),
    (
        "finance_loan_decided_under_consent contract",
        unconsented(S.APPROVED, state=S.SIGNED, bank_number="X", signed_on=dt.date(2026, 11, 1)),
    ),
    *(
        (f"finance_loan_approved without {field}", of(S.DUE_DILIGENCE, **APPROVED | {field: None}))
        for field in APPROVED
        if field != "state"
    ),
    ("finance_loan_signed", of(S.APPROVED, state=S.SIGNED)),
    ("finance_loan_lent", of(S.SIGNED, state=S.DRAWN)),
    ("finance_loan_drawn_within", lambda: movement(Drawdown, make.put(S.DRAWN))),
    ("finance_loan_repaid_within", lambda: movement(Repayment, make.put(S.REPAYING), principal_fen=41 * WAN)),
    ("finance_loan_repaid_whole", of(S.REPAYING, state=S.REPAID)),
    ("finance_loan_one_underway", two_at_one_bank),
    ("finance_loan_one_open", two_open),
    ("finance_loan_one_first", two_first),
    ("finance_loan_bank_number_once", number_twice),
    ("finance_loan_stands amount", of(S.SUBMITTED, amount_fen=WAN)),
    ("finance_loan_stands product", lambda: change(make.filed(), product_version=published(make.bank()))),
    ("finance_loan_stands rate", of(S.APPROVED, approved_rate=Decimal("1"))),
    ("finance_loan_stands number", of(S.SIGNED, bank_number="另")),
    ("finance_loan_stands day", of(S.DRAWN, matures_on=dt.date(2030, 1, 1))),
    ("finance_loan_consented", another_firms_consent),
    ("finance_loan_renewal", another_firms_loan_renewed),
    ("finance_loan_branch", of_another_banks_branch),
    ("finance_loan_ledger_only drawn", of(S.SIGNED, drawn_fen=1)),
    ("finance_loan_ledger_only repaid", of(S.DRAWN, repaid_fen=1)),
    ("finance_drawdown_now", lambda: movement(Drawdown, make.put(S.SIGNED))),
    ("finance_drawdown_now overdue", lambda: movement(Drawdown, make.put(S.OVERDUE))),
    ("finance_repayment_now", lambda: movement(Repayment, make.put(S.SIGNED))),
    (
        "finance_repayment_now before",
        lambda: movement(Repayment, make.put(S.REPAYING), on=dt.date(2020, 1, 1)),
    ),
    ("finance_repayment_now before the money", paid_back_before),
    ("finance_drawdown_amount", lambda: movement(Drawdown, make.put(S.DRAWN), amount_fen=0)),
    ("finance_drawdown_serial", lambda: movement(Drawdown, make.put(S.DRAWN), serial="")),
    ("finance_drawdown_of_loan", lambda: movement(Drawdown, make.put(S.DRAWN), bank=make.bank())),
    ("finance_repayment_amount", lambda: movement(Repayment, make.put(S.REPAYING), principal_fen=0)),
    ("finance_repayment_serial", lambda: movement(Repayment, make.put(S.REPAYING), serial="")),
    ("finance_repayment_serial_once", repaid_twice),
    ("finance_drawdown_serial_once", drawn_twice),
    ("finance_repayment_of_loan", lambda: movement(Repayment, make.put(S.REPAYING), bank=make.bank())),
    ("finance_drawdown_now dead", lambda: movement(Drawdown, make.put(S.DRAWN), live=False)),
    ("finance_repayment_now dead", lambda: movement(Repayment, make.put(S.REPAYING), live=False)),
    ("finance_loan_stands mark", of(S.DRAWN, mark="again")),
    ("finance_loan_stands no mark", of(S.DRAWN, mark="renewal")),
    ("finance_loan_stands signed anew", of(S.DRAWN, state=S.SIGNED, bank_number="另")),
    ("finance_loan_method_stands", of(S.APPROVED, method="lump")),
    ("finance_loanplan_number", lambda: planned(number=1)),
    ("finance_loanplan_drawn more", lambda: planned(principal_fen=50 * WAN + 1)),
    ("finance_loanplan_drawn less", lambda: planned(principal_fen=1)),
    ("finance_loaninstalment_whole less", lambda: due(50 * WAN - 1)),
    ("finance_loaninstalment_whole more", lambda: due(plan=due().plan, number=2, fen=1)),
    ("finance_loaninstalment_number", due_twice),
    ("finance_loaninstalment_amount", lambda: due(0)),
    ("finance_loanreversal_of_one", of_both),
    ("finance_loanreversal_reason", lambda: reversal(reason="")),
    ("finance_loanreversal_drawdown_id_key", lambda: reversed_twice(Drawdown)),
    ("finance_loanreversal_repayment_id_key", lambda: reversed_twice(Repayment)),
    ("finance_loanreversal_now", lambda: reversal(make.put(S.REPAID).repayments.first())),
    ("finance_loanreversal_claimed", claimed),
    ("finance_loanreversal_released", let_go),
    ("finance_loanreversal_renewed", renewed),
    ("finance_loan_repaid_within reversed", lambda: reversal(make.put(S.REPAYING).drawdowns.get())),
    ("finance_loangrab_loan_id_key", grabbed_twice),
    ("finance_loanfile_once", file_twice),
    ("finance_loanfile_stands trigger", lambda: LoanFile.objects.filter(pk=a_file().pk).update(name="另")),
    ("finance_loanlist_same_bytes", list_twice),
    ("finance_loanlist_sha256", lambda: a_list(sha256="0" * 64)),
    ("finance_loanlist_stands trigger", lambda: LoanList.objects.filter(pk=a_list().pk).update(name="另")),
    ("finance_loanapplication_state_transitions INSERT", lambda: drafted(state=S.SUBMITTED)),
    ("finance_loanapplication_state_transitions UPDATE", of(S.SUBMITTED, state=S.APPROVED)),
    ("finance_loanapplication_state_transitions DELETE", lambda: drafted().delete()),
    ("finance_loan_filed_once", filed_twice),
    ("finance_loanapplication_number_key", lambda: drafted(number=drafted().number)),
    ("finance_loanlist_state_transitions INSERT", lambda: a_list(state="booked")),
    ("finance_loanlist_state_transitions UPDATE", listed_back),
    ("finance_loantarget_key_key", lambda: copy(LoanTarget.objects.first())),
    ("finance_loanreminder_level_key", lambda: copy(LoanReminder.objects.first())),
    ("finance_loanclock_in_order", lambda: clock(due_at=LONG_AGO)),
    ("finance_loanclock_met_not_paused", lambda: clock(met_at=LONG_AGO, paused_at=LONG_AGO)),
    ("finance_loanclock_one_running", clock_twice),
    (
        "finance_loantarget_span",
        lambda: LoanTarget.objects.create(key="x", label="x", number=1, unit="days", warning=2),
    ),
    (
        "finance_loanreminder_range",
        lambda: level(level=100),
    ),
    (
        "finance_loanreminder_light",
        lambda: level(light="green"),
    ),
    ("finance_loanreminder_whom", lambda: level(whom="nobody")),
)
