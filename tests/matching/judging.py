"""Short words for the plain evaluator's answers, for the tests of what rules mean."""

from typing import Any

from enterprises.catalogue import Purpose
from matching.batch.results import Match
from matching.parse import parse_rule
from matching.plain.context import Context
from matching.plain.evaluate import Judgement, Verdict, judge
from matching.plain.truth import Truth
from tests.matching.strategies import AS_OF, CATALOGUE, FIGURES, knowledge_of_values

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
WAN = 1_000_000
PASS = {"fact": "above_scale", "op": "=", "value": True}
NO = {"fact": "above_scale", "op": "=", "value": False}
FIVE = {"fixed": "5", "unit": "万元"}


def as_match(enterprise_id: int, judgement: Judgement) -> Match | None:
    """The judgement in the form of a batch result; None when ineligible."""
    if judgement.verdict is Verdict.INELIGIBLE:
        return None
    amount = judgement.amount
    return Match(
        enterprise_id,
        judgement.verdict is Verdict.ELIGIBLE,
        judgement.open,
        None if amount is None else int(amount.low),
        None if amount is None or amount.high is None else int(amount.high),
        amount is not None and amount.computable,
        amount is not None and amount.upto,
    )


def judged(conditions: Any, amount: Any, values: dict[str, Any], **context: Any) -> Judgement:
    tree = parse_rule(
        conditions,
        amount,
        catalogue=CATALOGUE,
        reference_year=context.pop("fixed", None),
        event_fact="above_scale_first_year",
    )
    purpose = context.get("purpose", Purpose.SHOW)
    given = Context(AS_OF, figures=FIGURES, region=context.pop("region", "500231"), **context)
    return judge(tree, knowledge_of_values(values, purpose), given)


def truth(conditions: Any, values: dict[str, Any], **context: Any) -> Truth:
    """The truth, checked to be turned round by `not` (a review apart)."""
    plain = judged(conditions, None, values, **context).conditions.truth
    turned = judged({"not": conditions}, None, values, **context).conditions.truth
    assert turned is ~plain
    return plain


def amount(node: Any, values: dict[str, Any], **context: Any) -> Any:
    result = judged(PASS, node, {"above_scale": True} | values, **context).amount
    assert result is not None
    return result


def bounds(node: Any, values: dict[str, Any], **context: Any) -> tuple[Any, Any]:
    interval = amount(node, values, **context)
    return interval.low, interval.high


def revenue(op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": "revenue", "period": "Y-1", "op": op, "value": value, "unit": "万元"} | more
