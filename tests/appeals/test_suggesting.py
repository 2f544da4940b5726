"""Suggestions: what is seeded, who is suggested and who never is, what is learnt, what stays secret."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from appeals import models
from appeals.dispatching import Target, dispatch, return_order
from appeals.enums import Mode, Secrecy, Why
from appeals.intake import refuse
from appeals.seeding import reference, seed_reference
from appeals.suggesting import overrides, training, words
from appeals.suggesting.model import Model, pack, unpack
from appeals.suggesting.rules import first_hit
from appeals.suggesting.suggest import suggest
from appeals.surveying import survey
from appeals.tasks import suggest as suggest_task
from appeals.tasks import suggest_missing
from portal.accounts.models import Department, Section
from portal.accounts.models.officers import Rank
from tests.appeals import factories as make
from tests.appeals import routing

pytestmark = pytest.mark.django_db

INVOICES = ("增值税发票开不出来", "电子税务局提示开票额度不足，客户催着要增值税发票。")
LAMPS = ("门口路灯不亮", "临街路灯坏了一个月，人行道地砖也破损。")


@pytest.fixture
def few() -> None:
    """Three departments with a few duties instead of the county's: quick to learn, easy to foresee."""
    models.RoutingRule.objects.all().delete()
    models.DutyPhrase.objects.exclude(
        department__code__in=("tax", "urban_management", "market_pool")
    ).delete()
    training.train()


def department(code: str) -> Department:
    return Department.objects.get(code=code)


def ask(said: tuple[str, str], **fields: object) -> models.Appeal:
    return make.file(title=said[0], text=said[1], **fields)


def closed(code: str, said: tuple[str, str], **fields: object) -> models.Appeal:
    """An appeal that a department answered to the enterprise's content."""
    order = make.answered(department(code), title=said[0], text=said[1], **fields)
    survey(order, "satisfied", True, "", by=None)
    return order.appeal


# What is seeded


def test_every_department_has_duties_in_sections() -> None:
    written = Counter(models.DutyPhrase.objects.values_list("department__code", flat=True))
    codes = {row["department"] for row in reference("duties")["duties"]}
    seeded = set(Department.objects.filter(region="500231").values_list("code", flat=True))
    assert seeded == codes
    assert {code for code in codes if written[code] < 20} == set()
    assert not models.DutyPhrase.objects.filter(section=None).exists()


def test_no_duty_is_a_sentence_of_the_cases_that_test_it() -> None:
    duties = models.DutyPhrase.objects.values_list("text", flat=True)
    for name in ("routing_cases", "held_out_cases"):
        for case in routing.cases(name):
            said = f"{case.title}。{case.text}"
            assert [duty for duty in duties if len(duty) > 8 and duty in said] == []


def test_both_lists_are_long_enough_and_refusals_say_where_to_go() -> None:
    assert models.IntakeRule.objects.filter(handled=True).count() >= 10
    refused = models.IntakeRule.objects.filter(handled=False)
    assert refused.count() >= 8
    assert all(rule.advice for rule in refused)


def test_what_officials_change_survives_the_next_migrate() -> None:
    models.DutyPhrase.objects.filter(department__code="tax").first().delete()
    models.RoutingRule.objects.update(active=False)
    section = Section.objects.filter(department__code="tax").first()
    Section.objects.filter(pk=section.pk).update(name="综合科（新）")
    before = models.DutyPhrase.objects.count(), Section.objects.count(), models.RoutingRule.objects.count()
    seed_reference(sender=None)
    after = models.DutyPhrase.objects.count(), Section.objects.count(), models.RoutingRule.objects.count()
    assert after == before
    assert not models.RoutingRule.objects.filter(active=True).exists()


def test_market_work_is_grabbed_and_counselling_is_picked() -> None:
    modes = set(
        models.DutyPhrase.objects.filter(department__code="market_pool").values_list("mode", flat=True)
    )
    assert modes == {Mode.GRAB}
    assert models.DutyPhrase.objects.filter(department__code="sme_centre", mode=Mode.PICK).count() >= 10


# Who is suggested


@pytest.mark.usefixtures("few")
def test_the_department_whose_duties_are_alike_comes_first_with_words() -> None:
    first, *others = suggest(ask(INVOICES))
    assert first.department.code == "tax"
    assert first.section.name == "征收管理科"
    assert "开票" in first.reasons["words"]
    assert not any(word.startswith(words.GRAM) for word in first.reasons["words"])
    assert len(others) == 2
    assert 98 <= sum(row.percent for row in (first, *others)) <= 102


@pytest.mark.usefixtures("few")
def test_work_for_firms_is_suggested_for_the_hall() -> None:
    first, *_others = suggest(ask(("想找人代理记账", "公司票不多，想找代账公司按月做账，多少钱")))
    assert (first.department.code, first.mode) == ("market_pool", Mode.GRAB)


