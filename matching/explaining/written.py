"""A rule as JSON text for people: short nodes on one line, keys in the order in which they are read."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 84
STEP = "  "
ORDER = (
    "name",
    "when",
    "then",
    "else",
    "fact",
    "period",
    "over",
    "op",
    "fixed",
    "range",
    "rate",
    "per",
    "value",
) + ("unit", "cap", "floor", "round", "share")
LAST = ("of", "clause", "note")
"""Keys that come first and those that come last; any other keeps its place between. jsonb keeps no order."""


def written(data: Any, depth: int = 0) -> str:
    """The text of a node: one line where it fits into `WIDTH`, else an indented line a part."""
    flat = json.dumps(_ordered(data), ensure_ascii=False)
    if len(flat) + depth * len(STEP) <= WIDTH or not isinstance(data, dict | list):
        return flat
    inner, outer = STEP * (depth + 1), STEP * depth
    if isinstance(data, dict):
        parts = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {written(value, depth + 1)}"
            for key, value in _pairs(data)
        ]
        return "{\n" + ",\n".join(parts) + f"\n{outer}}}"
    return "[\n" + ",\n".join(inner + written(part, depth + 1) for part in data) + f"\n{outer}]"


def _ordered(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _ordered(value) for key, value in _pairs(data)}
    return [_ordered(part) for part in data] if isinstance(data, list) else data


def _pairs(data: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(data.items(), key=lambda pair: _place(pair[0]))


def _place(key: str) -> int:
    if key in LAST:
        return len(ORDER) + 1 + LAST.index(key)
    return ORDER.index(key) if key in ORDER else len(ORDER)
