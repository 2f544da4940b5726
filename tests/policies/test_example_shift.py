"""Examples go with the years that a copied or succeeding version looks at."""

from policies.example_shift import shifted
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
    assert shifted([example], 1, catalogue()) == [
        {
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
    ]


def test_a_leap_day_stays_where_there_is_one():
    days = {
        years: shifted([{"as_of": "2024-02-29"}], years, catalogue())[0]["as_of"] for years in (-4, 0, 1, 4)
    }
    assert days == {-4: "2020-02-29", 0: "2024-02-29", 1: "2025-02-28", 4: "2028-02-29"}
