"""What all parts of the parser share: errors by JSON pointer, strict fields, strict JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from enterprises.catalogue import Catalogue, FactSpec
from portal.kernel.errors import DomainError
from portal.kernel.nearness import hint
from portal.kernel.strictjson import no_such_text, unstorable

T = TypeVar("T")

RESERVED = {
    "each": lazy("逐行计算（each）将在后续版本提供，目前请用 per … of 按人数或件数计算。"),
    "payee": lazy("直接发给个人（payee）将在后续版本提供，目前请用 text 说明。"),
}
COMMON = frozenset({"clause", "note"})
"""Keys any node may carry; `note` is for the author and means nothing."""
_WHOLE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class RuleError:
    """One thing wrong in a rule: where (a JSON pointer) and what to do about it, in Chinese."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or '/'}：{self.message}"


class RuleErrors(DomainError):  # noqa: N818 -- many errors in one
    """A rule is refused whole; `errors` names each place."""

    code = "rule_refused"

    def __init__(self, errors: Collection[RuleError]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class Refused(Exception):  # noqa: N818 -- never leaves the parser
    """One node cannot be read; caught at the nearest place that can go on."""

    def __init__(self, path: str, message: str) -> None:
        self.error = RuleError(path, message)
        super().__init__(message)


def refuse(path: str, message: str) -> NoReturn:
    raise Refused(path, message)


@dataclass
class Reader:
    """State of one parse: the catalogue, whether E means anything, the errors found so far."""

    catalogue: Catalogue
    event_fact: str | None = None
    errors: list[RuleError] = field(default_factory=list)

    def attempt(self, parse: Callable[..., T], *arguments: Any) -> T:
        """The parsed part; a refusal is noted and parsing goes on to find the next one.

        The None that then stands in the tree is never seen: `parse_rule` raises at the end.
        """
        try:
            return parse(self, *arguments)
        except Refused as refused:
            self.errors.append(refused.error)
            return None  # type: ignore[return-value]

    def each(self, parse: Callable[..., T], entries: list[Any], path: str) -> list[T]:
        """Every entry parsed; raises Refused for the last one that cannot be, the others are noted."""
        found: list[T] = []
        refusals: list[Refused] = []
        for index, entry in enumerate(entries):
            try:
                found.append(parse(self, entry, f"{path}/{index}"))
            except Refused as refused:
                refusals.append(refused)
        if refusals:
            self.errors += [refused.error for refused in refusals[:-1]]
            raise refusals[-1]
        return found

    def fact(self, key: Any, path: str) -> FactSpec:
        if not isinstance(key, str) or key not in self.catalogue:
            labels = {spec.key: spec.label for spec in self.catalogue.values()}
            refuse(path, _("没有登记指标“%(key)s”。") % {"key": key} + hint(key, labels))
        return self.catalogue[key]


def check_keys(node: Any, path: str, allowed: Collection[str]) -> dict[str, Any]:
    """The node as an object with no other keys than these and the common ones."""
    if not isinstance(node, dict):
        refuse(path, _("这里应是一个对象，如 {“fact”: …}。"))
    for key in node:
        if key in RESERVED:
            refuse(f"{path}/{key}", str(RESERVED[key]))
        if key not in allowed and key not in COMMON:
            known = "、".join(sorted(allowed))
            refuse(
                f"{path}/{pointer(key)}",
                _("这里不认识“%(key)s”，请检查拼写；可写：%(known)s。") % {"key": key, "known": known},
            )
    return node


def need(node: dict[str, Any], key: str, path: str) -> Any:
    if key not in node:
        refuse(path, _("缺少“%(key)s”。") % {"key": key})
    return node[key]


def list_of(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        refuse(path, _("这里应是至少一项的列表。"))
    return value


def flag(node: dict[str, Any], key: str, path: str) -> bool:
    value = node.get(key, False)
    if not isinstance(value, bool):
        refuse(f"{path}/{key}", _("“%(key)s”只能是 true 或 false。") % {"key": key})
    return value


def whole_number(value: Any, path: str) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        refuse(path, _("这里应是整数。"))
    return value


def pointer(key: str) -> str:
    """A key escaped for a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def clause_of(node: dict[str, Any], path: str) -> str:
    """The words a node rests on: text, or an object of document, article and quote."""
    clause = node.get("clause", "")
    if isinstance(clause, dict):
        parts = check_keys(clause, f"{path}/clause", {"document", "article", "quote"})
        if not all(isinstance(part, str) for part in parts.values()):
            refuse(f"{path}/clause", _("条款的文号、条目和原文都应是文字。"))
        place = " ".join(parts[key] for key in ("document", "article") if parts.get(key))
        quote = f"“{parts['quote']}”" if parts.get("quote") else ""
        return "：".join(part for part in (place, quote) if part)
    if not isinstance(clause, str):
        refuse(f"{path}/clause", _("条款应是文字。"))
    return clause


def load_json(text: str) -> Any:
    """Strict JSON: no NaN, no infinity, no exponents that overflow, no key twice. Raises RuleErrors.

    Fractions come back as `Decimal`, so that no binary float is ever seen.
    """

    def no_constant(name: str) -> NoReturn:
        raise RuleErrors([RuleError("", _("“%(name)s”不是数字。") % {"name": name})])

    def number(literal: str) -> Decimal:
        if "e" in literal.lower():
            no_constant(literal)
        return Decimal(literal)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            twice = next(key for key, _value in pairs if [k for k, _v in pairs].count(key) > 1)
            message = _("同一个对象里“%(key)s”写了两次。") % {"key": twice}
            raise RuleErrors([RuleError("", message)])
        return result

    try:
        data = json.loads(text, parse_float=number, parse_constant=no_constant, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        message = _("不是有效的 JSON：%(error)s") % {"error": error}
        raise RuleErrors([RuleError("", message)]) from None
    if (place := unstorable(data)) is not None:
        raise RuleErrors([RuleError(place, no_such_text())])
    return data
