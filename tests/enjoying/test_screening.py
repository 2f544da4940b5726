"""Who is taken out although the rule fits, and how budget and quota are given out at their very boundary."""

import pytest
from django.db import transaction

from enterprises.catalogue import Tier
from enterprises.models.enterprise import Status
from policies.applying import drafts
from policies.enjoying import confirming
from policies.enjoying.screening import in_order
from policies.models import BudgetLine, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState, Place
from policies.money.awards import NewAward, make_awards
from policies.services import withdraw
from portal.kernel.errors import DomainError
from tests.enjoying import factories as make
from tests.enjoying.taken import grant
from tests.enterprises.factories import give_value
from tests.money.factories import Desk
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


def codes(run, enterprise) -> list[str]:
    one = make.candidate(run, enterprise)
    assert one.place == Place.OUT
    return [reason["code"] for reason in one.reasons]


def award(version, enterprise, fen=1_000_000, **changes):
    return grant(owed(version, enterprise, fen, **changes), at=make.now())


def owed(version, enterprise, fen=1_000_000, **changes):
    given = {
        "item": version.item_id,
        "enterprise": enterprise.pk,
        "period": make.now().year,
        "version": version.pk,
        "amount_fen": fen,
        "evidence": {},
        "exclusivity_group": version.exclusivity_group,
    }
    return NewAward(**given | changes)


@pytest.mark.parametrize("fact", ["abnormal_list", "serious_dishonest", "wage_arrears", "tax_arrears"])
def test_bad_credit_is_out_with_its_name(fact):
    bad, good = make.firm(**{fact: True}), make.firm(**{fact: False})
    run = make.listed()
    assert codes(run, bad) == [fact]
    assert make.candidate(run, good).place == Place.IN


def test_what_an_enterprise_says_against_itself_is_no_record():
    enterprise = make.firm()
    give_value(enterprise, "abnormal_list", scaled=1, tier=Tier.DECLARED)
    assert make.candidate(make.listed(), enterprise).place == Place.IN


def test_out_of_business_is_on_no_list():
    enterprise = make.firm()
    enterprise.status = Status.REVOKED
    enterprise.save()
    assert not make.listed().candidates.exists()


def test_awarded_already_is_out_and_another_year_is_not():
    version = make.version()
    had, before = make.firm(), make.firm()
    award(version, had)
    award(version, before, period=make.now().year - 1)
    run = make.listed(version)
    assert codes(run, had) == ["awarded"]
    assert make.candidate(run, before).place == Place.IN


def test_the_higher_of_a_group_is_enjoyed_once():
    other = make.version(exclusivity_group="g")
    had, none = make.firm(), make.firm()
    award(other, had)
    run = make.listed(make.version(exclusivity_group="g"))
    assert codes(run, had) == ["exclusive"]
    assert "差额" in make.candidate(run, had).words
    assert make.candidate(run, none).place == Place.IN
    assert make.candidate(make.listed(make.version(exclusivity_group="h")), had).place == Place.IN


def test_on_two_lists_of_a_group_the_higher_one_stays():
    enterprise = make.firm()
    high = make.listed(make.version(exclusivity_group="g", rule_amount={"fixed": "20", "unit": "万元"}))
    low = make.listed(make.version(exclusivity_group="g"))
    assert make.candidate(high, enterprise).place == Place.IN
    assert codes(low, enterprise) == ["exclusive"]
    higher = make.listed(make.version(exclusivity_group="g", rule_amount={"fixed": "30", "unit": "万元"}))
    assert make.candidate(higher, enterprise).place == Place.IN


def test_an_application_in_hand_is_out():
    version = make.version()
    enterprise, almost = make.firm(), make.firm(None)
    first = make.offered(version)
    application = drafts.start(make.actor_for(almost), version, at=make.now())
    confirming.cancel(first, "重新筛", by=make.reviewer(), at=make.now())
    make.hire(almost, 20)
    run = make.listed(version)
    assert codes(run, almost) == ["applied"]
    assert application.number in make.candidate(run, almost).words
    assert make.candidate(run, enterprise).place == Place.IN


