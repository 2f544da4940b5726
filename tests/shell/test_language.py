"""Two languages: chosen at the foot of a page, spoken by pages, never by what is kept for others."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language, override

from portal.kernel.errors import DomainError
from portal.kernel.language import clauses, in_language_of_record, listed, reads_chinese
from portal.kernel.money import format_money, parse_money
from tests.appeals import factories as make
from tests.appeals.messages import told


@pytest.mark.django_db
def test_chinese_until_somebody_chooses(client: Client):
    page = client.get("/", headers={"accept-language": "en-GB,en;q=0.9"})
    assert '<html lang="zh-hans">' in page.text
    chosen = client.post(reverse("set_language"), {"language": "en", "next": "/help/"})
    assert (chosen.status_code, chosen["Location"]) == (302, "/help/")
    page = client.get("/")
    assert '<html lang="en">' in page.text
    assert "Which policies can your enterprise benefit from?" in page.text
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert '<html lang="zh-hans">' in client.get("/").text


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["fr", "../en", "", "en\x00", "zh-hans; en"])
def test_no_other_language_is_spoken(client: Client, choice: str):
    client.cookies["django_language"] = choice
    assert '<html lang="zh-hans">' in client.get("/").text


@pytest.mark.django_db
def test_one_s_language_is_not_the_next_one_s(client: Client):
    client.cookies["django_language"] = "en"
    client.get("/")
    assert get_language() == "zh-hans"


@pytest.mark.django_db
def test_what_goes_to_others_is_chinese_whoever_caused_it():
    dispatcher = make.dispatcher()
    with override("en"):
        appeal = make.file()
        with pytest.raises(DomainError, match="cannot be blank"):
            make.file(title=" ")
    assert told(dispatcher) == ["有新诉求待受理"]
    assert appeal.number


def test_the_language_of_record_ends_where_it_began():
    @in_language_of_record()
    def inner() -> bool:
        with in_language_of_record():
            return reads_chinese()

    with override("en"):
        assert inner()
        with pytest.raises(ZeroDivisionError), in_language_of_record():
            _ = 1 / 0
        assert not reads_chinese()


@pytest.mark.parametrize(
    ("fen", "words"), [(8_650_000_00, "8,650,000 yuan"), (-5, "-0.05 yuan"), (0, "0 yuan")]
)
def test_money_reads_back_in_english(fen: int, words: str):
    call_command("compilemessages")
    with override("en"):
        assert format_money(fen) == words
        assert parse_money(words) == fen


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "甲、乙；丙"), ("en", "甲, 乙; 丙")])
def test_what_stands_in_a_row_is_divided_as_the_language_does_it(language: str, said: str):
    with override(language):
        assert clauses([listed(["甲", "乙"]), "丙"]) == said
    assert listed([]) == ""
