"""Stars from three sides and what follows from them: warning, removal, lifting."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from appeals.enums import OrderState, Side, Standing
from appeals.models import Provider, ProviderRule, Rating, RatingWeight
from appeals.ratings import Score, SideScore, rate, score_of, scores, weighted
from appeals.standing import Reviewed, lift, remove, review_standings, warn
from portal.kernel.errors import DomainError
from tests.accounts.factories import UserFactory
from tests.appeals.factories import ProviderFactory
from tests.appeals.finished import finished, rated

WEIGHTS = {"department": 30, "enterprise": 50, "centre": 20}


class TestWeighing:
    """Worked by hand."""

    def score(self, **sides):
        return weighted({side: SideScore(*given) for side, given in sides.items()}, WEIGHTS)

    def test_three_sides(self):
        # 30 % of 4 + 50 % of 4.5 + 20 % of 3 = 1.2 + 2.25 + 0.6
        score = self.score(department=(4, 1), enterprise=(9, 2), centre=(3, 1))
        assert score.stars == Decimal("4.05")
        assert score.count == 4

    def test_a_missing_side_does_not_count(self):
        # (30 · 4 + 20 · 3) / 50 = 3.6
        assert self.score(department=(4, 1), centre=(3, 1)).stars == Decimal("3.60")

    def test_one_side_alone_is_its_mean(self):
        assert self.score(centre=(5, 2)).exact == Fraction(5, 2)

    def test_nobody(self):
        assert self.score() == Score()
        assert Score().stars is None

    def test_half_a_hundredth_goes_up(self):
        # (30 · 3 + 50 · 3 + 20 · 129/40) / 100 = 3.045
        assert self.score(department=(3, 1), enterprise=(3, 1), centre=(129, 40)).stars == Decimal("3.05")

    def test_a_side_without_weight_does_not_count(self):
        sides = {"centre": SideScore(1, 1), "enterprise": SideScore(5, 1)}
        assert weighted(sides, {"enterprise": 50, "centre": 0}).exact == 5
        assert weighted(sides, {}).exact is None

    @given(
        st.dictionaries(
            st.sampled_from(Side.values), st.lists(st.integers(1, 5), min_size=1, max_size=9), min_size=1
        )
    )
    def test_between_the_worst_and_the_best_side(self, stars):
        sides = {side: SideScore(sum(given), len(given)) for side, given in stars.items()}
        means = [side.mean for side in sides.values()]
        assert min(means) <= weighted(sides, WEIGHTS).exact <= max(means)


@pytest.mark.django_db
class TestRating:
    def test_weights_are_data(self):
        provider = ProviderFactory()
        rated(provider, 5), rated(provider, 1, Side.CENTRE)
        assert score_of(provider.pk).exact == Fraction(50 * 5 + 20 * 1, 70)
        RatingWeight.objects.filter(side=Side.CENTRE).update(percent=50)
        assert score_of(provider.pk).exact == 3

    def test_two_queries_for_any_number(self, django_assert_num_queries):
        for _ in range(3):
            rated(ProviderFactory(), 4)
        with django_assert_num_queries(2):
            assert len(scores()) == 3

    @pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.HANDLING])
    def test_not_before_it_is_finished(self, state):
        with pytest.raises(DomainError, match="办结"):
            rate(finished(ProviderFactory(), state), Side.ENTERPRISE, 5, by=UserFactory())

    @pytest.mark.parametrize("stars", [0, 6, -1])
    def test_one_to_five(self, stars):
        order = finished(ProviderFactory())
        with pytest.raises(DomainError, match="一星到五星"):
            rate(order, Side.ENTERPRISE, stars, by=UserFactory())
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.create(order=order, provider=order.provider, side=Side.CENTRE, stars=stars)

    def test_once_a_side(self):
        order = finished(ProviderFactory())
        rate(order, Side.ENTERPRISE, 5, by=UserFactory())
        rate(order, Side.CENTRE, 4, by=UserFactory())
        with pytest.raises(DomainError, match="已经评过"):
            rate(order, Side.ENTERPRISE, 1, by=UserFactory())
        assert order.ratings.count() == 2


@pytest.fixture
def rules(db):
    ProviderRule.objects.filter(standing=Standing.WARNED).update(below="3.00", orders=2)
    ProviderRule.objects.filter(standing=Standing.REMOVED).update(below="2.00", orders=3)


@pytest.mark.usefixtures("rules")
class TestStanding:
    def standing(self, provider):
        provider.refresh_from_db()
        return provider.standing

    def test_too_few_orders_are_no_reason(self):
        provider = ProviderFactory()
        rated(provider, 1)
        assert review_standings() == Reviewed()

    def test_exactly_at_the_bound_is_not_below_it(self):
        provider = ProviderFactory()
        rated(provider, 3), rated(provider, 3)
        assert review_standings() == Reviewed()

    def test_below_it_is_a_warning_once(self):
        provider = ProviderFactory()
        rated(provider, 3), rated(provider, 2)
        assert review_standings() == Reviewed(warned=1)
        assert review_standings() == Reviewed()
        assert self.standing(provider) == Standing.WARNED
        assert "2.50" in provider.standing_reason
        event = provider.events.get()
        assert (event.name, event.actor) == ("warn", None)

    def test_worse_is_removal_and_a_warning_does_not_replace_it(self):
        provider = ProviderFactory()
        rated(provider, 1), rated(provider, 2)
        review_standings()
        rated(provider, 1)
        assert review_standings() == Reviewed(removed=1)
        assert review_standings() == Reviewed()
        assert [event.name for event in provider.events.all()] == ["warn", "remove"]

    def test_lifted_it_is_judged_by_what_follows(self):
        provider = ProviderFactory()
        rated(provider, 1), rated(provider, 1), rated(provider, 1)
        review_standings()
        assert self.standing(provider) == Standing.REMOVED
        official = UserFactory()
        lift(provider, "整改到位，准予恢复", by=official)
        assert self.standing(provider) == Standing.ACTIVE
        assert review_standings() == Reviewed()
        assert provider.events.latest("pk").actor == official
        rated(provider, 1), rated(provider, 1)
        assert review_standings() == Reviewed(warned=1)

    def test_not_without_a_reason(self):
        provider = ProviderFactory()
        for step in (warn, remove):
            with pytest.raises(DomainError, match="原因"):
                step(provider, " ", by=UserFactory())
        warn(provider, "超时", by=UserFactory())
        with pytest.raises(DomainError, match="理由"):
            lift(provider, "", by=UserFactory())

    def test_the_database_keeps_the_order(self):
        provider = ProviderFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            Provider.objects.filter(pk=provider.pk).update(standing=Standing.WARNED)
        remove(provider, "违规收费", by=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            Provider.objects.filter(pk=provider.pk).update(standing=Standing.WARNED, standing_reason="x")
