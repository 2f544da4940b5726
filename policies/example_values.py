"""The values an example gives: as its author writes them, into canonical form, or why not."""

import datetime as dt
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, FactSpec, Kind, Scope, Value
from enterprises.derived import DERIVED
from enterprises.knowledge import CredentialRecord, Knowledge
from portal.kernel.errors import DomainError
from portal.kernel.money import parse_money
from portal.kernel.nearness import hint
from portal.kernel.numbers import half_width, parse_decimal

CREDENTIALS = "credentials"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)
_CREDENTIAL_DATES = ("first_obtained", "valid_from", "valid_to")


def knowledge_of_example(example: Mapping[str, Any], catalogue: Catalogue, as_of: dt.date) -> Knowledge:
    """What an example says is known. Raises DomainError for a fact or value that makes no sense."""
    values: dict[str, Any] = {}
    for part in ("facts", "claims"):
        for key, given in example.get(part, {}).items():
            if key == CREDENTIALS and part == "facts":
                values[key] = _credentials(given, catalogue)
            else:
                values[key] = _value(_spec(key, part, catalogue), given, catalogue)
    return Knowledge.from_values(catalogue, values, as_of=as_of)


def read_value(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    """A value as an example writes it, in canonical form. Raises DomainError that says how to write it."""
    if given == "n/a":
        return NOT_APPLICABLE
    if isinstance(given, int) and not isinstance(given, bool) and spec.kind is not Kind.BOOL:
        raise DomainError(
            _("样例指标“%(fact)s”的值“%(value)s”请加引号写成文字。") % {"fact": spec.label, "value": given}
        )
    try:
        return _READERS[spec.kind](spec, given, catalogue)
    except (DomainError, ValueError, TypeError, KeyError) as error:
        raise DomainError(
            _("样例指标“%(fact)s”的值“%(value)s”不对，%(form)s。")
            % {"fact": spec.label, "value": given, "form": _form(spec)}
        ) from error


def inputs_of(spec: FactSpec, catalogue: Catalogue) -> list[FactSpec]:
    """The facts that a derived fact is made from, each once."""
    keys = dict.fromkeys(source.key for source in DERIVED[spec.key].inputs)
    return [catalogue[key] for key in keys if key in catalogue]


def _value(spec: FactSpec, given: Any, catalogue: Catalogue) -> Any:
    if not spec.periodic or spec.scope is Scope.CLAIM:
        if isinstance(given, Mapping):
            raise DomainError(_("样例指标“%(fact)s”没有年度之分，请直接写值。") % {"fact": spec.label})
        return read_value(spec, given, catalogue)
    if not isinstance(given, Mapping) or not all(_YEAR.fullmatch(str(year)) for year in given):
        raise DomainError(
            _("样例指标“%(fact)s”按年取值，请写成 年份: 值，如 {“2025”: …}。") % {"fact": spec.label}
        )
    return {int(year): read_value(spec, one, catalogue) for year, one in given.items()}


def _spec(key: str, part: str, catalogue: Catalogue) -> FactSpec:
    """The fact, if it may stand in this part of an example."""
    if key not in catalogue:
        labels = {spec.key: spec.label for spec in catalogue.values()}
        raise DomainError(_("样例用到没有登记的指标“%(key)s”。") % {"key": key} + hint(key, labels))
    spec = catalogue[key]
    if spec.derived:
        inputs = "、".join(f"{one.key}（{one.label}）" for one in inputs_of(spec, catalogue))
        raise DomainError(
            _("样例指标“%(fact)s”由其他指标算出，请改写它所依据的：%(inputs)s。")
            % {"fact": spec.label, "inputs": inputs}
        )
    belongs = "claims" if spec.scope is Scope.CLAIM else "facts"
    if part != belongs:
        raise DomainError(
            _("样例指标“%(fact)s”（%(key)s）请写在 %(belongs)s 里，不是 %(part)s。")
            % {"fact": spec.label, "key": key, "belongs": belongs, "part": part}
        )
    return spec


def _form(spec: FactSpec) -> str:
    """How a value of the fact is written, in words."""
    choices = "、".join(f"{value}（{label}）" for value, label in spec.choices)
    return {
        Kind.MONEY: _("请写明单位，如 “2000 万元”或 “3000 元”"),
        Kind.NUMBER: _("请写数字，如 “2.5”（%(unit)s）"),
        Kind.INTEGER: _("请写整数，如 “12”（%(unit)s）"),
        Kind.PERCENT: _("请写数字，如 “5.5”，单位是 %(unit)s"),
        Kind.BOOL: _("只能是 true 或 false，不加引号"),
        Kind.DATE: _("请写成 2024-02-28 这样的日期"),
        Kind.CHOICE: _("可选：%(choices)s"),
        Kind.CHOICES: _("应为列表，可选：%(choices)s"),
        Kind.CODE: _("应为代码，如注册地 “500231”、行业 “3670”"),
    }[spec.kind] % {"unit": spec.unit or _("无单位"), "choices": choices}


def _read_number(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    text = half_width(_text(given))
    number = text.removesuffix(half_width(spec.unit)) if spec.unit else text
    return spec.from_scaled(spec.to_scaled(Fraction(parse_decimal(number))))


def _read_money(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    return parse_money(_text(given), unit="")


def _read_bool(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    if not isinstance(given, bool):
        raise TypeError(given)
    return given


def _read_date(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    return _day(given)


def _read_choice(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    spec.rank(_text(given))
    return str(given)


def _read_choices(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    if not isinstance(given, list):
        raise TypeError(given)
    for one in given:
        spec.rank(_text(one))
    return frozenset(given)


def _read_code(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    return catalogue.canonical_code(spec.key, _text(given))


_READERS = {
    Kind.MONEY: _read_money,
    Kind.NUMBER: _read_number,
    Kind.PERCENT: _read_number,
    Kind.INTEGER: _read_number,
    Kind.BOOL: _read_bool,
    Kind.DATE: _read_date,
    Kind.CHOICE: _read_choice,
    Kind.CHOICES: _read_choices,
    Kind.CODE: _read_code,
}


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(given)
    return given


def _day(given: Any) -> dt.date:
    if not _DAY.fullmatch(_text(given)):
        raise ValueError(given)
    return dt.date.fromisoformat(given)


def _credentials(given: Any, catalogue: Catalogue) -> list[CredentialRecord]:
    if not isinstance(given, list):
        raise DomainError(_("样例的 credentials 应为列表，如 [high_tech]；都没有写 []，不清楚就不写。"))
    return [_credential(one, catalogue) for one in given]


def _credential(given: Any, catalogue: Catalogue) -> CredentialRecord:
    data = {"kind": given} if isinstance(given, str) else dict(given)
    kinds = catalogue.credential_kinds
    if data["kind"] not in kinds:
        labels = {key: kind.label for key, kind in kinds.items()}
        unknown = _("样例用到没有登记的资质“%(kind)s”。") % {"kind": data["kind"]}
        raise DomainError(unknown + hint(data["kind"], labels))
    try:
        first_obtained, valid_from, valid_to = (
            _day(data[key]) if data.get(key) else None for key in _CREDENTIAL_DATES
        )
    except ValueError as error:
        raise DomainError(_("样例资质的日期请写成 2024-02-28 这样的日期。")) from error
    return CredentialRecord(data["kind"], data.get("level", ""), first_obtained, valid_from, valid_to)
