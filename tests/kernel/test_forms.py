"""Fields that read what people write: in the words of the parser, and back again without loss."""

import pytest
from django.core.exceptions import ValidationError

from portal.kernel.admin_fields import WordsField
from portal.kernel.forms import MoneyField
from portal.kernel.money import money_text


@pytest.mark.parametrize(
    ("text", "fen"), [("86.5 万元", 86_500_000), (" ５０ ", 50_000_000), ("1,234 元", 123_400)]
)
def test_an_amount_as_people_write_it(text, fen):
    assert MoneyField(unit="万元").clean(text) == fen


@pytest.mark.parametrize(
    ("text", "code"), [("", "required"), ("x", "number_invalid"), ("9" * 41, "max_length")]
)
def test_what_is_no_amount_is_told_with_the_code_of_its_refusal(text, code):
    with pytest.raises(ValidationError) as refusal:
        MoneyField().clean(text)
    assert [error.code for error in refusal.value.error_list] == [code]


def test_nothing_is_none_where_nothing_has_to_be():
    assert MoneyField(required=False).clean(" ") is None


@pytest.mark.parametrize("fen", [0, 1, 123_456_789, 1_234_567_800, 50_000_000, 10_000, 1_010_000])
def test_an_amount_that_is_shown_in_a_form_is_read_back_to_the_fen(fen):
    field = MoneyField(unit="万元")
    shown = field.prepare_value(fen)
    assert shown == money_text(fen)
    assert field.clean(shown) == fen
    assert not field.has_changed(fen, shown)


def test_what_was_typed_is_shown_as_it_was():
    field = MoneyField()
    assert field.prepare_value("三百万") == "三百万"
    assert field.prepare_value(None) is None
    assert field.has_changed(100, "x")


def test_words_are_parted_by_any_of_the_usual_commas():
    field = WordsField()
    assert field.clean("技改， 数字化、;；绿色,") == ["技改", "数字化", "绿色"]
    assert field.prepare_value(["技改", "绿色"]) == "技改、绿色"
    assert not field.has_changed(["技改", "绿色"], "技改,绿色")
