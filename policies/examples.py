"""The small cases kept beside a rule: facts in, the verdict that must come out.

Pure: values, a catalogue and public figures in, results out.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from enterprises.catalogue import Catalogue
from enterprises.knowledge import Knowledge
from matching.explaining.sentences import Phrasing
from matching.explaining.wording import reading_text
from matching.plain.context import Context, Figures
from matching.plain.evaluate import Judgement, LeafResult, NodeResult, Verdict, judge
from matching.plain.truth import Truth
from matching.tree import Compare, CredentialTest, FigureRef, Over, Review, RuleTree, leaves
from policies.example_values import CREDENTIALS, inputs_of, knowledge_of_example, read_value
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money, parse_money

__all__ = ["ExampleResult", "knowledge_of_example", "missing_verdicts", "read_value", "try_examples"]

VERDICT_NAMES = {
    Verdict.ELIGIBLE: lazy("符合"),
    Verdict.NEEDS_INFO: lazy("待补充"),
    Verdict.INELIGIBLE: lazy("不符合"),
}
_REASONS = 3
"""How many deciding conditions a message names."""


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
            problem = _difference(example, judgement, catalogue)
        except DomainError as error:
            results.append(ExampleResult(example["name"], position, None, error.message))
            continue
        results.append(ExampleResult(example["name"], position, judgement.verdict, problem))
    return results


def missing_verdicts(
    tree: RuleTree, examples: Sequence[Mapping[str, Any]], catalogue: Catalogue, as_of: dt.date
) -> list[str]:
    """Names of the verdicts that want an example and have none.

    Eligible always; ineligible unless everything is left to people; needs information only where
    knowing nothing of an enterprise leaves the verdict open (a complete list answers by itself).
    """
    wanted = [Verdict.ELIGIBLE]
    nothing = Knowledge.from_values(catalogue, {}, as_of=as_of)
    if judge(tree, nothing, Context(as_of=as_of)).verdict is Verdict.NEEDS_INFO:
        wanted.append(Verdict.NEEDS_INFO)
    if not all(isinstance(leaf, Review) for leaf, _wanted in leaves(tree.conditions)):
        wanted.append(Verdict.INELIGIBLE)
    given = {example.get("verdict") for example in examples}
    return [str(VERDICT_NAMES[verdict]) for verdict in wanted if verdict.value not in given]


def _difference(example: Mapping[str, Any], judgement: Judgement, catalogue: Catalogue) -> str:
    expected, verdict = Verdict(example["verdict"]), judgement.verdict
    if verdict is not expected:
        return _("应为“%(expected)s”，算出“%(found)s”：%(reason)s。") % {
            "expected": VERDICT_NAMES[expected],
            "found": VERDICT_NAMES[verdict],
            "reason": _reason(judgement, catalogue),
        }
    if "open" in example and example["open"] != judgement.open:
        return _("应对其开放，算出未开放。") if example["open"] else _("不应对其开放，算出开放。")
    if example.get("amount"):
        return _amount_difference(example["amount"], judgement)
    return ""


def _amount_difference(written: Sequence[str | None], judgement: Judgement) -> str:
    found = judgement.amount
    if judgement.verdict is Verdict.INELIGIBLE:
        return _("不符合的样例没有金额，请去掉 amount。")
    if found is None:
        return _("规则没有奖补标准（amount 为空），样例请去掉 amount，或给规则补上标准。")
    wanted = tuple(None if text is None else parse_money(text) for text in written)
    if wanted == (found.low, found.high):
        return ""
    return _("金额应为 %(expected)s，算出 %(found)s。") % {
        "expected": " – ".join(_shown(one) for one in wanted),
        "found": " – ".join(_shown(one) for one in (found.low, found.high)),
    }


def _shown(fen: object) -> str:
    """A bound; None is no upper bound, written `null` in an example."""
    return _("上不封顶（null）") if fen is None else format_money(int(fen))  # type: ignore[call-overload]


def _reason(judgement: Judgement, catalogue: Catalogue) -> str:
    """The conditions that decided, with what was known: why it is not what the author expected."""
    if judgement.verdict is Verdict.ELIGIBLE:
        return _("各项条件都满足")
    situation = judgement.situation
    phrasing = Phrasing(catalogue, situation.reference_year, situation.tree.event_fact)
    deciding = list(_deciding(judgement.conditions))
    told = [_told(result, phrasing, catalogue) for result in deciding[:_REASONS]]
    if len(deciding) > _REASONS:
        told.append(_("等 %(count)d 项") % {"count": len(deciding)})
    return "；".join(told)


def _deciding(result: NodeResult) -> Iterator[LeafResult]:
    """The leaves that made a node what it is, where it is not what the rule wants."""
    if result.satisfied is Truth.TRUE:
        return
    if result.leaf is not None:
        yield result.leaf
    for child in result.children:
        if child.satisfied is result.satisfied:
            yield from _deciding(child)


def _told(result: LeafResult, phrasing: Phrasing, catalogue: Catalogue) -> str:
    sentence = phrasing.leaf(result.leaf, result.wanted)
    if isinstance(result.leaf, Review):
        return sentence
    if result.truth is Truth.UNKNOWN:
        missing = _missing(result, phrasing, catalogue)
        return _("不知道是否%(sentence)s（还缺 %(missing)s）") % {"sentence": sentence, "missing": missing}
    found = "、".join(reading_text(catalogue, one) for one in result.readings if one.known is not None)
    without = _("不满足“%(sentence)s”") % {"sentence": sentence}
    return f"{without}（{found}）" if found else without


def _missing(result: LeafResult, phrasing: Phrasing, catalogue: Catalogue) -> str:
    """What to write into the example, by key and year; of derived facts what they are made from."""
    leaf = result.leaf
    if isinstance(leaf, CredentialTest):
        return f"{CREDENTIALS}：{'、'.join(leaf.kinds)}"
    names: list[str] = []
    for one in result.readings:
        if one.known is None:
            name = one.fact if one.year is None else f"{one.fact} {one.year}"
            inputs = inputs_of(catalogue[one.fact], catalogue) if catalogue[one.fact].derived else []
            made_of = {"name": name, "inputs": "、".join(spec.key for spec in inputs)}
            names.append(_("%(name)s（由 %(inputs)s 算出）") % made_of if inputs else name)
    if not names and isinstance(leaf, Compare | Over) and isinstance(leaf.value, FigureRef):
        return _("公布数据%(figure)s在那一天的数值") % {"figure": phrasing.figure(leaf.value)}
    return "、".join(dict.fromkeys(names)) or getattr(leaf, "fact", "")
