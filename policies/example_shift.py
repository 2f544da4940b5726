"""An example moved by a year, for the copy of an item that goes on next year."""

import re
from typing import Any

from enterprises.catalogue import Catalogue
from matching.explaining.wording import is_year

_DAY = re.compile(r"(\d{4})(-\d{2}-\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def a_year_later(example: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Every day and year of an example one later, so that what it says of the rule stays the same."""
    moved = dict(example)
    for part in ("facts", "claims"):
        if part in example:
            moved[part] = {key: _moved(key, value, catalogue) for key, value in example[part].items()}
    if example.get("as_of"):
        moved["as_of"] = _day(example["as_of"])
    return moved


def _moved(key: str, value: Any, catalogue: Catalogue) -> Any:
    if isinstance(value, dict):
        return {_year(name): _moved(key, one, catalogue) for name, one in value.items()}
    if isinstance(value, list):
        return [_moved(key, one, catalogue) for one in value]
    if not isinstance(value, str):
        return value
    return _year(value) if key in catalogue and is_year(catalogue[key]) else _day(value)


def _year(text: str) -> str:
    return str(int(text) + 1) if _YEAR.fullmatch(text) else text


def _day(text: str) -> str:
    """The same day a year later; the 29th of February becomes the 28th."""
    found = _DAY.fullmatch(text)
    return f"{int(found[1]) + 1}{found[2].replace('-02-29', '-02-28')}" if found else text
