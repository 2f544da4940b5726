"""Rules and other data in the admin's forms: JSON as text that people read and write."""

from __future__ import annotations

from typing import Any

from unfold.widgets import UnfoldAdminTextareaWidget

from matching.explaining.written import written
from portal.kernel.forms import ParsedField
from portal.kernel.strictjson import read_json


class DataField(ParsedField):
    """JSON as text: no floats, no NaN, no duplicate keys; None when left empty. `rows` of the box."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        look = {"rows": rows, "spellcheck": "false", "class": "font-mono"}
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs=look), **kwargs)

    def parse(self, text: str) -> Any:
        return read_json(text)

    def written(self, value: Any) -> str:
        return written(value)
