"""Finding items: Chinese words, either script, numbers and departments; facets; few queries."""

import subprocess
import sys
import time

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from policies import services
from policies.book import in_force as book_of
from policies.browsing import Browsing
from policies.models import ItemVersion, SearchEntry, SearchWord
from policies.search import find, parse
from policies.search.index import index_many, index_stale
from policies.tasks import index_item, index_missing
from portal.kernel.database import as_owner
from tests.policies import factories as make

pytestmark = pytest.mark.django_db


def in_force():
    return ItemVersion.objects.in_force(timezone.localdate())


def browse(words="", **given):
    chosen = QueryDict(mutable=True)
    for key, value in given.items():
        chosen.setlist(key, [value] if isinstance(value, str) else value)
    return Browsing(book_of(timezone.localdate()), words, chosen)


def titles(query="", **filters):
    return [version.title for version in find(in_force(), query, filters=filters)]


@pytest.fixture
def county(db):
    """Four items that differ in everything that is searched."""
    document = make.DocumentFactory(number="垫府发〔2026〕88号", title="工业转型升级措施")
    plain = {"summary": "见文件。", "gain": "见文件。", "targets": []}
    soon = timezone.localdate() + timezone.timedelta(days=5)
    cited = [make.Source(document)]
    elsewhere = {"mode": "elsewhere", "where": "电子税务局"}
    made = {
        "grant": {"title": "专精特新中小企业认定奖励", "topics": ["专精特新"], "sources": cited},
        "jobs": {"title": "稳岗扩岗补助", "topics": ["就业"], "targets": ["各类企业"], "level": "municipal"},
        "tax": {"title": "小规模纳税人增值税减免", "benefit": "tax", "topics": ["税费"], **elsewhere},
        "export": {"title": "外贸出口信用保险补贴", "topics": ["外贸"], "window_from": soon},
    }
    made = {name: make.published(**plain | changes) for name, changes in made.items()}
    index_many(ItemVersion.objects.all())
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("专精特新", ["专精特新中小企业认定奖励"]),
        ("專精特新", ["专精特新中小企业认定奖励"]),
        ("中小企業獎勵", ["专精特新中小企业认定奖励"]),
        ("企业 认定", ["专精特新中小企业认定奖励"]),
        ("垫府发〔2026〕88号", ["专精特新中小企业认定奖励"]),
        ("垫府发[2026]88号", ["专精特新中小企业认定奖励"]),
        ("垫府发（2026）88号", ["专精特新中小企业认定奖励"]),
        ("工业转型", ["专精特新中小企业认定奖励"]),
        ("稳岗", ["稳岗扩岗补助"]),
        ("增值税", ["小规模纳税人增值税减免"]),
        ("电子税务局", ["小规模纳税人增值税减免"]),
        ("出口信用保险", ["外贸出口信用保险补贴"]),
        ("贸", ["外贸出口信用保险补贴"]),
        ("量子计算", []),
        ("专精特新 稳岗", ["专精特新中小企业认定奖励", "稳岗扩岗补助"]),
        ("'; DROP TABLE x; --", []),
        ("\\ ' & | ! ( ) :*", None),
    ],
)
def test_words_find_their_items(county, query, found):
    assert titles(query) == (found if found is not None else titles())


def test_letters_that_mean_nothing_find_nothing_though_some_item_has_two_of_them(county):
    version = make.published(title="ZZ 平台补助")
    index_many(ItemVersion.objects.filter(pk=version.pk))
    assert titles("zz") == ["ZZ 平台补助"]
    assert titles("zzzzqqq") == []
    assert not browse("zzzzqqq").listing("relevance")


def test_a_departments_name_finds_all_its_items(county):
    assert len(titles("县经济信息委")) == 4
    assert len(titles("经济和信息化委员会")) == 4


def test_an_unknown_word_beside_known_ones_does_not_hide_everything(county):
    assert titles("量子专精特新") == ["专精特新中小企业认定奖励"]


def test_where_nothing_holds_all_words_a_part_is_said_to_be_one(county):
    book = book_of(timezone.localdate())
    assert Browsing(book, "专精特新 稳岗", QueryDict()).partly
    assert not Browsing(book, "专精特新 认定", QueryDict()).partly
    assert not Browsing(book, "量子计算", QueryDict()).partly


