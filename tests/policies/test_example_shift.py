"""An example goes to next year with the item that is copied."""

from policies.example_shift import a_year_later
from tests.policies.reference import catalogue


def test_every_day_and_year_is_one_later_and_nothing_else():
    example = {
        "name": "2025 年的企业",
        "as_of": "2024-02-29",
        "facts": {
            "region": "500231",
            "industry": "3670",
            "revenue": {"2025": "2025 万元"},
            "above_scale_first_year": "2025",
            "established_on": "2020-01-31",
            "above_scale": True,
            "credentials": ["high_tech", {"kind": "little_giant", "valid_from": "2024-09-01"}],
        },
        "claims": {"hire_count": "2025", "loan_on": "2026-03-01"},
        "verdict": "eligible",
        "amount": ["10 万元", None],
    }
    assert a_year_later(example, catalogue()) == {
        "name": "2025 年的企业",
        "as_of": "2025-02-28",
        "facts": {
            "region": "500231",
            "industry": "3670",
            "revenue": {"2026": "2025 万元"},
            "above_scale_first_year": "2026",
            "established_on": "2021-01-31",
            "above_scale": True,
            "credentials": ["high_tech", {"kind": "little_giant", "valid_from": "2025-09-01"}],
        },
        "claims": {"hire_count": "2025", "loan_on": "2027-03-01"},
        "verdict": "eligible",
        "amount": ["10 万元", None],
    }
