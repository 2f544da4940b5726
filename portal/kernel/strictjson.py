"""JSON as people send it, read strictly: what no database or exact number can hold is refused, not bent."""

import json
import re
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, and halves of a character that JSON can escape singly: PostgreSQL takes neither."""


def read_json(text: str) -> Any:
    """The data of a JSON text.

    Raises DomainError, with the place where it can, for what is no JSON, for numbers with a fraction or an
    exponent, NaN and infinity, for a key that comes twice, and for text that cannot be stored.
    """
    try:
        data = json.loads(
            text, object_pairs_hook=_distinct, parse_float=_refuse_float, parse_constant=_refuse_float
        )
    except json.JSONDecodeError as error:
        raise DomainError(
            _("第 %(line)d 行第 %(column)d 列：不是有效的 JSON。")
            % {"line": error.lineno, "column": error.colno},
            code="syntax",
        ) from error
    except ValueError as error:
        raise DomainError(_("有一个整数太大，请核对。"), code="number_too_large") from error
    except RecursionError as error:
        raise DomainError(_("嵌套太深，请检查括号或缩进。"), code="too_deep") from error
    if (place := unstorable(data)) is not None:
        raise DomainError(f"{place or '/'}：{no_such_text()}", code="unstorable")
    return data


def unstorable(data: Any) -> str | None:
    """JSON pointer of a text (or of the key) that no database takes; None when all can be stored."""
    waiting = [("", data)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and _UNSTORABLE.search(value):
            return place
        if isinstance(value, dict):
            if any(isinstance(key, str) and _UNSTORABLE.search(key) for key in value):
                return place
            waiting += [(f"{place}/{key}", child) for key, child in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}/{index}", child) for index, child in enumerate(value)]
    return None


def no_such_text() -> str:
    """What to say of the place that `unstorable` names."""
    return _("含有无法保存的字符（空字符或半个字符），请删除后重新填写。")


def no_float(text: str) -> str:
    """What to say of a number that would be read as a float."""
    return _("“%(text)s”请加引号写成文字：数字不能含小数点或指数，以免失真。") % {"text": text[:40]}


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DomainError(_("字段“%(key)s”重复。") % {"key": key}, code="duplicate_key")
        found[key] = value
    return found


def _refuse_float(text: str) -> NoReturn:
    raise DomainError(no_float(text), code="float")
