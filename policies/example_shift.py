"""Examples moved by some years, for a version whose rule looks at another year than the one it came from."""

import re
from calendar import isleap
from typing import Any

from enterprises.catalogue import Catalogue
from matching.explaining.wording import is_year

_DAY = re.compile(r"(\d{4})(-\d{2}-\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def shifted(examples: list[dict[str, Any]], years: int, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every day and year of the examples `years` later, so that what they say of the rule stays the same."""
    return [_Shift(years, catalogue).example(example) for example in examples] if years else examples


class _Shift:
    def __init__(self, years: int, catalogue: Catalogue) -> None:
        self.years = years
        self.catalogue = catalogue

    def example(self, example: dict[str, Any]) -> dict[str, Any]:
        moved = dict(example)
        for part in ("facts", "claims"):
            if part in example:
                moved[part] = {key: self.value(key, value) for key, value in example[part].items()}
        if example.get("as_of"):
            moved["as_of"] = self.day(example["as_of"])
        return moved

    def value(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.year(name): self.value(key, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(key, one) for one in value]
        if not isinstance(value, str):
            return value
        names_year = key in self.catalogue and is_year(self.catalogue[key])
        return self.year(value) if names_year else self.day(value)

    def year(self, text: str) -> str:
        return f"{int(text) + self.years:04d}" if _YEAR.fullmatch(text) else text

    def day(self, text: str) -> str:
        """The same day; the 29th of February becomes the 28th where there is none."""
        found = _DAY.fullmatch(text)
        if found is None:
            return text
        year, rest = self.year(found[1]), found[2]
        return year + (rest if isleap(int(year)) else rest.replace("-02-29", "-02-28"))
