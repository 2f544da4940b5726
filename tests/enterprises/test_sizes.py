"""Size classes: every row of 国统字〔2017〕213号 at each of its bounds."""

import pytest

from enterprises.sizes import FEN_PER_WAN, LARGE, MEDIUM, MICRO, SMALL, size_class, size_inputs, size_rule

# industry, employees, revenue, assets (万元): large / medium / small; written out again from the annex
ROWS = [
    ("A", "05", None, (20000, 500, 50), None),
    ("B", "06", (1000, 300, 20), (40000, 2000, 300), None),
    ("C", "43", (1000, 300, 20), (40000, 2000, 300), None),
    ("D", "4610", (1000, 300, 20), (40000, 2000, 300), None),
    ("E", "47", None, (80000, 6000, 300), (80000, 5000, 300)),
    ("wholesale", "5191", (200, 20, 5), (40000, 5000, 1000), None),
    ("retail", "52", (300, 50, 10), (20000, 500, 100), None),
    ("road", "54", (1000, 300, 20), (30000, 3000, 200), None),
    ("forwarding", "58", (1000, 300, 20), (30000, 3000, 200), None),
    ("loading", "5910", (1000, 300, 20), (30000, 3000, 200), None),
    ("storage", "592", (200, 100, 20), (30000, 1000, 100), None),
    ("cold storage", "5930", (200, 100, 20), (30000, 1000, 100), None),
    ("post", "60", (1000, 300, 20), (30000, 2000, 100), None),
    ("hotels", "61", (300, 100, 10), (10000, 2000, 100), None),
    ("catering", "621", (300, 100, 10), (10000, 2000, 100), None),
    ("telecom", "63", (2000, 100, 10), (100000, 1000, 100), None),
    ("internet", "64", (2000, 100, 10), (100000, 1000, 100), None),
    ("software", "6513", (300, 100, 10), (10000, 1000, 50), None),
    ("development", "7010", None, (200000, 1000, 100), (10000, 5000, 2000)),
    ("property", "702", (1000, 300, 100), (5000, 1000, 500), None),
    ("leasing", "71", (300, 100, 10), None, (120000, 8000, 100)),
    ("business services", "72", (300, 100, 10), None, (120000, 8000, 100)),
    ("estate agents", "7030", (300, 100, 10), None, None),
    ("research", "73", (300, 100, 10), None, None),
    ("water", "76", (300, 100, 10), None, None),
    ("repair", "81", (300, 100, 10), None, None),
    ("social work", "85", (300, 100, 10), None, None),
    ("sports", "89", (300, 100, 10), None, None),
]
CLASSES = (LARGE, MEDIUM, SMALL)


def indicators(bounds, position):
    factors = (1, FEN_PER_WAN, FEN_PER_WAN)
    return [
        None if row is None else row[position] * factor for row, factor in zip(bounds, factors, strict=True)
    ]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("position", range(3), ids=CLASSES)
def test_each_bound_is_inclusive_and_one_less_of_any_indicator_falls_a_class(row, position):
    _name, industry, *bounds = row
    values = indicators(bounds, position)
    below = [MEDIUM, SMALL, MICRO][position]
    assert size_class(industry, *values) == CLASSES[position]
    for place, value in enumerate(values):
        if value is not None:
            assert size_class(industry, *values[:place], value - 1, *values[place + 1 :]) == below


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_only_the_indicators_of_the_row_are_asked_for(row):
    _name, industry, *bounds = row
    keys = ("employees", "revenue", "total_assets")
    assert size_inputs(industry) == tuple(key for key, row in zip(keys, bounds, strict=True) if row)


@pytest.mark.parametrize(
    "industry", ["53", "5320", "66", "J", "83", "P", "84", "91", "S", "97", "T", "G", "F", "70", "Q", "59"]
)
def test_excluded_industries_and_codes_too_coarse_have_no_class(industry):
    assert size_rule(industry) is None
    assert size_class(industry, 10**6, 10**15, 10**15) is None


def test_all_indicators_must_reach_the_bound_and_nothing_is_micro():
    assert size_class("36", 5000, 299 * FEN_PER_WAN, None) == MICRO
    assert size_class("36", 0, 0, None) == MICRO
