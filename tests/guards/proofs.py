"""Which test would miss which guard, as `proofs.yaml` says: by file, by how the id of the test begins.

Tests whose parameter `constraint` names a guard need not be listed: see `BY_NAME` and `guard_of`.
"""

from pathlib import Path

import yaml

BY_NAME = (
    "tests/money/test_constraints.py::test_the_database_refuses",
    "tests/money/test_files.py::test_the_database_refuses",
    "tests/enjoying/test_raw_sql.py::test_the_database_refuses",
    "tests/enterprises/consents/test_constraints.py::test_the_database_refuses",
    "tests/finance/scoring/test_constraints.py::test_the_database_refuses",
    "tests/finance/test_constraints.py::test_the_database_refuses",
    "tests/finance/lending/test_constraints.py::test_the_database_refuses",
    "tests/finance/pools/test_constraints.py::test_the_database_refuses",
    "tests/finance/rankings/test_constraints.py::test_the_database_refuses",
    "tests/finance/whitelists/test_constraints.py::test_the_database_refuses",
)
BEHIND = {
    "finance.api.clients.revoke select_for_update": "the UPDATE that follows",
    "finance.lending.booking._begin take_turns": "the turn of the caller",
    "finance.lending.lists.taking._judged require_sound": "the look that follows",
    "finance.pools.closing.close select_for_update": "finance_riskpool_closed",
    "finance_loan_renews_another": "finance_loan_renewal",
    "finance_loanlist_state_transitions DELETE": "finance_loanlist_stands trigger",
    "finance_pooladmission_amount": "finance_pooladmission_now",
    "finance_pooladmission_of_loan": "finance_pooladmission_now",
    "finance_whitelistreturn_state_transitions DELETE": "finance_whitelistreturn_stands trigger",
    "finance_whitelistrun_state_transitions DELETE": "finance_whitelistrun_stands trigger",
}
"""Guards behind another one, which speaks first whatever is done: no test can miss them."""
PARTS = ("INSERT", "UPDATE", "DELETE", "trigger")
"""What the name of a guard may say after that of the constraint which is told."""
TABLE = Path(__file__).with_name("proofs.yaml")
PROOFS = {
    guard: f"tests/{path}::{test}"
    for path, tests in yaml.safe_load(TABLE.read_text("utf-8")).items()
    for test, guards in tests.items()
    for guard in guards
}
"""The test of each guard that is listed."""


def guard_of(case: str) -> str:
    """The guard that a case breaks: other words after its name tell several cases of one apart."""
    name, _, rest = case.partition(" ")
    return case if rest in PARTS else name