@pytest.mark.usefixtures("few")
def test_a_rule_comes_first_whatever_the_classifier_thinks() -> None:
    rule = models.RoutingRule.objects.create(
        title="开票归城管", words=["开票"], department=department("urban_management"), mode=Mode.PICK
    )
    first, second, _third = suggest(ask(INVOICES))
    assert (first.department.code, first.rule, first.mode) == ("urban_management", rule, Mode.PICK)
    assert first.reasons["rule"] == "开票归城管"
    assert (second.department.code, second.rule, second.reasons["rule"]) == ("tax", None, None)


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ({"words": ["停电"]}, {}, True),
        ({"words": ["停水", "停电"]}, {}, True),
        ({"words": ["停水"]}, {}, False),
        ({"words": ["停电"], "unless": ["补贴"]}, {}, False),
        ({"words": ["停电"], "region": "500231101"}, {"region": "500231101003"}, True),
        ({"words": ["停电"], "region": "500231102"}, {"region": "500231101003"}, False),
        ({"region": "500231101"}, {"region": ""}, False),
        ({"words": ["ERP"]}, {"title": "上 erp 系统"}, True),
    ],
)
def test_all_that_a_rule_asks_for_must_hold(asked: dict, said: dict, expected: bool) -> None:
    models.RoutingRule.objects.all().delete()
    rule = models.RoutingRule.objects.create(title="停电", department=department("power"), **asked)
    appeal = models.Appeal(**{"title": "停电", "text": "要补贴", "region": ""} | said)
    assert (first_hit(appeal) == rule) is expected


def test_a_rule_of_another_category_does_not_hold() -> None:
    models.RoutingRule.objects.all().delete()
    one, other = make.CategoryFactory(), make.CategoryFactory()
    rule = models.RoutingRule.objects.create(title="一类", department=department("power"), category=one)
    assert first_hit(models.Appeal(title="好", text="好", category=one)) == rule
    assert first_hit(models.Appeal(title="好", text="好", category=other)) is None


@pytest.mark.usefixtures("few")
def test_the_department_complained_of_is_never_suggested_not_even_by_a_rule() -> None:
    models.RoutingRule.objects.create(title="开票归税务", words=["开票"], department=department("tax"))
    rows = suggest(ask(INVOICES, about=department("tax")))
    assert rows
    assert "tax" not in {row.department.code for row in rows}
    assert {row.rule for row in rows} == {None}


@pytest.mark.usefixtures("few")
def test_who_has_returned_the_order_is_not_suggested_again() -> None:
    appeal = ask(INVOICES)
    order = make.lead(appeal)
    dispatch(order, Target(department("tax")), by=None)
    order.refresh_from_db()
    return_order(order, "不归我们管", department("market"), by=None)
    assert "tax" not in {row.department.code for row in suggest(appeal)}


@pytest.mark.usefixtures("few")
def test_nothing_is_suggested_for_what_was_refused() -> None:
    appeal = ask(INVOICES)
    refuse(appeal, "请拨 12366。", by=None)
    assert suggest(appeal) == []


def test_without_a_model_rules_alone_suggest() -> None:
    first, *others = suggest(ask(("工人讨薪", "劳务公司拖欠工资")))
    assert (first.department.code, others, first.model) == ("hr", [], None)
    assert suggest(ask(("你好", "在吗"))) == []


# Section, leader and load


@pytest.mark.usefixtures("few")
def test_the_leader_is_the_deputy_or_who_stands_in() -> None:
    tax = department("tax")
    make.OfficerFactory(department=tax, rank=Rank.HEAD)
    deputy = make.OfficerFactory(department=tax, rank=Rank.DEPUTY)
    appeal = ask(INVOICES)
    assert suggest(appeal)[0].leader == deputy
    substitute = make.OfficerFactory(department=tax, rank=Rank.STAFF)
    make.away(deputy, substitute)
    assert suggest(appeal)[0].leader == substitute


@pytest.mark.usefixtures("few")
def test_a_deputy_who_is_away_without_substitute_is_passed_over() -> None:
    tax = department("tax")
    make.away(make.OfficerFactory(department=tax, rank=Rank.DEPUTY))
    appeal = ask(INVOICES)
    assert suggest(appeal)[0].leader is None
    head = make.OfficerFactory(department=tax, rank=Rank.HEAD)
    assert suggest(appeal)[0].leader == head


@pytest.mark.usefixtures("few")
def test_the_load_counts_what_is_still_to_be_done() -> None:
    make.dispatched(department("tax"))
    make.handling(department("tax"))
    make.answered(department("tax"))
    assert suggest(ask(INVOICES))[0].reasons["load"] == 2


# Kept as rows