def test_a_title_weighs_more_than_the_rest(county):
    make.published(title="贷款贴息", gain="稳岗企业优先。")
    index_stale()
    assert titles("稳岗") == ["稳岗扩岗补助", "贷款贴息"]


def test_drafts_and_withdrawn_items_are_not_found(county):
    services.withdraw(county["jobs"], by=make.publisher(), reason="有误")
    assert titles("稳岗") == []
    assert index_item(county["jobs"].item_id) == 0
    assert not SearchEntry.objects.filter(version=county["jobs"]).exists()
    make.submitted(title="稳岗草稿")
    assert index_missing() == 0
    assert titles("稳岗") == []


def test_the_sweeper_indexes_what_was_missed(county):
    make.published(title="数字化转型补助")
    assert titles("数字化") == []
    assert index_missing() == 1
    assert titles("数字化") == ["数字化转型补助"]


def test_the_command_forgets_words_that_nothing_has(county):
    SearchWord.objects.create(word="无此词")
    call_command("reindex_policies", quiet=True)
    assert not SearchWord.objects.filter(word="无此词").exists()
    assert titles("稳岗") == ["稳岗扩岗补助"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 4),
        ({"level": ["municipal"]}, 1),
        ({"level": ["municipal", "county"]}, 4),
        ({"department": ["economy"]}, 4),
        ({"topic": ["就业", "外贸"]}, 2),
        ({"benefit": ["tax"]}, 1),
        ({"target": ["各类企业"]}, 1),
        ({"mode": ["elsewhere"]}, 1),
        ({"open_now": "true"}, 3),
        ({"topic": ["就业"], "benefit": ["tax"]}, 0),
    ],
)
def test_filters(county, filters, count):
    assert len(titles(**filters)) == count


def test_facets_count_what_each_choice_would_leave(county):
    found = {facet.key: facet for facet in browse(benefit=["tax"]).facets()}
    departments = [(option.value, option.label) for option in found["department"].options]
    assert departments == [("economy", "县经济信息委")]
    benefit = {option.value: (option.count, option.selected) for option in found["benefit"].options}
    assert benefit == {"money": (3, False), "tax": (1, True)}
    assert [(option.label, option.count) for option in found["topic"].options] == [("税费", 1)]
    assert {option.value: option.count for option in found["open_now"].options} == {"true": 1}


@pytest.mark.parametrize(
    ("ordering", "first"),
    [("deadline", "贷款贴息"), ("amount", "贷款贴息"), ("date", "贷款贴息"), ("nonsense", "贷款贴息")],
)
def test_orderings_are_total_and_unknown_ones_fall_back(county, ordering, first):
    make.published(
        title="贷款贴息",
        window_to=timezone.localdate() + timezone.timedelta(days=3),
        rule_amount={"fixed": "99", "unit": "万元"},
    )
    assert find(in_force(), ordering=ordering).first().title == first


def test_a_long_query_is_cut_not_refused(county):
    assert "".join(parse("专精特新" * 500).words) == "专精特新"


def test_searching_never_loads_the_dictionary():
    code = (
        "import django; django.setup(); import policies.search, policies.tasks, policies.admin;"
        "import sys; assert 'jieba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_list_over_five_thousand_takes_few_queries_and_little_time(django_assert_max_num_queries):
    make.many_published(5_000)
    index_many(ItemVersion.objects.all())
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what autovacuum does within a minute

    def listed():
        browsing = browse("技术改造奖励", level="county")
        listing = browsing.listing()
        return listing[:20], len(listing), browsing.facets()

    with django_assert_max_num_queries(8):
        page, total, narrowing = listed()
        assert [version.item.department.short_name for version in page] == ["县经济信息委"] * 20
    assert total == 500
    level = next(facet for facet in narrowing if facet.key == "level")
    assert {option.value: option.count for option in level.options} == {"county": 500, "municipal": 500}
    started = time.perf_counter()
    listed()
    assert time.perf_counter() - started < 2
