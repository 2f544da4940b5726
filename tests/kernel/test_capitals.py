"""Amounts in capital characters: the examples of the standard, and every amount can be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.capitals import DIGITS, UNITS, capital_money
from portal.kernel.money import MAX_FEN

VALUES = {name: size for size, name in UNITS}


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (12, "壹角贰分"),
        (100, "壹元整"),
        (1000, "壹拾元整"),
        (20_000_000, "贰拾万元整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (100_000_100, "壹佰万零壹元整"),
        (10**10, "壹亿元整"),
        (10**14, "壹万亿元整"),
        (10**14 + 10**10, "壹万零壹亿元整"),
        (1_000_000_001_000, "壹佰亿零壹拾元整"),
    ],
)
def test_as_the_standard_writes(fen, words):
    assert capital_money(fen) == f"人民币{words}"


def read(words):
    """Fen of such words."""
    total = section = digit = 0
    for character in words.removeprefix("人民币"):
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character == "元":
            total, section, digit = (total + section + digit) * 100, 0, 0
        elif character in "角分":
            total, digit = total + digit * (10 if character == "角" else 1), 0
        elif character in VALUES and VALUES[character] >= 10**4:
            higher = total if character == "亿" else 0
            total = total - higher + (higher + section + digit) * VALUES[character]
            section = digit = 0
        elif character in VALUES:
            section, digit = section + digit * VALUES[character], 0
    return total


@given(st.integers(0, MAX_FEN))
def test_every_amount_can_be_read_back_and_is_written_one_way(fen):
    words = capital_money(fen)
    assert read(words) == fen
    assert "零零" not in words
    assert words.endswith(("整", "分"))
    assert fen < 100 or "零元" not in words


@pytest.mark.parametrize("fen", [-1, MAX_FEN + 1])
def test_nothing_else(fen):
    with pytest.raises(ValueError, match="nowhere"):
        capital_money(fen)
