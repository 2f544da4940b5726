"""Every guard of the database and the code has a test that misses it, and no proof is of nothing."""

from tests.enjoying.test_raw_sql import CASES as OF_LISTS
from tests.enterprises.consents.test_constraints import CASES as OF_CONSENTS
from tests.finance.scoring.breaches import CASES as OF_SCORES
from tests.finance.test_constraints import CASES as OF_PRODUCTS
from tests.guards.guard import Guard
from tests.guards.proofs import PROOFS
from tests.money.breaches import CASES as OF_MONEY
from tests.money.test_files import CASES as OF_FILES


def test_no_guard_is_without_a_proof(guards: dict[str, Guard]) -> None:
    tables = (*OF_MONEY, *OF_FILES, *OF_LISTS, *OF_CONSENTS, *OF_SCORES, *OF_PRODUCTS)
    proven = {*PROOFS, *(name for name, _provoke in tables)}
    assert sorted(set(guards) - proven) == []
    assert sorted(proven - set(guards)) == []
