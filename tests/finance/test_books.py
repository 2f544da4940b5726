"""What writes with the rights of the owner: nobody hangs it on a table of their own, the owner neither."""

from typing import Final

import pytest

from portal.kernel.database import as_owner
from tests.databases import needs_two_roles
from tests.money.refusing import denied, refused, run

BOOKS: Final = (
    "finance_drawdown_ledger",
    "finance_repayment_ledger",
    "finance_loanreversal_ledger",
    "finance_loan_pooled",
    "finance_poolsource_ledger",
    "finance_pooladmission_ledger",
    "finance_pooladmission_moves",
    "finance_poolclaim_ledger",
    "finance_poolrecovery_ledger",
    "finance_whitelistresult_written",
)
HUNG: Final = """
    CREATE TEMPORARY TABLE mine (id int) ON COMMIT DROP;
    CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION public.{}();
"""


@needs_two_roles
@pytest.mark.django_db
@pytest.mark.parametrize("function", BOOKS)
def test_nobody_else_books(function: str) -> None:
    denied(lambda: run(HUNG.format(function)))


@needs_two_roles
@pytest.mark.django_db(transaction=True)
def test_each_asks_whose_trigger_it_is() -> None:
    with as_owner():
        for function in BOOKS:
            refused(function, lambda name=function: run(HUNG.format(name) + "INSERT INTO mine VALUES (1)"))
