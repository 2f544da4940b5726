"""The demo's items: every file keeps the format, every rule parses, every example comes out as written."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from matching.parse import parse_rule
from matching.tree import Compare, RuleTree, leaves
from policies.examples import try_examples
from tests.policies.reference import REFERENCE, catalogue, day, figures, load

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "policies" / "demo").glob("*.yaml"))
DOCUMENTED = (ROOT / "docs" / "policy-format.md").read_text(encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


CONTENTS = {path.name: read(path) for path in FILES}
ITEMS = [item for content in CONTENTS.values() for item in content["items"]]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "policies.schema.json").read_text(encoding="utf-8"))


def tree_of(item: dict[str, Any]) -> RuleTree:
    rule = item["rule"]
    return parse_rule(
        rule["conditions"],
        rule["amount"],
        catalogue=catalogue(),
        reference_year=rule["reference_year"],
        event_fact=rule["event_fact"],
    )


def failures(item: dict[str, Any]) -> list[tuple[str, str]]:
    results = try_examples(
        tree_of(item),
        item["examples"],
        catalogue=catalogue(),
        as_of=day(item["rule"]["valid_from"]),
        figures=figures(),
        region="500231",
    )
    return [(result.name, result.problem) for result in results if not result.passed]


@pytest.mark.parametrize("name", CONTENTS)
def test_file_keeps_the_schema(name: str) -> None:
    errors = Draft202012Validator(SCHEMA).iter_errors(CONTENTS[name])
    assert [(list(error.absolute_path), error.message) for error in errors] == []


def test_there_are_enough_real_items_with_codes_of_their_own() -> None:
    codes = Counter(item["code"] for item in ITEMS)
    assert len(codes) >= 66
    assert codes.most_common(1)[0][1] == 1


def test_every_document_cited_stands_in_a_file_once_and_not_later_than_cited() -> None:
    known: list[str] = []
    for name in sorted(CONTENTS):
        known += [document["code"] for document in CONTENTS[name]["documents"]]
        cited = {source["document"] for item in CONTENTS[name]["items"] for source in item["sources"]}
        assert cited <= set(known), name
    assert len(known) == len(set(known))


def test_departments_facts_and_kinds_are_known() -> None:
    departments = {department["code"] for department in load("departments")}
    for item in ITEMS:
        assert {item["department"], *item["co_departments"]} <= departments, item["code"]
        for material in item["materials"]:
            assert set(material.get("from_facts", ())) <= set(catalogue()), item["code"]
    assert {spec.department for spec in catalogue().values()} <= departments
    assert {kind.department for kind in catalogue().credential_kinds.values()} <= departments


def test_items_of_elsewhere_say_so_and_stand_in_this_county() -> None:
    for item in ITEMS:
        documents = {
            document["code"]: document for content in CONTENTS.values() for document in content["documents"]
        }
        regions = {documents[source["document"]]["region"] for source in item["sources"]}
        elsewhere = any(region and not "500231".startswith(region) for region in regions)
        if elsewhere:
            assert item["adapted_from"], item["code"]
            named = [
                leaf
                for leaf, _wanted in leaves(tree_of(item).conditions)
                if isinstance(leaf, Compare) and leaf.fact == "region"
            ]
            assert any(leaf.value == frozenset({"500231"}) for leaf in named), item["code"]


def test_each_item_has_an_example_of_each_verdict() -> None:
    for item in ITEMS:
        verdicts = {example["verdict"] for example in item["examples"]}
        assert verdicts == {"eligible", "ineligible", "needs_info"}, item["code"]


@pytest.mark.parametrize("item", ITEMS, ids=[item["code"] for item in ITEMS])
def test_examples_come_out_as_written(item: dict[str, Any]) -> None:
    assert failures(item) == []


def test_an_amount_is_written_wherever_one_comes_out() -> None:
    for item in ITEMS:
        for example in item["examples"]:
            told = example["verdict"] != "ineligible" and item["rule"]["amount"] is not None
            assert ("amount" in example) is told, (item["code"], example["name"])


def test_a_wrong_example_is_seen() -> None:
    item = next(item for item in ITEMS if item["code"] == "SG-RUKU")
    changed = [{**item["examples"][0], "amount": ["21 万元", "21 万元"]}]
    assert failures({**item, "examples": changed})


def test_the_documented_example_is_a_valid_file_whose_examples_hold() -> None:
    block = DOCUMENTED.split("```yaml\n")[1].split("```")[0]
    content = json.loads(json.dumps(yaml.safe_load(block), default=str))
    assert list(Draft202012Validator(SCHEMA).iter_errors(content)) == []
    (item,) = content["items"]
    assert failures(item) == []


def test_regions_and_industries_are_whole() -> None:
    rows = (REFERENCE / "regions.csv").read_text(encoding="utf-8").splitlines()[1:]
    codes = {row.split(",")[0]: row.split(",")[2] for row in rows}
    assert sum(parent == "500231" for parent in codes.values()) == 26
    assert all(not parent or parent in codes for parent in codes.values())
    industries = (REFERENCE / "industries.csv").read_text(encoding="utf-8").splitlines()[1:]
    widths = Counter(len(row.split(",")[0]) for row in industries)
    assert (widths[1], widths[2]) == (20, 97)
