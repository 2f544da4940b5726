"""What an application asks to be let know: the product's conditions, the score, and no more."""

import pytest

from enterprises.services import load_catalogue
from finance.scoring import publishing
from finance.scoring.needing import needs_of
from portal.accounts.roles import Role
from tests.finance.factories import BankFactory, published
from tests.finance.scoring.factories import in_use, official

pytestmark = pytest.mark.django_db
CONDITIONS = {
    "all": [
        {"fact": "electricity_fee", "op": "known"},
        {"not": {"fact": "tax_arrears", "op": "=", "value": True}},
        {"fact": "credentials", "op": "has_any", "value": ["high_tech"]},
        {"review": "在白名单内"},
    ]
}


def asked(product=None) -> dict[str, list[str]]:
    """Each item with why it is asked for."""
    found: dict[str, list[str]] = {}
    for need in needs_of(product):
        for item in need.items:
            found.setdefault(item, []).append(need.why)
    return found


def test_the_score_alone_where_no_product_is_chosen() -> None:
    _version, card = in_use()
    told = asked()
    assert {item for item in told if item.startswith("fact:")} == {f"fact:{key}" for key in card.facts}
    assert {item for item in told if item.startswith("kind:")} == {
        f"kind:{kind}" for one in card.characteristics for kind in one.kinds
    }
    assert told["fact:tax_arrears"] == ["算信用评分（纳税信用）"]
    assert len(told) < len(load_catalogue()) / 2


def test_the_conditions_of_the_product_come_first_and_are_named() -> None:
    told = asked(published(BankFactory(), conditions=CONDITIONS, name="用电贷"))
    why = "看是否符合“用电贷”的申请条件"
    assert told["fact:electricity_fee"] == [why]
    assert told["fact:tax_arrears"] == [why, "算信用评分（纳税信用）"]
    assert told["kind:high_tech"][0] == why
    assert next(iter(told)) == "fact:electricity_fee"


def test_a_product_that_names_no_conditions_asks_for_the_score_alone() -> None:
    assert asked(published(BankFactory(), conditions=None)) == asked()


def test_without_a_score_in_use_nothing_is_asked_for_it() -> None:
    publishing.retire(in_use()[0], by=official(Role.PUBLISHER), reason="停用")
    assert asked() == {}
