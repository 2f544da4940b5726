"""From what people write to canonical values."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest
from django.utils.translation import override

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Kind
from enterprises.codes import Hierarchy
from enterprises.values import format_value, parse_date, parse_value, parse_year
from portal.kernel.errors import DomainError

CHOICES = (("small", "小型"), ("large", "大型"))


def spec(kind: Kind, **fields: object) -> FactSpec:
    return FactSpec(1, "x", "指标", kind, **fields)  # type: ignore[arg-type]


MONEY = spec(Kind.MONEY, unit="元")
PERCENT = spec(Kind.PERCENT, unit="%", scale=4)
COUNT = spec(Kind.INTEGER, unit="人")
CHOICE = spec(Kind.CHOICE, choices=CHOICES)
SET = spec(Kind.CHOICES, choices=CHOICES)
DATE = spec(Kind.DATE)
REGION = spec(Kind.CODE, hierarchy=Hierarchy.REGION)


@pytest.mark.parametrize(
    ("fact", "written", "value"),
    [
        (MONEY, "86.5万元", 86_500_000),
        (MONEY, "８６，５００.５", 8_650_050),
        (MONEY, "-1", -100),
        (PERCENT, "5.25%", Fraction(21, 4)),
        (PERCENT, "5", 5),
        (COUNT, "１２３人", 123),
        (spec(Kind.BOOL), "是", True),
        (spec(Kind.BOOL), "No", False),
        (CHOICE, "小型", "small"),
        (CHOICE, "large", "large"),
        (SET, "小型、large", frozenset({"small", "large"})),
        (SET, "无", frozenset()),
        (DATE, "2024年2月29日", dt.date(2024, 2, 29)),
        (REGION, "500000", "50"),
        (MONEY, "不适用", NOT_APPLICABLE),
    ],
)
def test_read(fact, written, value):
    assert parse_value(fact, written) == value


@pytest.mark.parametrize(
    ("fact", "written"),
    [
        (MONEY, ""),
        (MONEY, "NaN"),
        (MONEY, "1e400"),
        (MONEY, "0.001"),
        (MONEY, "=1+1"),
        (PERCENT, "5.00001"),
        (PERCENT, "Infinity"),
        (COUNT, "1.5"),
        (COUNT, "3万元"),
        (COUNT, "1_000"),
        (spec(Kind.BOOL), "也许"),
        (CHOICE, "中型"),
        (SET, "小型、中型"),
        (DATE, "2023-02-29"),
        (DATE, "2023-13-01"),
        (DATE, "昨天"),
        (REGION, "5002311"),
        (spec(Kind.NUMBER, scale=4), "9" * 18),
    ],
)
def test_refused_in_chinese(fact, written):
    with pytest.raises(DomainError) as refused:
        parse_value(fact, written)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message)


SHARE = spec(Kind.PERCENT, unit="%", scale=4, least=0, most=100)
FEE = spec(Kind.MONEY, unit="元", least=0)
DEBT = spec(Kind.PERCENT, unit="%", scale=4, most=100)


@pytest.mark.parametrize(
    ("fact", "inside", "beyond", "said"),
    [
        (SHARE, ["0", "100", "99.9999"], ["-0.0001", "100.0001", "120", "-3"], "“指标”应在 0% 到 100% 之间"),
        (FEE, ["0", "0.01"], ["-0.01", "-100万元"], "“指标”不能小于 0 元"),
        (DEBT, ["-1", "100"], ["100.01"], "“指标”不能大于 100%"),
    ],
)
def test_what_cannot_be_is_refused(fact, inside, beyond, said):
    for written in [*inside, "不适用"]:
        parse_value(fact, written)
    for written in beyond:
        with pytest.raises(DomainError, match=said):
            parse_value(fact, written)


def test_a_unit_that_does_not_fit_is_refused():
    with pytest.raises(DomainError, match="单位"):
        parse_value(COUNT, "3", unit="万元")
    assert parse_value(MONEY, "3", unit="万元") == 3_000_000


@pytest.mark.parametrize("written", ["24", "1948", "2201", "二〇二四", "2024.0"])
def test_what_is_no_year(written):
    with pytest.raises(DomainError):
        parse_year(written)


def test_year_and_date_forms():
    assert parse_year("２０２４年") == 2024
    assert parse_date("20240105") == parse_date("2024/1/5") == dt.date(2024, 1, 5)


@pytest.mark.parametrize(
    ("fact", "value", "shown"),
    [
        (MONEY, 86_500_000, "86.5 万元"),
        (PERCENT, Fraction(1, 3), "0.33%"),
        (COUNT, 12, "12 人"),
        (SET, frozenset(), "无"),
        (CHOICE, "small", "小型"),
        (MONEY, NOT_APPLICABLE, "不适用"),
    ],
)
def test_shown(fact, value, shown):
    assert format_value(fact, value) == shown


@pytest.mark.parametrize("fact", [PERCENT, spec(Kind.NUMBER, scale=2), COUNT])
def test_scaled_and_back(fact):
    value = Fraction(5, 4) if fact.scale else 7
    assert fact.from_scaled(fact.to_scaled(value)) == value
    with pytest.raises(ValueError, match="decimals"):
        fact.to_scaled(Fraction(1, 3))


@pytest.mark.parametrize(("language", "shown"), [("zh-hans", "176 个月"), ("en", "176 months")])
def test_units_are_in_the_readers_language(language, shown):
    with override(language):
        assert format_value(replace(COUNT, unit="月"), 176) == shown
