"""Rates as people type them: read or refused, never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.rates import format_rate, parse_rate, rate_range
from portal.kernel.errors import DomainError


@pytest.mark.parametrize(
    "text", ["4.35", " 4.35 ", "4.35%", "4.35 %", "４．３５", "４．３５％", "4。35", "04.3500"]
)
def test_one_rate_in_many_hands(text):
    assert parse_rate(text) == Decimal("4.3500")
    assert str(parse_rate(text)) == "4.3500"


@pytest.mark.parametrize(
    ("text", "rate"), [("36", "36"), ("36.0000", "36"), ("0.0001", "0.0001"), ("5", "5")]
)
def test_the_bounds_are_rates(text, rate):
    assert parse_rate(text) == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "rate_missing", "4.35"),
        ("  ", "rate_missing", "4.35"),
        ("4,35", "rate_comma", "小数点"),
        ("４，３５", "rate_comma", "小数点"),
        ("1,234", "rate_comma", "小数点"),
        ("435", "rate_too_high", "4.35%"),
        ("435%", "rate_too_high", "请写上小数点：4.35"),
        ("36.0001", "rate_too_high", "36%"),
        ("9999", "rate_too_high", "按百分数填写"),
        ("0", "rate_zero", "大于 0"),
        ("0.00", "rate_zero", "大于 0"),
        ("4.35251", "rate_precision", "四位小数"),
        ("3‰", "rate_per_mille", "千分数"),
        ("-4.35", "rate_invalid", "只写百分数"),
        ("+4.35", "rate_invalid", "只写百分数"),
        ("4.35.1", "rate_invalid", "只写百分数"),
        ("4.3e1", "rate_invalid", "只写百分数"),
        ("NaN", "rate_invalid", "只写百分数"),
        ("Infinity", "rate_invalid", "只写百分数"),
        ("4_3", "rate_invalid", "只写百分数"),
        ("٤", "rate_invalid", "只写百分数"),
        (".5", "rate_invalid", "只写百分数"),
        ("4.", "rate_invalid", "只写百分数"),
        ("LPR+50BP", "rate_invalid", "只写百分数"),
        ("9" * 500, "rate_invalid", "只写百分数"),
    ],
)
def test_what_is_no_rate_is_refused_with_what_to_write(text, code, said):
    with pytest.raises(DomainError) as refused:
        parse_rate(text)
    assert (refused.value.code, said in refused.value.message) == (code, True), refused.value.message


@given(st.text(max_size=60))
def test_any_text_is_read_within_the_bounds_or_refused(text):
    try:
        rate = parse_rate(text)
    except DomainError:
        return
    assert 0 < rate <= 36
    assert rate.as_tuple().exponent == -4


@given(st.decimals("0.0001", "36", places=4))
def test_what_is_shown_is_read_again(rate):
    assert parse_rate(format_rate(rate)) == rate


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        ("3.45", "4.35", "3.45–4.35%"),
        ("4.35", "4.35", "4.35%"),
        ("3.4525", None, "3.4525% 起"),
        (None, "4", "不超过 4.00%"),
        (None, None, ""),
    ],
)
def test_ranges(low, high, shown):
    assert rate_range(low and Decimal(low), high and Decimal(high)) == shown
