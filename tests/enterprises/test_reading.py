"""Cells and rows as spreadsheets write them."""

import io

import pytest

from enterprises.imports import running
from enterprises.imports.reading import is_formula
from tests.enterprises.files import HEADER, as_csv, firm, take_in


@pytest.mark.parametrize("text", ["=1", "@x", "+x", "-x", "-", "-1+2", "＋cmd", "＝1"])
def test_formulas(text):
    assert is_formula(text)


@pytest.mark.parametrize("text", ["-1", "+1.5", "-1,200 万元", "－３％", "甲=乙"])
def test_signed_numbers_are_none(text):
    assert not is_formula(text)


@pytest.mark.django_db
def test_rows_that_end_with_a_bare_return(monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    text = as_csv([HEADER, *(firm(number) for number in range(5))]).getvalue().replace(b"\r\n", b"\r")
    assert take_in("enterprises", io.BytesIO(text)).added == 5
