"""The documentation and the schema are true: examples parse, and the schema takes what the parser takes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from matching.parse import load_json, parse_rule
from matching.parse.amounts import PARSERS
from matching.parse.conditions import HEADS
from matching.tree import Op
from tests.matching.catalogue import county_catalogue
from tests.matching.strategies import amount_documents, condition_documents

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "rule-language.md").read_text("utf-8")
SCHEMA = json.loads((DOCS / "schema" / "rule.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = re.findall(r"```json (conditions|amount)\n(.*?)```", REFERENCE, re.DOTALL)


@pytest.mark.parametrize(("part", "text"), EXAMPLES)
def test_every_example_parses(part: str, text: str) -> None:
    document = load_json(text)
    any_condition = {"fact": "above_scale", "op": "=", "value": True}
    rule = {"conditions": any_condition, part: document}
    VALIDATOR.validate(rule)
    parse_rule(rule["conditions"], rule.get("amount"), catalogue=county_catalogue())


@pytest.mark.parametrize(
    "word", [*HEADS, *PARSERS, *Op, "clause", "upto", "obtained", "first", "over", "figure"]
)
def test_every_word_is_documented(word: str) -> None:
    assert re.search(rf"[`\"\s{{]{re.escape(word)}[`\"\s]", REFERENCE)


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(condition_documents(5), st.none() | amount_documents(3))
def test_schema_takes_what_the_parser_takes(conditions: Any, amount: Any) -> None:
    VALIDATOR.validate({"conditions": conditions, "amount": amount})
