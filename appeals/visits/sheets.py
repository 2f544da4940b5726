"""Lists as CSV files that a spreadsheet opens and does not compute."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse

from enterprises.imports.reading import is_formula

BOM = "\ufeff"


def csv_file(name: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The rows as a file to be saved under the name; what a spreadsheet would compute gets an apostrophe."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.write(BOM)
    writer = csv.writer(answer)
    writer.writerow([str(each) for each in columns])
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return answer


def _plain(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    text = cell.lstrip()
    return f"'{cell}" if text and is_formula(text) else cell
