"""The columns of each kind of file: their names in Chinese and English, and what may stand in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from enterprises.models import EntityType, ImportKind, Ownership, Status
from portal.kernel.errors import ImportRefused, RowError
from portal.kernel.numbers import plain_characters


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file. ``pattern`` and ``choices`` describe a cell for the JSON Schema."""

    key: str
    label: str
    description: str
    required: bool = False
    also: tuple[str, ...] = ()
    """Other headings that mean this column."""
    max_length: int = 300
    pattern: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        return (self.key, self.label, *self.also)


USCC = Column(
    "uscc",
    "统一社会信用代码",
    "18 characters, GB 32100-2015; lower case, full width and blanks are taken",
    required=True,
    also=("信用代码", "社会信用代码"),
    max_length=40,
)


def day(key: str, label: str, description: str, *also: str) -> Column:
    """A column of days, as `enterprises.values.parse_date` reads them."""
    pattern = r"^\d{4}([-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{4})$"
    return Column(key, label, description, also=also, max_length=12, pattern=pattern)


def yes_or_no(key: str, label: str, description: str) -> Column:
    """A column of 是 and 否, as `enterprises.values.parse_bool` reads them."""
    return Column(key, label, description, max_length=5, choices=(("true", "是"), ("false", "否")))


COLUMNS: dict[str, tuple[Column, ...]] = {
    ImportKind.ENTERPRISES: (
        USCC,
        Column(
            "name",
            "企业名称",
            "Registered name",
            required=True,
            also=("名称", "市场主体名称"),
            max_length=200,
        ),
        Column(
            "region",
            "行政区划代码",
            "Code or name of the town (or the county itself) of registration, within the county",
            required=True,
            also=("注册地", "所属乡镇街道", "区划"),
            max_length=60,
        ),
        Column(
            "industry",
            "行业代码",
            "GB/T 4754-2017: section letter, or 2 to 4 digits, also written C3670",
            required=True,
            also=("行业",),
            max_length=5,
            pattern="^[A-Ta-t]?([0-9]{2,4})?$",
        ),
        Column(
            "entity_type",
            "主体类型",
            "Kind of market entity",
            required=True,
            choices=tuple((value, str(label)) for value, label in EntityType.choices),
        ),
        day("established_on", "成立日期", "2015-03-01, 2015/3/1, 2015年3月1日 or 20150301"),
        Column(
            "ownership",
            "所有制",
            "Who owns it",
            choices=tuple((value, str(label)) for value, label in Ownership.choices),
        ),
        Column("address", "住所", "Registered address", also=("地址", "经营场所")),
        Column("legal_person", "法定代表人", "Name", also=("法人", "经营者", "负责人"), max_length=100),
        Column(
            "status",
            "登记状态",
            "Registration status; active when a new enterprise has none",
            also=("状态",),
            choices=tuple((value, str(label)) for value, label in Status.choices),
        ),
    ),
    ImportKind.FACTS: (
        USCC,
        Column(
            "fact",
            "指标",
            "Key or name of a fact of scope enterprise that is not derived",
            required=True,
            also=("指标标识", "指标名称"),
            max_length=80,
        ),
        Column(
            "period",
            "年度",
            "Year, for a fact that has one value a year; empty for others",
            also=("年份",),
            max_length=6,
            pattern="^([0-9]{4}年?)?$",
        ),
        Column(
            "value",
            "值",
            "In the fact's unit; 不适用 where the fact makes no sense; several choices joined by 、",
            required=True,
            also=("取值", "数值"),
        ),
        Column(
            "unit", "单位", "Unit of the value where it is not the fact's own: 元, 万元, 亿元", max_length=10
        ),
        day(
            "as_of",
            "截至日期",
            "Day on which the value held; the day given with the import when empty",
            "数据日期",
        ),
    ),
    ImportKind.CREDENTIALS: (
        USCC,
        Column(
            "kind",
            "资质",
            "Key or name of a credential kind",
            required=True,
            also=("资质种类", "资质名称"),
            max_length=80,
        ),
        Column("level", "级别", "Level, where the kind has levels", max_length=40),
        Column(
            "certificate",
            "证书编号",
            "Tells certificates of one kind apart; a renewal has another one",
            also=("编号",),
            max_length=80,
        ),
        day("first_obtained", "首次取得", "Day on which the enterprise first held this kind"),
        day("valid_from", "有效期起", "First day"),
        day("valid_to", "有效期止", "Last day, inclusive"),
        yes_or_no("revoked", "已撤销", "是 when the certificate has been withdrawn"),
        day("as_of", "截至日期", "Day on which this held; that of the import when empty"),
    ),
}


def match_header(columns: Sequence[Column], header: list[str]) -> list[Column]:
    """The columns in the file's order. Raises ImportRefused naming unknown, repeated and missing ones."""
    known = {_plain(heading): column for column in columns for heading in column.headings}
    found = [known.get(_plain(cell)) for cell in header]
    errors = [
        RowError(1, cell, _("不认识这一列，请删除或改用模板中的列名。"))
        for cell, column in zip(header, found, strict=True)
        if column is None
    ]
    present = [column for column in found if column is not None]
    repeated = {column.label for column in present if present.count(column) > 1}
    errors += [RowError(1, label, _("这一列出现了两次，请只留一列。")) for label in sorted(repeated)]
    errors += [
        RowError(1, column.label, _("缺少这一列。"))
        for column in columns
        if column.required and column not in present
    ]
    if errors:
        raise ImportRefused(errors)
    return present


def row_schema(kind: str, columns: Sequence[Column] = ()) -> dict[str, Any]:
    """JSON Schema of one row as an object of texts, by the English headings; `columns` of another kind."""
    columns = columns or COLUMNS[kind]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"One row of an import of {kind}",
        "type": "object",
        "properties": {column.key: _cell_schema(column) for column in columns},
        "required": [column.key for column in columns if column.required],
        "additionalProperties": False,
    }


def _cell_schema(column: Column) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "title": column.label,
        "description": column.description,
        "x-headings": list(column.headings),
        "type": "string",
        "maxLength": column.max_length,
    }
    if column.required:
        schema["minLength"] = 1
    if column.pattern:
        schema["pattern"] = column.pattern if column.required else f"^$|{column.pattern}"
    if column.choices:
        schema["enum"] = [*_flat(column.choices), *([] if column.required else [""])]
    return schema


def _flat(choices: Iterable[tuple[str, str]]) -> list[str]:
    return [text for choice in choices for text in choice]


def _plain(heading: str) -> str:
    return plain_characters(heading).lower().removesuffix("*")
