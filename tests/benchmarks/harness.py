"""Measuring, comparing, and keeping what was measured.

A benchmark measures with :func:`median` and tells :func:`record` its figure, its peer's figure from the
same run, and the target. Both figures are printed; at the end the session writes ``var/bench/results.json``
and the tables of ``docs/benchmarks.md``, where figures of benchmarks that were not run stay as they were.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "var" / "bench" / "results.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results: written by make bench -->", "<!-- end of results -->"
TIMES = 20


@dataclass(frozen=True)
class Result:
    """One figure. ``peer`` and ``ratio`` are None where the target is a plain limit."""

    name: str
    value: float
    unit: str
    peer: float | None
    ratio: float | None
    target: str
    ok: bool


measured: list[Result] = []


def median(work: Callable[[], Any], times: int = TIMES) -> float:
    """Median seconds of ``times`` calls, after one call to warm up."""
    work()
    seconds = []
    for _number in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def side_by_side(work: Callable[[], Any], peer: Callable[[], Any], times: int = TIMES) -> tuple[float, float]:
    """Median seconds of two works that take turns, so that what else the machine does befalls both."""
    seconds: dict[Callable[[], Any], list[float]] = {work: [], peer: []}
    for one in seconds:
        one()
    for _number in range(times):
        for one, taken in seconds.items():
            start = time.perf_counter()
            one()
            taken.append(time.perf_counter() - start)
    return statistics.median(seconds[work]), statistics.median(seconds[peer])


def faster(name: str, seconds: float, peer: float, *, at_least: float) -> Result:
    """Record a time that must be at least so many times shorter than its peer's."""
    ratio = peer / seconds
    return record(Result(name, seconds, "s", peer, ratio, f"≥ {at_least:g}×", ratio >= at_least))


def within(name: str, seconds: float, peer: float, *, at_most: float) -> Result:
    """Record a time that may be at most so many times its peer's."""
    ratio = seconds / peer
    return record(Result(name, seconds, "s", peer, ratio, f"≤ {at_most:g}×", ratio <= at_most))


def below(name: str, value: float, unit: str, limit: float) -> Result:
    """Record a figure that must stay below a limit."""
    return record(Result(name, value, unit, None, None, f"< {limit:g} {unit}", value < limit))


def above(name: str, value: float, unit: str, limit: float) -> Result:
    """Record a figure that must reach a limit."""
    return record(Result(name, value, unit, None, None, f"≥ {limit:g} {unit}", value >= limit))


def record(result: Result) -> Result:
    """Print and keep a result; the caller asserts ``result.ok``."""
    measured.append(result)
    peer = "" if result.peer is None else f", peer {result.peer:.4g} {result.unit}, ratio {result.ratio:.3g}"
    verdict = "ok" if result.ok else "MISSED"
    print(f"\n{result.name}: {result.value:.4g} {result.unit}{peer} (target {result.target}: {verdict})")  # noqa: T201
    return result


def save(results: Iterable[Result]) -> None:
    """Merge results into ``results.json`` and rewrite the table of the document."""
    known = {row["name"]: row for row in _saved()}
    known |= {result.name: asdict(result) for result in results}
    rows = sorted(known.values(), key=lambda row: row["name"])
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if DOCUMENT.exists():
        before, _begin, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n{END}{after}", encoding="utf-8")


def _saved() -> list[dict[str, Any]]:
    if not RESULTS.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return rows


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
        "| benchmark | figure | peer | ratio | target | met |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        peer = "" if row["peer"] is None else f"{row['peer']:.4g} {row['unit']}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
        figure = f"{row['value']:.4g} {row['unit']}"
        met = "yes" if row["ok"] else "**no**"
        lines.append(f"| {row['name']} | {figure} | {peer} | {ratio} | {row['target']} | {met} |")
    return "\n".join(lines) + "\n"
