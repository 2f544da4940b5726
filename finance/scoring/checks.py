"""What a card must be before anybody is scored by it, in words. The database checks it again."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue, Kind, Scope
from finance.scoring.card import CREDENTIALS, SCORED_KINDS, Card, Characteristic
from finance.scoring.enums import Dimension, Monotone
from finance.scoring.figures import shown


def shortcomings(card: Card, catalogue: Catalogue) -> list[str]:
    """What is wrong with a card, each with what to do; empty when it may be published."""
    return [*_of_dimensions(card), *(word for one in card.characteristics for word in _of(one, catalogue))]


def _of_dimensions(card: Card) -> Iterator[str]:
    for dimension in Dimension:
        spread = sum(one.most - one.least for one in card.of_dimension(dimension) if one.bins)
        if spread != card.weights[dimension] * 100:
            yield _("“%(name)s”各项最高与最低分之差合计 %(spread)s 分，与权重 %(weight)d 不一致。") % {
                "name": dimension.label,
                "spread": shown(spread),
                "weight": card.weights[dimension],
            }
    lost = sum(one.least for one in card.characteristics if one.bins)
    if card.base + lost != 0:
        yield _("起评分应为 %(base)s 分，使最低为 0 分、最高为 100 分。") % {"base": shown(-lost)}


def _of(one: Characteristic, catalogue: Catalogue) -> Iterator[str]:
    named = {"label": one.label}
    if not one.bins:
        yield _("“%(label)s”没有分档。") % named
        return
    if not one.least <= 0 <= one.most:
        yield _("“%(label)s”须有不加分的一档和不减分的一档：资料缺失时不加不减。") % named
    if len({each.values is None for each in one.bins}) > 1:
        yield _("“%(label)s”的分档有的写上下限、有的写取值，请统一。") % named
        return
    wanted = _wanted(one, catalogue)
    if wanted is None:
        yield _("“%(label)s”的指标不能用来评分。") % named
    elif one.takes_figures != (wanted == frozenset()) and one.fact != CREDENTIALS:
        yield _("“%(label)s”的分档与指标类型不符：数值写上下限，其他写取值。") % named
    elif one.takes_figures:
        yield from _of_figures(one)
    else:
        yield from _of_values(one, wanted)
    if one.fact == CREDENTIALS:
        yield from _of_kinds(one, catalogue)


def _wanted(one: Characteristic, catalogue: Catalogue) -> frozenset[str] | None:
    """The values that bins must name, none of figures; None where the fact may not count."""
    if one.fact == CREDENTIALS:
        return one.kinds
    spec = catalogue[one.fact]
    if spec.kind not in SCORED_KINDS or spec.scope is not Scope.ENTERPRISE:
        return None
    if spec.kind is Kind.BOOL:
        return frozenset({"true", "false"})
    return frozenset(spec.choice_values)


def _of_figures(one: Characteristic) -> Iterator[str]:
    named = {"label": one.label}
    ends = [one.bins[0].lower, *(each.upper for each in one.bins)]
    begins = [*(each.lower for each in one.bins), one.bins[-1].upper]
    if one.bins[0].lower is not None or one.bins[-1].upper is not None or ends != begins:
        yield _("“%(label)s”的分档有空档或重叠：须从不限到不限首尾相接。") % named
    points = [each.points for each in one.bins]
    if (one.monotone == Monotone.RISING and points != sorted(points)) or (
        one.monotone == Monotone.FALLING and points != sorted(points, reverse=True)
    ):
        yield _("“%(label)s”的分值没有按声明的方向单调变化。") % named


def _of_values(one: Characteristic, wanted: frozenset[str]) -> Iterator[str]:
    named = {"label": one.label}
    if one.monotone:
        yield _("“%(label)s”不是数值指标，不能声明单调。") % named
    told = [value for each in one.bins for value in each.values or ()]
    if len(set(told)) < len(told) or sum(1 for each in one.bins if not each.values) > 1:
        yield _("“%(label)s”有取值落在两档里。") % named
    if not wanted.issuperset(told):
        yield _("“%(label)s”的取值不在指标的选项中：%(values)s。") % {
            **named,
            "values": "、".join(sorted(set(told) - wanted)),
        }
    if all(each.values for each in one.bins) and not wanted.issubset(told):
        yield _("“%(label)s”有取值不落在任何一档：请补一档“其他”（取值留空）。") % named


def _of_kinds(one: Characteristic, catalogue: Catalogue) -> Iterator[str]:
    for kind in sorted(one.kinds):
        spec = catalogue.credential_kinds.get(kind)
        if spec is None or not spec.complete:
            yield _("“%(label)s”用到的资质 %(kind)s 没有完整名单，没有记录不等于没有。") % {
                "label": one.label,
                "kind": kind,
            }
    if all(each.values for each in one.bins):
        yield _("“%(label)s”缺“没有这些资质”的一档（取值留空）。") % {"label": one.label}
