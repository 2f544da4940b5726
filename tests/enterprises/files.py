"""Files of the registry and of facts, as a department would send them."""

import csv
import io
from typing import Any

from enterprises.imports import create_import, run_import
from enterprises.models import Import
from tests.enterprises.factories import uscc_of

HEADER = ["统一社会信用代码", "企业名称", "行政区划代码", "行业代码", "主体类型", "成立日期"]
FACT_HEADER = ["uscc", "fact", "period", "value"]


def firm(number: int = 1, **cells: Any) -> list[Any]:
    """A row of the registry under `HEADER`."""
    row = {
        "uscc": uscc_of(number),
        "name": f"第{number}家",
        "region": "500231101",
        "industry": "C36",
        "type": "企业",
        "day": "2015-03-01",
    }
    return [*{**row, **cells}.values()]


def as_csv(rows: list[list[Any]], encoding: str = "utf-8-sig") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def take_in(
    kind: str, rows: list[list[Any]] | io.BytesIO, encoding: str = "utf-8-sig", **options: Any
) -> Import:
    """The import of these rows, done."""
    file = rows if isinstance(rows, io.BytesIO) else as_csv(rows, encoding)
    return run_import(create_import(kind, "名册.csv", **options), file)