class TestRoom:
    def test_quota_at_its_boundary(self):
        firms = [make.firm() for _number in range(3)]
        run = make.listed(make.version(quota=2))
        ranked = in_order(run.version, run.period, [firm.uscc for firm in firms])
        inside = run.candidates.filter(place=Place.IN).order_by("rank")
        assert list(inside.values_list("enterprise__uscc", flat=True)) == ranked[:2]
        assert run.candidates.get(place=Place.OUT).reasons[0]["code"] == "quota"

    @pytest.mark.parametrize(("fen", "inside"), [(2 * make.TEN_WAN, 2), (2 * make.TEN_WAN - 1, 1), (0, 0)])
    def test_budget_at_its_boundary(self, fen, inside):
        for _number in range(3):
            make.firm()
        run = make.listed(make.version(budget_fen=fen))
        assert run.candidates.filter(place=Place.IN).count() == inside
        assert {one.reasons[0]["code"] for one in run.candidates.filter(place=Place.OUT)} == {"budget"}

    def test_what_was_given_before_counts(self):
        version = make.version(budget_fen=2 * make.TEN_WAN, quota=2)
        had = make.firm()
        award(version, had, make.TEN_WAN)
        make.firm(), make.firm()
        run = make.listed(version)
        assert run.candidates.filter(place=Place.IN).count() == 1

    def test_the_budget_line_of_the_year_bounds_it_with_what_it_owes_others(self):
        version, other = make.version(), make.version()
        line = BudgetLine.objects.create(
            code="Z-1",
            label="奖补",
            year=make.now().year,
            department=policies.economy(),
            appropriated_fen=2 * make.TEN_WAN,
        )
        line.items.set([version.item, other.item])
        award(other, make.firm(3), make.TEN_WAN)
        make.firm(), make.firm()
        run = make.listed(version)
        assert run.candidates.filter(place=Place.IN).count() == 1

    def test_what_is_in_a_batch_but_not_released_is_not_free(self):
        other = make.version()
        desk = Desk(version=other)
        version, line = make.version(), desk.line
        BudgetLine.objects.filter(pk=line.pk).update(appropriated_fen=2 * make.TEN_WAN, year=make.now().year)
        line.items.add(version.item)
        desk.prepared(desk.award(make.TEN_WAN, enterprise=make.firm(3)))
        make.firm(), make.firm()
        run = make.listed(version)
        assert run.candidates.filter(place=Place.IN).count() == 1

    def test_what_another_list_has_promised_counts(self):
        first, second = make.version(), make.version()
        line = BudgetLine.objects.create(
            code="Z-1",
            label="奖补",
            year=make.now().year,
            department=policies.economy(),
            appropriated_fen=3 * make.TEN_WAN,
        )
        line.items.set([first.item, second.item])
        make.firm(), make.firm()
        assert make.offered(first).candidates.filter(place=Place.IN).count() == 2
        run = make.listed(second)
        assert run.candidates.filter(place=Place.IN).count() == 1
        confirming.cancel(EnjoyRun.objects.get(item=first.item), "不办了", by=make.leader(), at=make.now())
        confirming.cancel(run, "重来", by=make.leader(), at=make.now())
        assert make.listed(second).candidates.filter(place=Place.IN).count() == 2

    def test_whoever_does_not_fit_closes_the_door_behind(self):
        firms = [make.firm(100 if number % 2 else 20) for number in range(6)]
        version = make.version(budget_fen=3 * make.TEN_WAN)
        run = make.listed(version)
        by_code = {firm.uscc: firm for firm in firms}
        left, expected, full = 3 * make.TEN_WAN, [], False
        for uscc in in_order(version, run.period, by_code):
            fen = make.candidate(run, by_code[uscc]).amount_fen
            full = full or fen > left
            if not full:
                expected.append(uscc)
                left -= fen
        inside = run.candidates.filter(place=Place.IN).order_by("rank")
        assert list(inside.values_list("enterprise__uscc", flat=True)) == expected


class TestAfterTheListFroze:
    def changed(self, run) -> str:
        with pytest.raises(DomainError) as refusal:
            confirming.propose(run, by=make.reviewer(), at=make.now())
        assert refusal.value.code == "changed"
        return str(refusal.value)

    def test_a_corrected_fact_stops_it_until_the_enterprise_is_excluded(self, transactional_db):
        wrong, right = make.firm(), make.firm()
        run = make.listed()
        make.hire(wrong, 3)
        assert wrong.name in self.changed(run)
        one = make.candidate(run, wrong)
        assert one.place == Place.IN  # the list stands as it was judged
        confirming.exclude(one, "人数更正为 3 人", by=make.reviewer(), at=make.now())
        confirming.propose(run, by=make.reviewer(), at=make.now())
        assert make.candidate(run, right).state == CandidateState.LISTED

    def test_a_corrected_amount_too(self, transactional_db):
        enterprise = make.firm()
        run = make.listed()
        make.hire(enterprise, 100)
        assert "20 万元" in self.changed(run)

    def test_struck_off(self):
        enterprise = make.firm()
        run = make.listed()
        enterprise.status = Status.CANCELLED
        enterprise.save()
        assert "不在业" in self.changed(run)

    def test_bad_credit(self, transactional_db):
        enterprise = make.firm()
        run = make.listed()
        give_value(enterprise, "abnormal_list", scaled=1)
        assert "经营异常" in self.changed(run)

    def test_paid_meanwhile(self):
        version = make.version()
        enterprise = make.firm()
        run = make.listed(version)
        with transaction.atomic():
            make_awards([owed(version, enterprise)], by=None, at=make.now())
            assert "已享受" in self.changed(run)
            transaction.set_rollback(True)  # before the commit asks for its list: this one is alive

    def test_withdrawn_in_mid_run(self):
        version = make.version()
        make.firm()
        run = make.listed(version)
        withdraw(version, by=policies.publisher(), reason="写错了")
        with pytest.raises(DomainError) as refusal:
            confirming.propose(run, by=make.reviewer(), at=make.now())
        assert refusal.value.code == "withdrawn"
        confirming.cancel(run, "政策撤回", by=make.reviewer(), at=make.now())
