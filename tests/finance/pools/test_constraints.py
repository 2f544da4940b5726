"""What the database refuses of pools, whoever writes: here the owner of the tables, by raw SQL."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from finance.models import PoolClaim
from finance.pools import invariants
from finance.pools.claiming import Returned, recover
from portal.kernel.database import as_owner
from tests.databases import needs_two_roles
from tests.finance.pools import factories as make
from tests.finance.pools.breaches import CASES
from tests.money.refusing import denied, refused, run
from tests.rows import change, copy

pytestmark = pytest.mark.django_db
WRITTEN = ("poolsource", "poolrecovery", "pooltransfer", "riskpoolevent", "poolclaimevent")


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=[name for name, _provoke in CASES])
def test_the_database_refuses(constraint: str, provoke: Callable[[], object]) -> None:
    refused(constraint.partition(" ")[0], provoke)
    assert invariants.broken() == []


@needs_two_roles
@pytest.mark.parametrize("table", WRITTEN)
@pytest.mark.parametrize(
    "statement", ["UPDATE finance_{} SET id = id", "DELETE FROM finance_{}"], ids=["UPDATE", "DELETE"]
)
def test_what_is_written_stands(table: str, statement: str) -> None:
    denied(lambda: run(statement.format(table)))


@needs_two_roles
def test_nobody_else_writes_the_ledger() -> None:
    made = make.admitted(make.pool(make.bank()))
    into = "INSERT INTO finance_pooltransfer (pool_id, kind, amount_fen, at) VALUES (1, 'fund', 1, now())"
    denied(lambda: run(into))
    for column in ("capital_fen", "balance_fen", "used_fen", "bad_fen"):
        refused("finance_riskpool_ledger", lambda column=column: change(made.pool, **{column: 7}))
    refused("finance_poolclaim_ledger_only", lambda: change(_paid(), recovered_fen=7))
    refused("finance_pooladmission_bad", lambda: change(made, bad=True))


def _paid() -> PoolClaim:
    lost = make.admitted(make.pool(make.bank(), fuse_rate=100), state="overdue")
    return make.claim(lost, state="paid")


@needs_two_roles
@pytest.mark.django_db(transaction=True)
def test_what_not_even_the_owner_of_the_tables_writes() -> None:
    claim = _paid()
    pool, moved = claim.admission.pool, claim.transfer
    back = recover(claim, Returned(1, "R", timezone.localdate()), by=make.payer(), at=timezone.now())
    with as_owner():
        refused("finance_riskpool_not_negative", lambda: change(pool, balance_fen=-1))
        refused("finance_riskpool_within", lambda: change(pool, used_fen=300_000_001 * 100))
        refused("finance_poolclaim_recovered_within", lambda: change(claim, recovered_fen=101 * make.WAN))
        refused("finance_poolclaim_returned", lambda: change(claim, returned_fen=2))
        refused("finance_pooltransfer_of", lambda: copy(moved, claim_id=None))
        refused("finance_pooltransfer_claim_id_key", lambda: copy(moved))
        refused("finance_pooltransfer_recovery_id_key", lambda: copy(back.transfer))
        refused("finance_pooltransfer_source_id_key", lambda: copy(pool.transfers.get(kind="fund")))
        refused("finance_pooltransfer_once", lambda: copy(claim.admission.transfers.get()))
    assert invariants.broken() == []
