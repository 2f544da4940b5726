"""Even who owns the tables, as the ledger does, cannot book twice, another sum, or below nothing."""

import pytest

from policies.models import Transfer
from portal.kernel.database import as_owner
from tests.money.factories import Desk
from tests.money.refusing import refused, run
from tests.rows import change, copy

pytestmark = pytest.mark.django_db(transaction=True)


def hang_the_ledger_on_another_table():
    run("CREATE TEMP TABLE mine ON COMMIT DROP AS TABLE public.policies_payment")
    run(
        "CREATE TRIGGER mine AFTER UPDATE ON mine REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.policies_payment_ledger()"
    )
    run("UPDATE mine SET state = 'paid', settled_at = now()")


CRIMES = {
    "policies_transfer_once": lambda desk: copy(Transfer.objects.get()),
    "policies_transfer_payment": lambda desk: copy(Transfer.objects.get(), kind="post", amount_fen=1),
    "policies_budgetline_not_negative": lambda desk: change(desk.line, paid_fen=-1),
    "policies_payment_ledger": lambda desk: hang_the_ledger_on_another_table(),
}


@pytest.mark.parametrize(("constraint", "crime"), CRIMES.items())
def test_the_database_refuses_its_owner(constraint, crime):
    desk = Desk()
    desk.released()
    with as_owner():
        refused(constraint, lambda: crime(desk))
