"""One parser, one way of showing: exact to the fen or refused."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import DomainError
from portal.kernel.money import MAX_FEN, exact_money, format_money, money_range, parse_money
from portal.kernel.numbers import parse_decimal

FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
amounts = st.integers(-MAX_FEN, MAX_FEN)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("865000", 86_500_000),
        ("865,000.00", 86_500_000),
        ("86.5万元", 86_500_000),
        ("86.5 万", 86_500_000),
        ("８６．５　万元", 86_500_000),
        ("￥1,234.56", 123_456),
        ("人民币12元整", 1_200),
        ("1.2亿元", 12_000_000_000),
        ("0.000001万元", 1),
        ("-3.5", -350),
        ("1.000", 100),
        (865, 86_500),
        (Decimal("0.01"), 1),
    ],
)
def test_what_people_write_is_read(text, fen):
    assert parse_money(text) == fen


def test_the_unit_of_the_column_holds_where_the_text_names_none():
    assert parse_money("86.5", unit="万元") == 86_500_000
    assert parse_money("86.5元", unit="万元") == 8_650


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "money_missing"),
        ("　", "money_missing"),
        ("元", "money_invalid"),
        ("NaN", "number_invalid"),
        ("Infinity", "number_invalid"),
        ("1e400", "number_invalid"),
        ("1_000", "number_invalid"),
        ("1,23", "number_invalid"),
        ("1.2.3", "number_invalid"),
        ("--1", "number_invalid"),
        ("=1+1", "number_invalid"),
        ("१२", "number_invalid"),
        ("0.001", "money_precision"),
        ("0.0000001万元", "money_precision"),
        ("1万亿", "money_unit"),
        ("1美元", "number_invalid"),
        ("9" * 18, "money_too_large"),
        ("1000000000.01亿", "money_too_large"),
        ("9" * 500, "money_invalid"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_reason(text, code):
    with pytest.raises(DomainError) as refusal:
        parse_money(text)
    assert refusal.value.code == code


@pytest.mark.parametrize("wrong", [1.5, True])
def test_a_float_is_a_mistake_of_the_programmer(wrong):
    with pytest.raises(TypeError):
        parse_money(wrong)


@given(amounts)
def test_the_exact_figure_reads_back(fen):
    assert parse_money(exact_money(fen)) == fen
    assert parse_money(exact_money(fen).translate(FULL_WIDTH)) == fen


@given(amounts)
def test_the_shown_figure_is_off_by_at_most_half_its_last_digit(fen):
    shown = parse_money(format_money(fen))
    unit = 100 if abs(fen) < 1_000_000 else 1_000_000 if abs(fen) < 10_000_000_000 else 10_000_000_000
    assert abs(shown - fen) * 200 <= unit


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_a_refusal(text):
    with suppress(DomainError):
        assert isinstance(parse_money(text), int)


@given(st.decimals(-(10**17), 10**17, places=10))
def test_decimals_read_back_exactly(number):
    assert parse_decimal(f"{number:f}") == number
    assert parse_decimal(f"{number:,f}") == number


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0 元"),
        (1, "0.01 元"),
        (999_999, "9,999.99 元"),
        (1_000_000, "1 万元"),
        (86_512_345, "86.51 万元"),
        (86_500_000, "86.5 万元"),
        (10_000_000_000, "1 亿元"),
        (-86_500_000, "-86.5 万元"),
    ],
)
def test_money_is_shown_in_the_unit_that_reads_best(fen, text):
    assert format_money(fen) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, None, "金额待定"),
        (20_000_000, None, "不低于 20 万元"),
        (None, 50_000_000, "最高 50 万元"),
        (0, 50_000_000, "最高 50 万元"),
        (20_000_000, 20_000_000, "20 万元"),
        (20_000_000, 50_000_000, "20 万元至 50 万元"),
        (0, 0, "0 元"),
    ],
)
def test_a_range_is_a_phrase(low, high, text):
    assert money_range(low, high) == text


def test_the_filter_keeps_the_exact_figure_in_the_title():
    html = Template("{% load money %}{{ fen|money }} {{ none|money }} {% money_range 0 100 %}").render(
        Context({"fen": 86_512_345, "none": None})
    )
    assert html == '<span class="money" title="865,123.45 元">86.51 万元</span> — 最高 1 元'
