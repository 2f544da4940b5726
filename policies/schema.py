"""The exchange format's JSON Schema at work: one schema for files, forms and the admin.

The schema is `docs/schema/policies.schema.json`; what it refuses is said here in plain Chinese.
"""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError

validate_code = RegexValidator(
    r"^[A-Z0-9][A-Z0-9-]{1,39}\Z", _("编码由大写字母、数字和连字符组成，2 至 40 位。"), code="code"
)

_TYPES = {
    "array": _("列表"),
    "object": _("对象（若干“字段: 值”）"),
    "string": _("文字"),
    "integer": _("整数"),
    "number": _("数"),
    "boolean": _("true 或 false"),
    "null": _("空"),
}
_WORDINGS = {
    "required": _("缺少字段：%(names)s"),
    "additionalProperties": _("有不认识的字段：%(names)s"),
    "enum": _("“%(given)s”不在可选值中：%(choices)s"),
    "const": _("应为“%(wanted)s”"),
    "pattern": _("“%(given)s”的格式不对%(hint)s"),
    "format": _("“%(given)s”的格式不对，应为 %(wanted)s"),
    "minLength": _("不能为空"),
    "maxLength": _("太长，最多 %(wanted)s 个字"),
    "minItems": _("至少要有 %(wanted)s 项"),
    "maxItems": _("最多 %(wanted)s 项"),
    "uniqueItems": _("有重复的项"),
    "minimum": _("不能小于 %(wanted)s"),
    "maximum": _("不能大于 %(wanted)s"),
}
"""What a keyword of the schema means to a person."""


def complaint(error: SchemaError) -> str:
    """Say in plain words what a JSON Schema error means and what would be right."""
    keyword, wanted = str(error.validator), error.validator_value
    if keyword == "type":
        return _wrong_type(error)
    if keyword not in _WORDINGS:
        return gettext("内容不符合格式要求")
    told = {"given": error.instance, "wanted": wanted, "hint": _hint(error)}
    if keyword == "required":
        told["names"] = "、".join(name for name in wanted if name not in error.instance)
    elif keyword == "additionalProperties":
        told["names"] = "、".join(_unknown_fields(error))
    elif keyword == "enum":
        told["choices"] = "、".join(map(str, wanted))
    return str(_WORDINGS[keyword]) % told


def _hint(error: SchemaError) -> str:
    """The schema's own words on how to write it (`x-hint`), if it has any."""
    hint = error.schema.get("x-hint", "") if isinstance(error.schema, dict) else ""
    return f"，{hint}" if hint else ""


def _wrong_type(error: SchemaError) -> str:
    given, wanted = error.instance, error.validator_value
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if number and "string" in names:
        return gettext("“%(given)s”请加引号写成文字%(hint)s") % {"given": given, "hint": _hint(error)}
    if isinstance(given, str) and "integer" in names and given.isdecimal():
        return gettext("“%(given)s”请去掉引号写成整数") % {"given": given}
    if given is None:
        right = _hint(error) or gettext("，应为%(types)s") % {"types": _type_names(names)}
        return gettext("不能为空（null）%(right)s") % {"right": right}
    return gettext("应为%(types)s%(hint)s") % {"types": _type_names(names), "hint": _hint(error)}


def _unknown_fields(error: SchemaError) -> list[str]:
    """The names that are none, each with what was probably meant."""
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    unknown = [str(name) for name in error.instance if name not in known]
    meant = {name: get_close_matches(name, known, 1) for name in unknown}
    asked = gettext("%(name)s（是不是 %(near)s？）")
    return [asked % {"name": name, "near": near[0]} if near else name for name, near in meant.items()]


def _type_names(wanted: list[str]) -> str:
    return gettext("或").join(str(_TYPES.get(name, name)) for name in wanted)


@lru_cache(maxsize=1)
def load_schema() -> dict[str, Any]:
    """The published schema of the exchange format."""
    path = settings.BASE_DIR / "docs" / "schema" / "policies.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def definition(name: str, *inner: str) -> dict[str, Any]:
    """A part of the schema that stands alone: `definition("item", "materials")`."""
    part = load_schema()["$defs"][name]
    for key in inner:
        part = part["properties"][key]
    return {**part, "$defs": load_schema()["$defs"]}


def complaints(schema: dict[str, Any], value: Any) -> Iterator[tuple[str, str]]:
    """Yield (JSON pointer, sentence) for everything wrong with a value, in the order of the value."""
    errors = Draft202012Validator(schema).iter_errors(value)
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        for cause in _causes(error):
            yield pointer(cause.absolute_path), complaint(cause)


def pointer(path: Any) -> str:
    """A JSON pointer of the parts of a path."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _causes(error: SchemaError) -> list[SchemaError]:
    """What is wrong inside an either-or: the branch that the value comes closest to."""
    if error.validator not in ("oneOf", "anyOf") or not error.context:
        return [error]
    branches: dict[int, list[SchemaError]] = {}
    for cause in error.context:
        branches.setdefault(int(cause.relative_schema_path[0]), []).append(cause)
    closest = max(branches.values(), key=lambda causes: _closeness(error.instance, causes))
    return [deepest for cause in closest for deepest in _causes(cause)]


def _closeness(value: Any, causes: list[SchemaError]) -> tuple[int, bool]:
    """How far into the value a branch could follow it; of equals, a number is most likely meant as text."""
    depth = max(len(cause.relative_path) for cause in causes)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = any(cause.validator == "type" and cause.validator_value == "string" for cause in causes)
    return depth, number and text


def _refuse(schema: dict[str, Any], value: Any) -> None:
    wrong = [f"{place or gettext('整体')}：{sentence}" for place, sentence in complaints(schema, value)]
    if wrong:
        raise ValidationError(wrong)


def validate_materials(value: Any) -> None:
    """Refuse a list of materials that the exchange format would refuse."""
    _refuse(definition("item", "materials"), value)


def validate_steps(value: Any) -> None:
    """Refuse a list of steps that the exchange format would refuse."""
    _refuse(definition("item", "steps"), value)


def validate_contacts(value: Any) -> None:
    """Refuse a list of contacts that the exchange format would refuse."""
    _refuse(definition("item", "contacts"), value)


def validate_adaptation(value: Any) -> None:
    """Refuse an `adapted_from` that the exchange format would refuse."""
    _refuse(definition("item", "adapted_from"), value)


def validate_document_source(value: Any) -> None:
    """Refuse a document's `source` that the exchange format would refuse; an empty one passes."""
    if value:
        _refuse(definition("document", "source"), value)


def validate_examples(value: Any) -> None:
    """Refuse a rule's examples that the exchange format would refuse."""
    schema = {"type": "array", "items": definition("example"), "$defs": load_schema()["$defs"]}
    _refuse(schema, value)
