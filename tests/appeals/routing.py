"""Labelled appeals, and how often a way of suggesting finds the right department."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from appeals.suggesting import words

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "appeals" / "reference"
Ranking = Callable[["Case"], list[str]]


@dataclass(frozen=True)
class Case:
    """An appeal with the code of the department that should have it; `mode` where it is labelled."""

    title: str
    text: str
    department: str
    mode: str = ""


@dataclass(frozen=True)
class Score:
    """How many of the cases were right first, and among the first three."""

    first: int
    three: int
    total: int

    def __str__(self) -> str:
        return f"first {share(self.first, self.total)}; among three {share(self.three, self.total)}"


def cases(name: str) -> list[Case]:
    """The cases of a file beside this one."""
    file: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    labels = file.get("labels", {})
    return [
        Case(row["title"], row["text"], row.get("department") or labels[row["label"]], row.get("mode", ""))
        for row in file["cases"]
    ]


def score(ranking: Ranking, among: Iterable[Case]) -> Score:
    """Judge a way of ranking departments."""
    places = [(ranking(case), case.department) for case in among]
    return Score(
        sum(ranked[:1] == [right] for ranked, right in places),
        sum(right in ranked[:3] for ranked, right in places),
        len(places),
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    z = 1.959964
    share = right / total
    middle, spread = (
        share + z * z / (2 * total),
        z * math.sqrt(share * (1 - share) / total + z * z / (4 * total**2)),
    )
    return (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)


def share(right: int, total: int) -> str:
    """As `48/62 = 77 % (66-86 %)`."""
    low, high = wilson(right, total)
    return f"{right}/{total} = {right / total:.0%} ({low:.0%}-{high:.0%})"


def majority(among: Iterable[Case]) -> Ranking:
    """Always the departments that are right most often: knows the answers, not the question."""
    ranked = [code for code, _often in Counter(case.department for case in among).most_common(3)]
    return lambda case: ranked


@cache
def _duty_words() -> dict[str, frozenset[str]]:
    rows = yaml.safe_load((REFERENCE / "duties.yaml").read_text(encoding="utf-8"))["duties"]
    return {
        row["department"]: frozenset(
            word
            for section in row["sections"]
            for key in ("phrases", "pick", "grab")
            for text in section.get(key, ())
            for word in _words(text)
        )
        for row in rows
    }


def most_words_shared(case: Case) -> list[str]:
    """The departments whose duties share the most different words with the appeal."""
    said = _words(f"{case.title}。{case.text}")
    return sorted(_duty_words(), key=lambda code: (-len(said & _duty_words()[code]), code))


def _words(text: str) -> frozenset[str]:
    return frozenset(each for each in words.features(text) if not each.startswith(words.GRAM))
