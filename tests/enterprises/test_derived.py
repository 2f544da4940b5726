"""Facts computed from others: exact, unknown when an input is, worst tier and oldest date."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, FactSpec, Kind, Scope, Tier
from enterprises.codes import Hierarchy
from enterprises.derived import DERIVED, age_months, growth, per_mu, share
from enterprises.knowledge import Knowledge, Known

TODAY = dt.date(2025, 6, 30)
MONEY = ("revenue", "rd_expense", "total_assets", "total_liabilities", "tax_paid")
CATALOGUE = Catalogue(
    {
        spec.key: spec
        for spec in (
            *(FactSpec(1, key, key, Kind.MONEY, periodic=True) for key in MONEY),
            FactSpec(2, "employees", "人数", Kind.INTEGER, periodic=True),
            FactSpec(3, "industry", "行业", Kind.CODE, hierarchy=Hierarchy.INDUSTRY),
            FactSpec(4, "land_mu", "用地", Kind.NUMBER, scale=2),
            FactSpec(5, "established_on", "成立", Kind.DATE),
            FactSpec(6, "age_months", "月数", Kind.INTEGER, derived=True),
            FactSpec(7, "hire_count", "招用", Kind.INTEGER, scope=Scope.CLAIM),
            *(
                FactSpec(8, key, key, Kind.PERCENT, periodic=True, derived=True)
                for key in ("revenue_growth", "rd_ratio", "debt_ratio", "tax_per_mu")
            ),
            FactSpec(9, "size", "规模", Kind.CHOICE, periodic=True, derived=True),
        )
    }
)


def know(**values: object) -> Knowledge:
    return Knowledge.from_values(CATALOGUE, values, as_of=TODAY)


def test_ratios_are_exact():
    known = know(
        revenue={2023: 300, 2024: 400},
        rd_expense={2024: 7},
        land_mu=Fraction(5, 2),
        tax_paid={2024: 100_000},
    )
    assert known.value("revenue_growth", 2024).value == Fraction(100, 3)
    assert known.value("rd_ratio", 2024).value == Fraction(7, 4)
    assert known.value("tax_per_mu", 2024).value == 40_000  # 1,000 yuan on 2.5 mu, in fen
    assert known.value("revenue_growth", 2023) is None
    assert known.latest("rd_ratio", 2030).period == 2024


@pytest.mark.parametrize("before", [0, -100])
def test_growth_from_nothing_or_from_a_loss_is_unknown(before):
    assert know(revenue={2023: before, 2024: 400}).value("revenue_growth", 2024) is None


def test_not_applicable_passes_on_but_unknown_comes_first():
    assert know(rd_expense={2024: NOT_APPLICABLE}).value("rd_ratio", 2024) is None
    known = know(rd_expense={2024: NOT_APPLICABLE}, revenue={2024: 5}).value("rd_ratio", 2024)
    assert known.value is NOT_APPLICABLE


def test_worst_tier_and_oldest_date():
    old, new = dt.date(2024, 1, 1), dt.date(2025, 1, 1)
    facts = {
        "rd_expense": {2024: Known(1, 2024, Tier.DECLARED, "self", new)},
        "revenue": {2024: Known(4, 2024, Tier.OFFICIAL, "县税务局", old)},
    }
    known = Knowledge(CATALOGUE, TODAY, facts=facts).value("rd_ratio", 2024)
    assert (known.tier, known.as_of, known.source) == (Tier.DECLARED, old, "self")


def test_size_asks_only_for_the_indicators_of_the_industry():
    assert know(industry="73", employees={2024: 99}).value("size", 2024).value == "small"
    assert know(industry="36", employees={2024: 99}).value("size", 2024) is None
    assert know(industry="66", employees={2024: 99}).value("size", 2024) is None
    assert know(employees={2024: 99}).value("size", 2024) is None
    known = know(industry="36", employees={2024: 1000, 2025: 1}, revenue={2024: 4 * 10**10})
    assert known.latest("size", 2025).value == "large"


@pytest.mark.parametrize(
    ("established", "months"),
    [
        (dt.date(2024, 6, 30), 12),
        (dt.date(2024, 7, 1), 11),
        (dt.date(2025, 6, 30), 0),
        (dt.date(2025, 7, 1), 0),
        (dt.date(2025, 5, 31), 0),
        (dt.date(2020, 2, 29), 64),
    ],
)
def test_age_counts_whole_months(established, months):
    assert age_months(established, TODAY) == months
    assert know(established_on=established).value("age_months").value == months


@given(st.lists(st.tuples(st.integers(-(10**13), 10**13), st.integers(1, 10**13)), min_size=1, max_size=9))
def test_one_definition_serves_python_and_numpy(pairs):
    left, right = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    for ratio in (growth, share, per_mu):
        numerators, denominators = ratio(left, right)
        exact = [ratio(*pair) for pair in pairs]
        assert list(zip(numerators.tolist(), denominators.tolist(), strict=True)) == exact


def test_claims_are_added_without_touching_the_enterprise():
    known = know(hire_count=3)
    assert known.value("hire_count", 2024).value == 3
    assert known.with_claims({"hire_count": 4}).latest("hire_count", 2025).value == 4
    assert known.value("hire_count").value == 3
    with pytest.raises(ValueError, match="claim"):
        known.with_claims({"revenue": 1})


def test_every_derived_fact_of_the_reference_data_is_defined(db):
    from enterprises.services import load_catalogue

    catalogue = load_catalogue()
    assert {key for key, spec in catalogue.items() if spec.derived} == set(DERIVED)
    for derived in DERIVED.values():
        assert catalogue[derived.key].periodic is derived.periodic, derived.key
        for needed in derived.inputs:
            assert catalogue[needed.key].periodic is needed.periodic, needed.key
