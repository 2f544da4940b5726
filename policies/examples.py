"""The small cases kept beside a rule: facts in, the verdict that must come out.

Pure: values, a catalogue and public figures in, results out.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, FactSpec, Kind, Value
from enterprises.knowledge import CredentialRecord, Knowledge
from matching.context import Context, Figures
from matching.evaluate import Interval, Verdict, judge
from matching.tree import RuleTree
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money, parse_money
from portal.kernel.numbers import parse_decimal

VERDICT_NAMES = {
    Verdict.ELIGIBLE: "符合",
    Verdict.NEEDS_INFO: "待补充",
    Verdict.INELIGIBLE: "不符合",
}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example tried: `problem` is empty when it came out as written."""

    name: str
    position: int
    verdict: Verdict | None
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem


def try_examples(
    tree: RuleTree,
    examples: Sequence[Mapping[str, Any]],
    *,
    catalogue: Catalogue,
    as_of: dt.date,
    figures: Figures | None = None,
    region: str = "",
) -> list[ExampleResult]:
    """Judge every example; `as_of` serves those that name no day."""
    results = []
    for position, example in enumerate(examples):
        day = dt.date.fromisoformat(example["as_of"]) if example.get("as_of") else as_of
        context = Context(as_of=day, figures=figures or Figures(), region=region)
        try:
            knowledge = knowledge_of_example(example, catalogue, day)
            judgement = judge(tree, knowledge, context)
        except DomainError as error:
            results.append(ExampleResult(example["name"], position, None, error.message))
            continue
        problem = _difference(example, judgement.verdict, judgement.open, judgement.amount)
        results.append(ExampleResult(example["name"], position, judgement.verdict, problem))
    return results


def knowledge_of_example(example: Mapping[str, Any], catalogue: Catalogue, as_of: dt.date) -> Knowledge:
    """What an example says is known. Raises DomainError for a fact or value that makes no sense."""
    values: dict[str, Any] = {}
    for key, given in {**example.get("facts", {}), **example.get("claims", {})}.items():
        if key == "credentials":
            values[key] = [_credential(one, catalogue) for one in given]
            continue
        spec = _spec(key, catalogue)
        if spec.periodic:
            if not isinstance(given, Mapping):
                raise DomainError(_("样例指标“%(fact)s”按年取值，请写成 年份: 值。") % {"fact": spec.label})
            values[key] = {int(year): read_value(spec, one, catalogue) for year, one in given.items()}
        else:
            values[key] = read_value(spec, given, catalogue)
    return Knowledge.from_values(catalogue, values, as_of=as_of)


def read_value(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    """A value as an example writes it, in canonical form. Raises DomainError."""
    if given == "n/a":
        return NOT_APPLICABLE
    try:
        return _READERS[spec.kind](spec, given, catalogue)
    except DomainError:
        raise
    except (ValueError, TypeError, KeyError) as error:
        raise DomainError(
            _("样例指标“%(fact)s”的值“%(value)s”不对。") % {"fact": spec.label, "value": given}
        ) from error


def _spec(key: str, catalogue: Catalogue) -> FactSpec:
    if key not in catalogue:
        raise DomainError(_("样例用到没有登记的指标“%(key)s”。") % {"key": key})
    spec = catalogue[key]
    if spec.derived:
        raise DomainError(_("样例指标“%(fact)s”由其他指标算出，请写它所依据的指标。") % {"fact": spec.label})
    return spec


def _read_number(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    return spec.from_scaled(spec.to_scaled(_exact(given)))


def _exact(given: Any) -> Fraction:
    if not isinstance(given, str):
        raise TypeError(given)
    return Fraction(parse_decimal(given))


def _read_bool(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    if not isinstance(given, bool):
        raise TypeError(given)
    return given


def _read_choice(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    spec.rank(given)
    return str(given)


def _read_choices(spec: FactSpec, given: Any, catalogue: Catalogue) -> Value:
    if not isinstance(given, list):
        raise TypeError(given)
    for one in given:
        spec.rank(one)
    return frozenset(given)


_READERS = {
    Kind.MONEY: lambda spec, given, catalogue: parse_money(given, unit=spec.unit or "元"),
    Kind.NUMBER: _read_number,
    Kind.PERCENT: _read_number,
    Kind.INTEGER: _read_number,
    Kind.BOOL: _read_bool,
    Kind.DATE: lambda spec, given, catalogue: dt.date.fromisoformat(given),
    Kind.CHOICE: _read_choice,
    Kind.CHOICES: _read_choices,
    Kind.CODE: lambda spec, given, catalogue: catalogue.canonical_code(spec.key, given),
}


def _credential(given: Any, catalogue: Catalogue) -> CredentialRecord:
    data = {"kind": given} if isinstance(given, str) else dict(given)
    if data["kind"] not in catalogue.credential_kinds:
        raise DomainError(_("样例用到没有登记的资质“%(kind)s”。") % {"kind": data["kind"]})
    return CredentialRecord(
        kind=data["kind"],
        level=data.get("level", ""),
        first_obtained=_day(data.get("first_obtained")),
        valid_from=_day(data.get("valid_from")),
        valid_to=_day(data.get("valid_to")),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _difference(example: Mapping[str, Any], verdict: Verdict, opened: bool, amount: Interval | None) -> str:
    expected = Verdict(example["verdict"])
    if verdict is not expected:
        return _("应为“%(expected)s”，算出“%(found)s”。") % {
            "expected": VERDICT_NAMES[expected],
            "found": VERDICT_NAMES[verdict],
        }
    if "open" in example and example["open"] != opened:
        return _("应对其开放，算出未开放。") if example["open"] else _("不应对其开放，算出开放。")
    if example.get("amount"):
        wanted = tuple(None if text is None else parse_money(text) for text in example["amount"])
        found = (amount.low, amount.high) if amount else (None, None)
        if wanted != found:
            return _("金额应为 %(expected)s，算出 %(found)s。") % {
                "expected": " – ".join(_shown(one) for one in wanted),
                "found": " – ".join(_shown(one) for one in found),
            }
    return ""


def _shown(fen: Fraction | int | None) -> str:
    return _("不定") if fen is None else format_money(int(fen))
