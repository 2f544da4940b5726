"""What the database refuses of pools: constraint, and how somebody who writes raw SQL meets it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from django.utils import timezone

from finance.models import PoolAdmission, PoolClaim, PoolFuse, PoolReceipt, PoolSource, RiskPool
from finance.pools import claiming
from finance.pools.claiming import Returned, recover
from portal.kernel.transitions import advance
from tests.finance.factories import published
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, go
from tests.rows import change, copy, delete


def pool(**values: Any) -> RiskPool:
    """A pool of one bank, with 3000 万元."""
    return make.pool(make.bank(), **values)


def lost(amount: int = 100 * WAN) -> PoolAdmission:
    """A loan of a pool that is overdue; the pool stays open."""
    return make.admitted(pool(fuse_rate=100), amount, "overdue")


def claimed(state: str = "filed") -> PoolClaim:
    """A claim in a state."""
    return make.claim(lost(), state=state)


def fuse() -> PoolFuse:
    """Of a pool of which all is bad."""
    made = pool(fuse_rate=1)
    go(make.admitted(made).loan, "overdue")
    return PoolFuse.objects.get(pool=made)


def changed(what: Callable[[], Any], **values: Any) -> Callable[[], None]:
    """A row, changed."""
    return lambda: change(what(), **values)


def copied(what: Callable[[], Any], **values: Any) -> Callable[[], None]:
    """A copy of a row, with other values in some columns."""
    return lambda: copy(what(), **values)


def source() -> PoolSource:
    return PoolSource.objects.get(pool=pool())


def of_another_bank() -> None:
    """A loan of a bank that takes no part."""
    admission, stranger = make.admitted(pool()), make.loan(make.bank())
    copy(admission, loan_id=stranger.pk, bank_id=stranger.bank_id)


def beyond_the_room() -> None:
    """A loan more than the pool has room for."""
    admission = make.admitted(make.pool(make.bank(), capital=10 * WAN), 60 * WAN)
    another = make.loan(admission.bank, 60 * WAN)
    copy(admission, loan_id=another.pk)


def proven(claim: PoolClaim, **values: Any) -> None:
    """As paid, with a receipt and a signature; other values in some columns."""
    PoolReceipt.taken_in(make.paper(f"回单 {claim.pk}"), claim=claim).save()
    signed = {"state": "paid", "paid_by_id": make.payer().pk, "paid_at": timezone.now()}
    shown = {"paid_on": timezone.localdate(), "serial": f"X{claim.pk}", "second_factor": f"totp:1:{claim.pk}"}
    change(claim, **signed | shown | values)


def paid(**values: Any) -> Callable[[], None]:
    """What was approved, paid with these values."""
    return lambda: proven(claimed("approved"), **values)


def paid_as_another(column: str) -> Callable[[], None]:
    """With what another claim was paid with."""
    return lambda: proven(claimed("approved"), **{column: getattr(claimed("paid"), column)})


def without_receipt() -> None:
    signed = {"state": "paid", "paid_by_id": make.payer().pk, "paid_at": timezone.now(), "serial": "X"}
    change(claimed("approved"), **signed, paid_on=timezone.localdate(), second_factor="totp:1:1")


def receipt() -> PoolReceipt:
    return claimed("paid").receipt


def two_receipts() -> None:
    claim = claimed("approved")
    for text in ("回单一", "回单二"):
        PoolReceipt.taken_in(make.paper(text), claim=claim).save()


def receipt_again() -> None:
    copy(receipt(), claim_id=claimed("approved").pk)


def still_owed() -> None:
    """Paid by the pool what the enterprise paid back meanwhile."""
    claim = claimed("approved")
    loan = claim.admission.loan
    loan.refresh_from_db()
    advance(loan, "recover", actor=None)
    make.repay(loan, 50 * WAN)
    proven(claim)


def signed_by_one(state: str, **who: str) -> Callable[[], None]:
    """The next step, taken by somebody who has taken another."""

    def provoke() -> None:
        claim = claimed({"reviewed": "filed", "approved": "reviewed", "paid": "approved"}[state])
        (column, other), values = next(iter(who.items())), {"state": state}
        given = {column: getattr(claim, other), f"{state}_at": timezone.now()} | values
        (proven if state == "paid" else change)(claim, **given)

    return provoke


def recovery(**values: Any) -> Callable[[], None]:
    def provoke() -> None:
        claim = claimed("paid")
        money = Returned(10 * WAN, "R1", timezone.localdate())
        copy(recover(claim, money, by=make.payer(), at=timezone.now()), **{"serial": "R2"} | values)

    return provoke


def of_an_unpaid_claim() -> None:
    recovery(claim_id=claimed("approved").pk)()


def reopened(**values: Any) -> Callable[[], None]:
    def provoke() -> None:
        row = fuse()
        change(row, asked_by_id=make.leader().pk, asked_at=timezone.now(), reason="已处置")
        row.refresh_from_db()
        if values:
            change(row, **values)
        else:
            change(row, reopened_by_id=row.asked_by_id, reopened_at=timezone.now())

    return provoke


def released(**values: Any) -> Callable[[], None]:
    return lambda: change(make.admitted(pool()), **values)


def against(**terms: Any) -> Callable[[], None]:
    """A loan copied into a pool whose terms it is not within."""

    def provoke() -> None:
        admission = make.admitted(pool())
        narrow = make.pool(admission.bank, **terms)
        copy(admission, pool_id=narrow.pk, loan_id=make.loan(admission.bank).pk)

    return provoke


def of_another_product() -> None:
    admission = make.admitted(pool())
    admission.pool.products.add(published(admission.bank).product)
    copy(admission, loan_id=make.loan(admission.bank).pk)


def object_to(admission: PoolAdmission, **values: Any) -> None:
    """As objected to now; other values in some columns."""
    said = {"release_reason": "objected", "objection": "不符合", "released_by_id": make.reviewer().pk}
    change(admission, **said | {"released_at": timezone.now()} | values)


def objected(**values: Any) -> Callable[[], None]:
    return lambda: object_to(make.admitted(pool()), **values)


def _refused() -> PoolClaim:
    """A claim that was refused, beside which another may be filed."""
    claim = claimed()
    claiming.refuse(claim, "材料不全", by=make.reviewer(), at=timezone.now())
    claim.refresh_from_db()
    return claim


def moved(state: str, to: str) -> Callable[[], None]:
    """The next step of a claim, and with it other words."""

    def provoke() -> None:
        signed = {"state": to, f"{to}_at": timezone.now(), f"{to}_by_id": make.leader().pk}
        change(claimed(state), words="别的", **signed)

    return provoke


def let_go() -> PoolAdmission:
    """A loan that is paid back, and of the pool no more."""
    admission = make.admitted(pool(), state="drawn")
    make.repay(admission.loan, admission.amount_fen)
    return admission


def closed() -> RiskPool:
    made = pool(capital=0)
    change(made, state="closed")
    return made


def undocumented() -> None:
    copy(_refused(), state="filed", refusal="")
    claim = PoolClaim.objects.latest("pk")
    change(claim, state="reviewed", reviewed_by_id=make.reviewer().pk, reviewed_at=timezone.now())


def ended_fuse() -> PoolFuse:
    row = fuse()
    change(row, asked_by_id=make.leader().pk, asked_at=timezone.now(), reason="已处置")
    change(row, reopened_by_id=make.reviewer().pk, reopened_at=timezone.now())
    return row


CASES: Final[list[tuple[str, Callable[[], object]]]] = [
    ("finance_riskpool_named", changed(pool, name="")),
    ("finance_riskpool_leverage", changed(pool, leverage="0.5")),
    ("finance_riskpool_leverage above", changed(pool, leverage=101)),
    ("finance_riskpool_shares", changed(pool, bank_share=31)),
    ("finance_riskpool_fuse_rate", changed(pool, fuse_rate=0)),
    ("finance_riskpool_terms", changed(pool, firm_cap_fen=0)),
    ("finance_riskpool_terms months", changed(pool, most_months=481)),
    ("finance_riskpool_terms days", changed(pool, objection_days=61)),
    ("finance_riskpool_terms claim days", changed(pool, claim_days=366)),
    ("finance_riskpool_within", lambda: change(make.admitted(pool(), 30_000 * WAN).pool, leverage=9)),
    ("finance_riskpool_code_key", lambda: change(pool(), code=pool().code)),
    ("finance_riskpool_state_transitions INSERT", lambda: copy(pool(capital=0), code="P", state="closed")),
    ("finance_riskpool_state_transitions UPDATE", lambda: change(closed(), state="open")),
    ("finance_riskpool_state_transitions DELETE", lambda: delete(closed())),
    ("finance_riskpool_reopened", lambda: change(fuse().pool, state="open")),
    ("finance_poolsource_whole", copied(source, amount_fen=0)),
    ("finance_poolsource_whole less without a reason", copied(source, amount_fen=-1)),
    ("finance_poolfuse_one_live", copied(fuse)),
    ("finance_poolfuse_in_order", changed(fuse, asked_at=timezone.now())),
    ("finance_poolfuse_four_eyes", reopened()),
    ("finance_poolfuse_stands_9 trigger", changed(fuse, bad_fen=1)),
    ("finance_poolfuse_stands_10 trigger", reopened(reason="别的")),
    ("finance_poolfuse_stands_11 trigger", lambda: change(ended_fuse(), bad_fen=1)),
    ("finance_poolfuse_stands_12 trigger", lambda: delete(fuse())),
    ("finance_pooladmission_now", lambda: copy(make.admitted(pool(), state="drawn"))),
    ("finance_pooladmission_bank", of_another_bank),
    ("finance_pooladmission_room", beyond_the_room),
    ("finance_pooladmission_months", against(most_months=11)),
    ("finance_pooladmission_purpose", against(purposes=["farming"])),
    ("finance_pooladmission_product", of_another_product),
    ("finance_pooladmission_firm", against(firm_cap_fen=100 * WAN - 1)),
    ("finance_pooladmission_objected", objected(objection="")),
    ("finance_pooladmission_objected by nobody", objected(released_by_id=None)),
    ("finance_pooladmission_objected without objecting", released(objection="x")),
    ("finance_pooladmission_objectable", objected(released_at=timezone.now() + dt.timedelta(days=99))),
    ("finance_pooladmission_objectable when bad", lambda: object_to(lost())),
    ("finance_pooladmission_released", released(release_reason="ended")),
    ("finance_pooladmission_ended", released(release_reason="ended", released_at=timezone.now())),
    ("finance_pooladmission_stands_0 trigger", changed(lambda: make.admitted(pool()), amount_fen=1)),
    ("finance_pooladmission_stands_1 trigger", lambda: change(let_go(), amount_fen=1)),
    ("finance_pooladmission_stands_2 trigger", lambda: delete(make.admitted(pool()))),
    ("finance_poolclaim_once", copied(claimed)),
    ("finance_poolclaim_serial_once", paid_as_another("serial")),
    ("finance_poolclaim_code_once", paid_as_another("second_factor")),
    ("finance_poolclaim_serial_plain", paid(serial="v 1")),
    ("finance_poolclaim_serial_plain full width", paid(serial="Ｖ1")),
    (
        "finance_poolclaim_unpaid",
        lambda: copy(_refused(), state="filed", refusal="", second_factor="totp:1:1"),
    ),
    ("finance_poolclaim_proven", without_receipt),
    ("finance_poolclaim_proven by no code", paid(second_factor="")),
    ("finance_poolclaim_paid_on", paid(paid_on=None)),
    ("finance_poolclaim_paid_on tomorrow", paid(paid_on=timezone.localdate() + dt.timedelta(days=1))),
    ("finance_poolclaim_paid_on before", paid(paid_on=timezone.localdate() - dt.timedelta(days=1))),
    ("finance_poolreceipt_in_time", lambda: copy(receipt(), digest="0" * 64)),
    ("finance_poolreceipt_claim_id_key", two_receipts),
    ("finance_poolreceipt_once", receipt_again),
    ("finance_poolreceipt_stands trigger", lambda: change(receipt(), name="x")),
    ("finance_poolreceipt_stands trigger", lambda: delete(receipt())),
    ("finance_poolclaim_split", lambda: copy(_refused(), bank_fen=0, state="filed", refusal="")),
    ("finance_poolclaim_loss", lambda: copy(_refused(), loss_fen=200 * WAN, state="filed", refusal="")),
    ("finance_poolclaim_still_lost", still_owed),
    ("finance_poolclaim_signed", changed(claimed, state="reviewed")),
    ("finance_poolclaim_four_eyes", signed_by_one("reviewed", reviewed_by_id="filed_by_id")),
    ("finance_poolclaim_four_eyes twice", signed_by_one("approved", approved_by_id="reviewed_by_id")),
    ("finance_poolclaim_paid_by_another", signed_by_one("paid", paid_by_id="approved_by_id")),
    ("finance_poolclaim_paid_by_another reviewer", signed_by_one("paid", paid_by_id="reviewed_by_id")),
    ("finance_poolclaim_documented", undocumented),
    ("finance_poolclaim_state_transitions INSERT", lambda: copy(_refused())),
    ("finance_poolclaim_state_transitions UPDATE", changed(claimed, state="approved")),
    ("finance_poolclaim_state_transitions DELETE", lambda: delete(claimed())),
    ("finance_poolclaim_stands_4 trigger", moved("filed", "reviewed")),
    ("finance_poolclaim_stands_5 trigger", moved("reviewed", "approved")),
    ("finance_poolclaim_stands_6 trigger", paid(words="别的")),
    ("finance_poolclaim_stands_7 trigger", changed(claimed, state="refused", refusal="不足", words="别的")),
    ("finance_poolclaim_stands_3 trigger", changed(claimed, words="别的")),
    ("finance_poolclaimfile_in_time", lambda: copy(claimed("reviewed").files.first(), sha256="0" * 64)),
    ("finance_poolclaimfile_stands_8 trigger", lambda: delete(claimed().files.first())),
    ("finance_poolrecovery_whole", recovery(amount_fen=0)),
    ("finance_poolrecovery_paid", of_an_unpaid_claim),
    ("finance_poolrecovery_serial_plain", recovery(serial="r 2")),
]
