"""Credit codes: GB 32100-2015."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.uscc import check_character, parse_uscc
from portal.kernel.errors import DomainError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "code",
    ["91110000101623741K", "91500231MA60000168", "92500231MA60000165", "93500231MA60000162"],
)
def test_public_and_made_up_codes_pass(code):
    assert parse_uscc(code) == (code, True)


def test_remainder_zero_gives_0_and_remainder_one_gives_y():
    assert check_character("91500231MA6000200") == "0"
    assert check_character("91500231MA6000155") == "Y"
    assert parse_uscc("91500231MA60002000").checked
    assert parse_uscc("91500231MA6000155Y").checked


def test_a_real_code_with_a_failing_check_is_held_not_refused():
    assert parse_uscc("91350211M0000XUF46") == ("91350211M0000XUF46", False)


@pytest.mark.parametrize(
    "written",
    [
        "91500231ma6000155y",
        "９１５００２３１ＭＡ６０００１５５Ｙ",
        " 9150 0231-MA60 0015 5y ",
        "91500231MA6000155Y\t",
    ],
)
def test_full_width_lower_case_and_blanks_become_canonical(written):
    assert parse_uscc(written) == ("91500231MA6000155Y", True)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "uscc_length"),
        ("91500231MA6000155", "uscc_length"),
        ("91500231MA6000155YY", "uscc_length"),
        ("91500231MA600015SY", "uscc_form"),
        ("91500231IA6000155Y", "uscc_form"),
        ("9150O231MA6000155Y", "uscc_form"),
        ("01500231MA6000155Y", "uscc_form"),
        ("9150023１MA600015号Y", "uscc_form"),
        ("=1500231MA6000155Y", "uscc_form"),
    ],
)
def test_what_cannot_be_a_code_is_refused(written, code):
    with pytest.raises(DomainError) as refused:
        parse_uscc(written)
    assert refused.value.code == code


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 16), st.data())
def test_one_wrong_character_is_always_noticed(organisation, place, data):
    body = f"91500231{organisation}"
    code = body + check_character(body)
    if place in range(2, 8):
        other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != code[place]]))
    elif place < 2:
        other = {"9": "1", "1": "2"}[code[place]]
    else:
        other = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != code[place]]))
    assert parse_uscc(code).checked
    assert not parse_uscc(code[:place] + other + code[place + 1 :]).checked
