"""Hierarchical codes."""

import csv
from pathlib import Path

import pytest

from enterprises import seeding
from enterprises.codes import SECTIONS, Hierarchy, canonical, contains, section_of

REGION, INDUSTRY = Hierarchy.REGION, Hierarchy.INDUSTRY


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("500000", "50"),
        ("500200", "5002"),
        ("500231", "500231"),
        ("500231000", "500231"),
        ("500231101000", "500231101"),
        ("500231101", "500231101"),
        ("５００２３１", "500231"),
        ("110000", "11"),
        ("510600", "5106"),
        ("50", "50"),
    ],
)
def test_regions_lose_the_zeros_of_their_level(written, code):
    assert canonical(REGION, written) == code


@pytest.mark.parametrize(
    ("hierarchy", "written"),
    [(REGION, text) for text in ("", "5", "500", "50023", "5002311", "000000", "50023A", "五十")]
    + [(INDUSTRY, text) for text in ("", "3", "00", "98", "U", "C51", "36700", "CC", "3-6", "=36")],
)
def test_what_is_no_code_is_refused(hierarchy, written):
    with pytest.raises(ValueError, match="is no code"):
        canonical(hierarchy, written)


@pytest.mark.parametrize(
    ("written", "code"), [("c", "C"), ("C36", "36"), ("c3670", "3670"), ("367", "367"), ("０１", "01")]
)
def test_industries_are_a_letter_or_digits(written, code):
    assert canonical(INDUSTRY, written) == code


@pytest.mark.parametrize(
    ("hierarchy", "ancestor", "code", "holds"),
    [
        (REGION, "50", "500231101", True),
        (REGION, "5002", "500231", True),
        (REGION, "500231", "5002", False),
        (REGION, "500231", "500231", True),
        (REGION, "500230", "500231", False),
        (INDUSTRY, "C", "3670", True),
        (INDUSTRY, "C", "C", True),
        (INDUSTRY, "C", "51", False),
        (INDUSTRY, "36", "3670", True),
        (INDUSTRY, "36", "C", False),
        (INDUSTRY, "A", "05", True),
    ],
)
def test_containment(hierarchy, ancestor, code, holds):
    assert contains(hierarchy, ancestor, code) is holds


def test_every_division_is_in_one_section():
    divisions = [division for section in SECTIONS.values() for division in section]
    assert divisions == list(range(1, 98))
    assert section_of("13") == "C"
    assert section_of("99") is None


def test_the_table_has_the_whole_of_chongqing_and_of_the_county():
    """GB/T 2260: 26 districts and 12 counties; 2 subdistricts, 22 towns and 2 townships of Dianjiang."""
    with Path(seeding.FOLDER, "regions.csv").open(encoding="utf-8") as file:
        parents = {row["code"]: row["parent"] for row in csv.DictReader(file)}
    below = [
        [code for code, parent in parents.items() if parent == above] for above in ("5001", "5002", "500231")
    ]
    assert [len(codes) for codes in below] == [26, 12, 26]
    assert all(parent in parents and code.startswith(parent) for code, parent in parents.items() if parent)


def test_a_code_longer_than_any_is_none():
    assert canonical(Hierarchy.PREFIX, "A" * 18)
    with pytest.raises(ValueError, match="no code"):
        canonical(Hierarchy.PREFIX, "A" * 19)