@pytest.mark.usefixtures("few")
def test_suggesting_twice_keeps_one_set() -> None:
    appeal = ask(INVOICES)
    assert [row.pk for row in suggest(appeal)] == [row.pk for row in suggest(appeal)]
    assert appeal.suggestions.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_keep_one_set() -> None:
    models.RoutingRule.objects.exclude(title="公积金归公积金中心").update(active=False)
    appeal = ask(("公积金缓缴", "想缓缴公积金"))
    models.RoutingModel.objects.create(
        samples=0,
        classes={"departments": ["tax"], "desks": []},
        vocabulary=[],
        weights=pack({"idf": np.zeros(0), "weights": np.zeros((0, 1)), "temperature": np.array(1.0),
                      "desks": np.zeros((0, 0)), "case_ids": np.zeros(0, dtype=np.int64)}),
    )  # fmt: skip

    def work(_number: int) -> None:
        try:
            suggest_task(appeal.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert appeal.suggestions.count() == 2
    assert sorted(row.rank for row in appeal.suggestions.all()) == [1, 2]


def test_the_task_takes_an_appeal_that_is_gone_for_done() -> None:
    suggest_task(0)


def test_the_sweeper_rings_for_those_without_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, fresh = ask(LAMPS), ask(LAMPS)
    models.Appeal.objects.filter(pk=waiting.pk).update(submitted_at="2020-01-01T00:00Z")
    rung: list[int] = []
    monkeypatch.setattr(suggest_task, "delay", rung.append)
    assert suggest_missing() == 1
    assert rung == [waiting.pk]
    assert fresh.pk not in rung


# Learning


@pytest.mark.usefixtures("few")
def test_retraining_learns_from_where_orders_were_closed() -> None:
    strange = ("蘑菇棚里的量子罗盘校准", "量子罗盘漂移，蘑菇棚的读数全乱了。")
    assert training.train() is None
    closed("urban_management", strange)
    closed("urban_management", strange)
    model = training.train()
    assert model.figures["cases"] == 2
    first = suggest(ask(("量子罗盘又漂了", "蘑菇棚旁的量子罗盘漂移")))[0]
    assert first.department.code == "urban_management"
    assert first.reasons["words"]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("secret", ["about", "confidential", "anonymous"])
def test_secrets_teach_nothing_and_are_shown_to_nobody(secret: str) -> None:
    fields = {
        "about": {"about": department("market")},
        "confidential": {"secrecy": Secrecy.CONFIDENTIAL},
        "anonymous": {"anonymous": True},
    }[secret]
    closed("tax", ("量子罗盘失灵", "量子罗盘失灵，开票停了。"), **fields)
    assert training.train() is None
    assert not any("量子" in word for word in models.RoutingModel.objects.latest().vocabulary)


@pytest.mark.usefixtures("few")
def test_similar_cases_are_named_until_they_turn_secret() -> None:
    case = closed("tax", INVOICES)
    training.train()
    appeal = ask(INVOICES)
    assert suggest(appeal)[0].reasons["similar"] == [{"number": case.number, "title": case.title}]
    models.Appeal.objects.filter(pk=case.pk).update(secrecy=Secrecy.CONFIDENTIAL)
    assert suggest(appeal)[0].reasons["similar"] == []


def test_one_department_alone_is_not_learnt() -> None:
    models.DutyPhrase.objects.exclude(department__code="tax").delete()
    assert training.train() is None


def test_weights_that_hide_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({"evil": np.array([object()])}) and unpack(pack({"evil": np.array([object()])}))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("nothing", ["", "？！……", "zzzzqqq"])
def test_an_appeal_without_a_known_word_leaves_all_alike(nothing: str) -> None:
    reading = Model(models.RoutingModel.objects.latest()).read(words.appeal_features(nothing, nothing))
    assert len({round(share, 6) for share in reading.probabilities.values()}) == 1
    assert reading.words("tax") == []


@given(st.text(max_size=200))
def test_features_never_fail_and_hold_no_silent_word(text: str) -> None:
    found = words.features(text)
    assert all(found)
    assert not set(found) & {"我们", "怎么", "公司"}


# Overrides


def test_overrides_are_counted_by_rule_and_by_department() -> None:
    rule = models.RoutingRule.objects.get(title="公积金归公积金中心")
    for code in ("housing_fund", "hr", "hr"):
        appeal = ask(("公积金缓缴", "想缓缴公积金"))
        suggest(appeal)
        dispatch(make.lead(appeal), Target(department(code)), by=None)
    assert overrides.by_rule() == [overrides.Count(rule.title, 3, 2)]
    assert overrides.by_department() == [overrides.Count("公积金垫江分中心", 3, 2)]
    assert {row.department.code for row in overrides.overridden()} == {"hr"}


def test_what_was_not_suggested_for_is_no_override() -> None:
    make.dispatched()
    assert overrides.by_department() == []
    assert models.Assignment.objects.get().why == Why.MANUAL


def test_web_processes_stay_light() -> None:
    told = (
        "import django; django.setup(); import appeals.tasks, appeals.suggesting.suggest, appeals.admin, sys;"
        "assert not {'jieba', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", told], check=True)  # noqa: S603
