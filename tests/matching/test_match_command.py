"""``manage.py match`` and ``match_summary``: the file people get, and what it refuses."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from enterprises.catalogue import Tier
from matching.management.commands.match import yuan
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.matching.factories import RuleFactory, published

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 6, 15)


def run(path: Path, *extra: str) -> list[dict[str, str]]:
    silent = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("match", f"--as-of={DAY}", f"--output={path}", *extra, **silent)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def firms() -> dict[str, str]:
    """One firm that fits, one that does not, one that is not known well enough; names by credit code."""
    fits, fails, unknown = EnterpriseFactory.create_batch(3)
    give_value(fits, "revenue", period=2025, scaled=2_000_000_000, as_of=DAY, tier=Tier.DECLARED)
    give_value(fails, "revenue", period=2025, scaled=1_999_999_999, as_of=DAY)
    return {fits.uscc: "fits", fails.uscc: "fails", unknown.uscc: "unknown"}


def test_every_pair_is_written_with_its_verdict_and_amount(tmp_path: Path, firms: dict[str, str]) -> None:
    published(
        rule=RuleFactory(key="SG-SB", label="设备更新"), amount={"range": ["1.005", "10"], "unit": "元"}
    )
    rows = {firms[row["uscc"]]: row for row in run(tmp_path / "out.csv")}
    shown = {name: (row["verdict"], row["amount_low"], row["amount_high"]) for name, row in rows.items()}
    assert shown == {
        "fits": ("eligible", "1.01", "10.00"),
        "fails": ("ineligible", "", ""),
        "unknown": ("needs_info", "1.01", "10.00"),
    }
    named = {(row["rule"], row["title"], row["version"], row["as_of"]) for row in rows.values()}
    assert named == {("SG-SB", "设备更新", "1", "2026-06-15")}


def test_paying_takes_official_values_only(tmp_path: Path, firms: dict[str, str]) -> None:
    published()
    rows = run(tmp_path / "out.csv", "--paying")
    assert {firms[row["uscc"]]: row["verdict"] for row in rows} == {
        "fits": "needs_info",
        "fails": "ineligible",
        "unknown": "needs_info",
    }


def test_known_at_replays_the_past(tmp_path: Path, firms: dict[str, str]) -> None:
    published()
    rows = run(tmp_path / "out.csv", "--known-at=2026-01-01T00:00+08:00")
    assert {row["verdict"] for row in rows} == {"needs_info"}


def test_only_the_rules_named_are_matched(tmp_path: Path, firms: dict[str, str]) -> None:
    published(rule=RuleFactory(key="A", label="甲"))
    other = published(rule=RuleFactory(key="B", label="乙"))
    assert {row["rule"] for row in run(tmp_path / "out.csv", "--rule=B")} == {"B"}
    assert {row["rule"] for row in run(tmp_path / "out.csv", "--rule=甲")} == {"A"}
    both = run(tmp_path / "out.csv", "--rule=甲", f"--rule={other.rule_id}")
    assert {row["rule"] for row in both} == {"A", "B"}


def test_a_path_that_cannot_be_written_is_told_in_words(tmp_path: Path, firms: dict[str, str]) -> None:
    published()
    with pytest.raises(CommandError, match=r"^无法写入 .*/nowhere/out.csv"):
        run(tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize(
    "arguments",
    [("--rule=没有这条",), ("--as-of=2026-02-30",), ("--as-of=昨天",), ("--known-at=明早",)],
)
def test_a_refused_call_leaves_the_file_as_it_was(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    published()
    path = tmp_path / "out.csv"
    path.write_text("yesterday", encoding="utf-8")
    with pytest.raises(CommandError):
        run(path, *arguments)
    assert path.read_text(encoding="utf-8") == "yesterday"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_an_unbounded_amount_has_no_upper_figure(tmp_path: Path, firms: dict[str, str]) -> None:
    published(amount={"rate": "5%", "of": {"fact": "equipment_invest"}})
    rows = {firms[row["uscc"]]: row for row in run(tmp_path / "out.csv")}
    assert (rows["fits"]["amount_low"], rows["fits"]["amount_high"]) == ("0.00", "")


def test_yuan_keeps_two_decimals() -> None:
    assert [yuan(fen) for fen in (None, 0, 5, 100, 123_456_789)] == ["", "0.00", "0.05", "1.00", "1234567.89"]


def test_the_summary_counts_verdicts_per_rule(firms: dict[str, str]) -> None:
    published(rule=RuleFactory(key="SG-SB", label="设备更新"))
    out = io.StringIO()
    call_command("match_summary", f"--as-of={DAY}", stdout=out)
    line = next(line for line in out.getvalue().splitlines() if "设备更新" in line)
    assert line.split()[-5:] == ["设备更新", "1", "0", "1", "1"]
