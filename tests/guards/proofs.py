"""Which test would miss which guard, as `proofs.yaml` says: by file, by how the id of the test begins.

Tests of a constraint whose parameter names it need not be listed: see `BY_NAME`.
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
)
TABLE = Path(__file__).with_name("proofs.yaml")
PROOFS = {
    guard: f"tests/{path}::{test}"
    for path, tests in yaml.safe_load(TABLE.read_text("utf-8")).items()
    for test, guards in tests.items()
    for guard in guards
}
"""The test of each guard that is listed."""
