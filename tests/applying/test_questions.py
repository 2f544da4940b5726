"""What the form asks: nothing that is known, everything that something hangs on, each once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.services import load_catalogue
from policies.applying.questions import key_of, read_answers, split_key
from policies.applying.sheet import Sheet
from tests.applying import factories as make
from tests.enterprises.factories import give_value

YEAR = make.BEGAN.year - 1


@given(st.from_regex(r"[a-z][a-z_]{0,30}", fullmatch=True), st.none() | st.integers(1900, 2200))
def test_a_key_names_the_fact_and_its_year(fact, period):
    assert split_key(key_of(fact, period)) == (fact, period)


@given(st.text(max_size=30))
def test_whatever_stands_in_an_address_is_a_key_of_something(text):
    fact, period = split_key(text)
    assert isinstance(fact, str)
    assert period is None or isinstance(period, int)


def asked(application):
    sheet = Sheet.of(application, make.now().date())
    return {question.key: question.needed for question in sheet.questions}


@pytest.mark.django_db
class TestAsked:
    def test_what_is_known_is_not_asked(self):
        application = make.drafted()
        this_year = make.now().date().year
        assert asked(application) == {"equipment_invest": True, f"employees@{this_year - 1}": True}
        give_value(application.enterprise, "employees", period=this_year - 1, scaled=20)
        assert asked(application) == {"equipment_invest": True}

    def test_what_was_answered_stays_on_the_form(self):
        application = make.filled()
        assert set(asked(application).values()) == {False}
        assert len(asked(application)) == 2

    def test_of_alternatives_none_is_needed_once_one_holds(self):
        hired = {"fact": "hire_count", "op": ">=", "value": "5", "unit": "人"}
        either = {"any": [make.CONDITIONS["all"][1], hired]}
        examples = [
            make.EXAMPLES[0] | {"facts": {"region": "500231"}},
            make.EXAMPLES[1],
            make.EXAMPLES[2],
        ]
        conditions = {"all": [make.CONDITIONS["all"][0], either]}
        version = make.version(rule_conditions=conditions, rule_examples=examples)
        application = make.drafted(version)
        assert asked(application) == {"equipment_invest": True, "hire_count": True}
        application.answers = {"equipment_invest": "200"}
        assert asked(application) == {"equipment_invest": False, "hire_count": False}

    def test_answers_to_what_is_not_asked_of_applicants_are_not_read(self):
        given = {"region": "500230", "tax_credit": "A", "no_such_fact": "1", "employees@abcd": "5"}
        assert read_answers(given, load_catalogue()) == ({}, {})
