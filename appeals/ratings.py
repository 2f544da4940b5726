"""Stars from three sides, weighted: how good a provider is, and by how many ratings.

A side that has not rated does not count, and the others' weights are taken as the whole. Weights are data
(`RatingWeight`); Yuyao's 30/50/20 to begin with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from appeals.enums import OrderState, Side
from appeals.models import Rating, RatingWeight, WorkOrder
from portal.accounts.models import User
from portal.kernel.errors import DomainError

FINISHED = (OrderState.ANSWERED, OrderState.CLOSED)
"""States in which an order may be rated."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SideScore:
    """What one side gave: `total` stars in `count` ratings."""

    total: int
    count: int

    @property
    def mean(self) -> Fraction:
        """Mean stars."""
        return Fraction(self.total, self.count)

    @property
    def shown(self) -> Decimal:
        """Mean stars with one decimal."""
        return _rounded(self.mean, Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Score:
    """A provider's weighted stars. `exact` is None while nobody whose weight counts has rated."""

    exact: Fraction | None = None
    sides: Mapping[str, SideScore] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Ratings of all sides."""
        return sum(side.count for side in self.sides.values())

    @property
    def most(self) -> int:
        """At least so many orders were rated: a side rates an order once."""
        return max((side.count for side in self.sides.values()), default=0)

    @property
    def stars(self) -> Decimal | None:
        """For reading: two decimals, half a hundredth upwards."""
        return None if self.exact is None else _rounded(self.exact, CENT)

    @property
    def breakdown(self) -> list[tuple[str, SideScore | None]]:
        """Every side with its name, in their order; None for one that has not rated."""
        return [(str(Side(side).label), self.sides.get(side)) for side in Side.values]


def weighted(sides: Mapping[str, SideScore], weights: Mapping[str, int]) -> Score:
    """The weighted mean over the sides that have rated."""
    whole = sum(weights.get(side, 0) for side in sides)
    if not whole:
        return Score(None, sides)
    total = sum((given.mean * weights.get(side, 0) for side, given in sides.items()), Fraction(0))
    return Score(total / whole, sides)


def scores(providers: Iterable[int] | None = None, *, since_lifted: bool = False) -> dict[int, Score]:
    """Scores by provider's id, two queries for any number; who has no rating is not in it.

    `since_lifted` counts only what was given after a warning or removal was lifted.
    """
    given = Rating.objects.order_by()
    if providers is not None:
        given = given.filter(provider__in=list(providers))
    if since_lifted:
        given = given.filter(Q(provider__lifted_at=None) | Q(at__gt=F("provider__lifted_at")))
    sides: dict[int, dict[str, SideScore]] = defaultdict(dict)
    for provider, side, total, count in given.values_list("provider", "side").annotate(
        Sum("stars"), Count("pk")
    ):
        sides[provider][side] = SideScore(total, count)
    weights = dict(RatingWeight.objects.values_list("side", "percent"))
    return {provider: weighted(found, weights) for provider, found in sides.items()}


def score_of(provider: int) -> Score:
    """One provider's score; an empty one without ratings."""
    return scores([provider]).get(provider, Score())


def rate(order: WorkOrder, side: Side, stars: int, comment: str = "", *, by: User) -> Rating:
    """Give the provider of a finished order one to five stars, once a side.

    Raises DomainError when the order is not finished, no provider had it, or the side has rated it. Whether
    `by` speaks for the side is for the view to know.
    """
    if order.provider_id is None or order.state not in FINISHED:
        raise DomainError(_("服务机构办结的工单才能评星，请在办结后再评。"), code="not_rateable")
    if not 1 <= stars <= 5:
        raise DomainError(_("请选择一星到五星。"), code="stars")
    try:
        with transaction.atomic():
            return Rating.objects.create(
                order=order, provider_id=order.provider_id, side=side, stars=stars, comment=comment, by=by
            )
    except IntegrityError as error:
        if "appeals_rating_once" not in str(error):
            raise
        raise DomainError(_("这张工单已经评过，谢谢。"), code="rated") from error


def _rounded(value: Fraction, step: Decimal) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(step, ROUND_HALF_UP)
