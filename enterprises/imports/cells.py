"""The cells of one row: read one by one, so that one refused cell hides no other."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from portal.kernel.errors import DomainError, RowError

T = TypeVar("T")


class Cells:
    """One row's texts by column key; what is refused is kept in ``errors`` and reads as nothing."""

    __slots__ = ("_labels", "_line", "_refused", "errors", "texts")

    def __init__(self, line: int, labels: Mapping[str, str]) -> None:
        self._line, self._labels = line, labels
        self.texts: dict[str, str] = {}
        self._refused: set[str] = set()
        self.errors: list[RowError] = []

    def refuse(self, key: str, reason: str) -> None:
        """A cell is wrong; it is told once why."""
        self._refused.add(key)
        self.errors.append(RowError(self._line, self._labels[key], reason))

    def refused(self, key: str) -> bool:
        """Whether a cell is known to be wrong."""
        return key in self._refused

    def text(self, key: str) -> str:
        """What stands in the cell; empty for a refused one and where the file has no such column."""
        return "" if key in self._refused else self.texts.get(key, "")

    def read(self, key: str, parse: Callable[[str], T], *, empty: bool = False) -> T | None:
        """The cell as a value, ``None`` when it is refused or empty; with ``empty`` those are parsed too."""
        if key in self._refused:
            return None
        text = self.texts.get(key, "")
        if not text and not empty:
            return None
        try:
            return parse(text)
        except DomainError as error:
            self.refuse(key, error.message)
            return None
