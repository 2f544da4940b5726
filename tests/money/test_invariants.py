"""The view knows every figure, says what each means, and finds what nobody could have written."""

import pytest

from policies.models import MoneyInvariant
from policies.money import invariants
from tests.money.factories import Desk, account, payment_of
from tests.money.forging import behind_all_guards

pytestmark = pytest.mark.django_db


def broken():
    return {figure.name: figure.detail for figure in invariants.broken()}


def test_each_figure_has_its_meaning():
    assert set(MoneyInvariant.objects.values_list("name", flat=True)) == set(invariants.MEANINGS)


def test_all_hold_along_the_whole_way():
    desk = Desk()
    desk.draft(desk.award())
    desk.prepared()
    desk.confirmed()
    desk.released()
    desk.settled()
    desk.award()
    batch = desk.released()
    desk.settle(batch, "returned")
    account(payment_of(batch).enterprise)
    again = desk.settled(payment_of(batch).award)
    desk.settle(again, "returned")
    assert broken() == {}


AS_IF = {
    "nobody knew": ("state = 'unknown', settled_at = NULL", {"transfers", "answers", "released"}),
    "it was taken out": (
        "state = 'void', sent_at = NULL, settled_at = NULL, reason = 'x'",
        {"transfers", "batches"},
    ),
    "it came back": ("state = 'returned', reason = 'x'", {"transfers", "answers"}),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("changes", "figures"), AS_IF.values(), ids=AS_IF.keys())
def test_what_was_changed_behind_all_guards_is_found(changes, figures):
    payment = payment_of(Desk().settled())
    behind_all_guards(f"UPDATE policies_payment SET {changes} WHERE id = %s", payment.pk)
    assert figures <= set(broken())
