"""Files of the registry and of facts, as a department would send them."""

import csv
import io
from typing import Any

import pytest

from enterprises.imports import create_import, run_import
from enterprises.models import Credential, Enterprise, FactValue, Import
from portal.kernel.errors import ImportRefused
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


def refused(kind: str, rows: list[list[Any]] | io.BytesIO, **options: Any) -> ImportRefused:
    """Why these rows do not come in; nothing is written then."""
    before = (Enterprise.objects.count(), FactValue.objects.count(), Credential.objects.count())
    with pytest.raises(ImportRefused) as caught:
        take_in(kind, rows, **options)
    after = (Enterprise.objects.count(), FactValue.objects.count(), Credential.objects.count())
    assert after == before
    work = Import.objects.latest("pk")
    assert work.state == "failed"
    assert work.error == caught.value.message
    return caught.value


def places(error: ImportRefused) -> list[tuple[int, str]]:
    """Row and column of each error."""
    return [(one.row, one.column) for one in error.errors]
