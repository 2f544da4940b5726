"""Every guard of the database and the code has a test that misses it, and no proof is of nothing."""

from tests.enjoying.test_raw_sql import CASES as OF_LISTS
from tests.enterprises.consents.test_constraints import CASES as OF_CONSENTS
from tests.finance.lending.breaches import CASES as OF_LOANS
from tests.finance.pools.breaches import CASES as OF_POOLS
from tests.finance.rankings.test_constraints import CASES as OF_RANKINGS
from tests.finance.scoring.breaches import CASES as OF_SCORES
from tests.finance.test_constraints import CASES as OF_PRODUCTS
from tests.finance.whitelists.test_constraints import CASES as OF_WHITELISTS
from tests.guards.guard import Guard
from tests.guards.proofs import BEHIND, PROOFS, guard_of
from tests.money.breaches import CASES as OF_MONEY
from tests.money.test_files import CASES as OF_FILES


def test_no_guard_is_without_a_proof(guards: dict[str, Guard]) -> None:
    of_money = (*OF_MONEY, *OF_FILES, *OF_LISTS, *OF_CONSENTS)
    of_finance = (*OF_PRODUCTS, *OF_LOANS, *OF_POOLS, *OF_SCORES, *OF_RANKINGS, *OF_WHITELISTS)
    proven = {*PROOFS, *BEHIND, *(guard_of(name) for name, _provoke in (*of_money, *of_finance))}
    assert sorted(set(guards) - proven) == []
    assert sorted(proven - set(guards)) == []
