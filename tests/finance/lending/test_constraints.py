"""What the database refuses of loans, whoever writes."""

from collections.abc import Callable

import pytest
from django.db import connection

from finance.models import LoanApplication, LoanState
from tests.databases import needs_two_roles
from tests.finance.lending import factories as make
from tests.finance.lending.breaches import CASES
from tests.money.refusing import denied, refused, run

pytestmark = pytest.mark.django_db
WRITTEN = (
    "loanevent",
    "loangrab",
    "loanlistevent",
    "drawdown",
    "repayment",
    "loanreversal",
    "loanplan",
    "loaninstalment",
)


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=[name for name, _provoke in CASES])
def test_the_database_refuses(constraint: str, provoke: Callable[[], object]) -> None:
    refused(constraint.partition(" ")[0], provoke)


def test_the_first_deadline_that_runs_is_the_loans() -> None:
    loan = LoanApplication.objects.get(pk=make.put(LoanState.SUBMITTED).pk)
    assert loan.due_at == loan.clocks.order_by("due_at").first().due_at


@pytest.mark.parametrize(
    ("drawn", "approved", "passes"), [(0, None, True), (1, None, False), (5, 5, True), (6, 5, False)]
)
def test_nothing_is_drawn_of_what_was_not_approved(drawn: int, approved: int | None, passes: bool) -> None:
    """The CHECK itself is asked, as NULL is no refusal: the triggers before it let nobody come so far."""
    with connection.cursor() as cursor:
        name = "finance_loan_drawn_within"
        cursor.execute("SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = %s", [name])
        (check,) = cursor.fetchone()
        row = "(SELECT %s::bigint AS drawn_fen, %s::bigint AS approved_fen) AS loan"
        cursor.execute(f"SELECT ({check}) IS NOT FALSE FROM {row}", [drawn, approved])
        assert cursor.fetchone() == (passes,)


@needs_two_roles
@pytest.mark.parametrize("table", WRITTEN)
@pytest.mark.parametrize(
    "statement", ["UPDATE finance_{} SET id = id", "DELETE FROM finance_{}"], ids=["UPDATE", "DELETE"]
)
def test_what_is_written_stands(table: str, statement: str) -> None:
    denied(lambda: run(statement.format(table)))
