"""Pages of products: open to everybody, searched, compared, reckoned; and what fits one enterprise."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enterprises.catalogue import Tier
from finance.models import Bank
from finance.products.book import in_force
from finance.products.fitting import fit
from finance.products.searching import find
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import MembershipFactory, give_value
from tests.finance import factories as make

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def entries():
    return in_force(timezone.localdate()).entries


def names(query):
    hits = find(entries(), query)
    return {
        entry.name for entry in entries() if hits and entry.version_id in hits.ranks
    }, hits and hits.partly


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("纳税e贷", {"纳税e贷"}),
        ("納稅Ｅ貸", {"纳税e贷"}),
        ("nsed", {"纳税e贷"}),
        ("jsyh", {"设备贷"}),
        ("建设银行 设备", {"设备贷"}),
        ("知识产权", {"知产贷"}),
        ("信用", {"纳税e贷", "设备贷"}),
    ],
)
def test_words_in_either_script_and_first_letters_find(query, found):
    make.published(name="纳税e贷")
    make.published(
        make.BankFactory(name="建设银行甲支行", short="建设银行"), name="设备贷", purposes=["equipment"]
    )
    make.published(name="知产贷", securities=["ip"], kind="tech", summary="以专利质押。")
    assert names(query) == (found, False)


def test_what_nothing_holds_whole_is_found_in_part():
    make.published(name="纳税e贷")
    assert names("纳税大户") == ({"纳税e贷"}, True)
    assert names("彗星") == (set(), True)
    assert names("  ") == (set(), None)


def test_facets_narrow_and_count(client: Client):
    small = make.published(name="小额贷", amount_max_fen=30_000_000, amount_min_fen=None)
    large = make.published(name="大额贷", amount_max_fen=1_000_000_000, securities=["mortgage"], term_max=60)
    page = client.get("/finance/?amount=500").content.decode()
    assert large.name in page
    assert small.name not in page
    assert small.name in client.get("/finance/?security=credit&security=pledge").content.decode()
    assert small.name not in client.get(f"/finance/?bank={large.product.bank.code}").content.decode()
    for odd in ("amount=1e9", "kind=nonsense", "order=drop", "page=-1", "q=%25", "bank=NOBODY"):
        assert client.get(f"/finance/?{odd}").status_code == 200


def test_an_empty_offer_says_what_to_do(client: Client):
    assert "还没有上架的产品" in client.get("/finance/").content.decode()
    assert "还没有选产品" in client.get("/finance/compare/").content.decode()
    assert "还没有银行" in client.get("/finance/banks/").content.decode()
    make.published()
    assert "没有找到合适的产品" in client.get("/finance/?q=彗星").content.decode()


def test_a_product_is_shown_with_its_cost_and_says_that_it_is_an_example(client: Client):
    version = make.published(is_example=True, caution="以银行为准")
    page = client.get(f"{version.product.get_absolute_url()}?amount=100&months=12&rate=4.35&way=annuity")
    text = page.content.decode()
    assert "85,309.90" in text
    assert "这是演示产品" in text
    assert "以银行为准" in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("rate=4,35", "逗号"),
        ("rate=435", "请写上小数点：4.35"),
        ("rate=%EF%BC%94%EF%BC%8E%EF%BC%93%EF%BC%95", "4.35%"),
        ("amount=abc", "不是有效数字"),
        ("amount=-5", "金额须大于零"),
        ("months=0", "1 至 480"),
        ("months=1.5", "1 至 480"),
        ("months=9999999999999999999", "不是有效数字"),
        ("way=never", "never"),
        ("amount=900", "最高 300 万元"),
        ("months=36", "最长 12 个月"),
    ],
)
def test_what_is_typed_into_the_calculator_is_read_or_refused_in_words(client: Client, typed, said):
    version = make.published()
    page = client.get(f"{version.product.get_absolute_url()}?{typed}")
    assert page.status_code == 200
    assert said in page.content.decode()


def test_a_product_without_a_rate_asks_for_one(client: Client):
    version = make.published(rate_low=None, rate_high=None, rate_note="行内定价")
    page = client.get(version.product.get_absolute_url()).content.decode()
    assert "银行没有公布利率" in page
    assert "利率没有公布" in client.get(f"/finance/compare/?p={version.product.code}").content.decode()


def test_what_is_not_on_offer_is_not_found(client: Client):
    waiting, gone = make.submitted(), make.published()
    Bank.objects.filter(pk=gone.product.bank_id).update(live=False)
    for version in (waiting, gone):
        assert client.get(version.product.get_absolute_url()).status_code == 404


def test_ticks_stay_while_the_list_is_narrowed(client: Client):
    first, second = make.published(), make.published(securities=["mortgage"])
    codes = [first.product.code, second.product.code]
    page = client.get("/finance/", {"p": [*codes, "NOPE"], "security": "credit"})
    assert [entry.code for entry in page.context["chosen"]] == codes
    assert [entry.code for entry in page.context["elsewhere"]] == [second.product.code]
    assert f"/finance/compare/?p={codes[0]}&amp;p={codes[1]}" in page.content.decode()


def test_products_are_compared_by_the_same_wish(client: Client):
    cheap = make.published(rate_low=Decimal("3"), rate_high=Decimal("3"), repayments=["interest_only"])
    dear = make.published(rate_low=Decimal("6"), rate_high=Decimal("6"), repayments=["interest_only"])
    small = make.published(amount_max_fen=10_000_000, rate_low=Decimal("1"))
    codes = "&".join(f"p={version.product.code}" for version in (cheap, dear, small))
    page = client.get(f"/finance/compare/?{codes}&amount=100&months=12")
    cheapest = [column.version for column in page.context["columns"] if column.cheapest]
    assert cheapest == [cheap]
    text = page.content.decode()
    for said in ("3 万元", "6 万元", "最高 10 万元，不够", "利息最少"):
        assert said in text
    assert not page.context["mixed"]


def test_interest_of_different_repayments_is_not_compared(client: Client):
    """Who pays back month by month owes less interest at any rate: that makes no offer the cheaper one."""
    dear = make.published(rate_low=Decimal("6"), rate_high=Decimal("6"), repayments=["annuity"])
    cheap = make.published(
        rate_low=Decimal("5"), rate_high=Decimal("5"), repayments=["interest_only", "annuity"]
    )
    address = f"/finance/compare/?p={dear.product.code}&p={cheap.product.code}&amount=100&months=12"
    page = client.get(address)
    assert page.context["mixed"]
    assert "还款方式不同" in page.text
    assert not any(column.cheapest for column in page.context["columns"])
    page = client.get(f"{address}&way=annuity")
    assert [column.version for column in page.context["columns"] if column.cheapest] == [cheap]


def test_at_most_four_stand_side_by_side_and_nonsense_is_left_out(client: Client):
    codes = [make.published().product.code for _n in range(5)]
    page = client.get("/finance/compare/", {"p": [*codes, "NOPE", codes[0], ""], "amount": "x", "way": "y"})
    assert len(page.context["columns"]) == 4
    assert "有 1 款没有列出" in page.content.decode()


@pytest.fixture
def member():
    membership = MembershipFactory()
    year = timezone.localdate().year
    give_value(membership.enterprise, "tax_credit_grade", period=year - 1, text="B", tier=Tier.OFFICIAL)
    give_value(membership.enterprise, "region", text="500231101")
    return membership


GRADED = {"all": [{"fact": "tax_credit_grade", "op": "in", "value": ["A", "B"]}]}


INDEBTED = {"fact": "debt_ratio", "period": "Y-1", "op": "<=", "value": "60", "unit": "%"}


def test_the_offer_is_parted_by_how_it_stands(member):
    made = {
        "fits": make.published(conditions=GRADED),
        "needs": make.published(
            conditions={
                "all": [{"fact": "debt_ratio", "period": "Y-1", "op": "<=", "value": "60", "unit": "%"}]
            }
        ),
        "unnamed": make.published(conditions=None),
        "not": make.published(conditions={"all": [{"fact": "tax_credit_grade", "op": "in", "value": ["D"]}]}),
    }
    claimed = make.published(
        conditions={"all": [*GRADED["all"], {"fact": "collateral", "op": "=", "value": True}]}
    )
    groups = fit(member.enterprise, timezone.localdate()).groups
    found = {key: {one.entry.version_id for one in fits} for key, fits in groups.items()}
    assert found["fits"] == {made["fits"].pk, claimed.pk}
    assert found["unnamed"] == {made["unnamed"].pk}
    assert found["needs"] == {made["needs"].pk}
    assert found["not"] | found["near"] == {made["not"].pk}


def test_an_enterprise_sees_why_and_ranks_by_what_it_wants(client: Client, member):
    cheap = make.published(name="低息贷", conditions=GRADED, rate_low=Decimal("3"), answer_days=9)
    large = make.published(name="大额贷", conditions=GRADED, amount_max_fen=900_000_000, answer_days=5)
    quick = make.published(name="快贷", conditions=GRADED, answer_days=1)
    client.force_login(member.user)
    address = f"/e/{member.enterprise_id}/finance/"
    for order, first in (("rate", cheap), ("amount", large), ("speed", quick)):
        rows = client.get(f"{address}?order={order}").context["rows"]
        assert rows[0].entry.version_id == first.pk
    rows = client.get(f"{address}?order=rate&amount=500").context["rows"]
    assert rows[0].entry.version_id == large.pk
    page = client.get(address).content.decode()
    assert "适合您：3 款中 3 款" in page
    assert "A 级或B 级" in page


def test_the_count_the_list_and_the_wish_say_the_same(client: Client, member):
    make.published(name="够的", conditions=GRADED, amount_max_fen=900_000_000, term_max=36)
    make.published(name="少的", conditions=GRADED, amount_max_fen=100_000_000, term_max=36)
    make.published(name="短的", conditions=GRADED, amount_max_fen=900_000_000, term_max=12)
    client.force_login(member.user)
    address = f"/e/{member.enterprise_id}/finance/"
    page = client.get(address)
    assert (page.context["counts"]["fits"], len(page.context["rows"])) == (3, 3)
    assert not any(row.obstacles for row in page.context["rows"])
    assert "beyond" not in str(page.context["tabs"])
    page = client.get(address, {"amount": "500", "months": "24"})
    assert "适合您：3 款中 1 款；另有 2 款条件符合，但金额或期限够不到" in page.text
    assert [row.entry.name for row in page.context["rows"]] == ["够的"]
    beyond = client.get(address, {"amount": "500", "months": "24", "tab": "beyond"}).context
    assert {row.entry.name: len(row.obstacles) for row in beyond["rows"]} == {"少的": 1, "短的": 1}
    for amount, fits in (("100", 3), ("100.01", 2), ("abc", 3)):
        found = client.get(address, {"amount": amount}).context
        assert (found["counts"]["fits"], len(found["rows"])) == (fits, fits), amount


def test_what_the_bank_does_not_say_is_no_yes(client: Client, member):
    silent = {"amount_min_fen": None, "amount_max_fen": None, "amount_note": "银行核定"}
    made = {
        "写明的": make.published(name="写明的", conditions=GRADED, rate_low=Decimal("3.9")),
        "没写额度的": make.published(name="没写额度的", conditions=GRADED, rate_low=Decimal("1"), **silent),
    }
    client.force_login(member.user)
    address = f"/e/{member.enterprise_id}/finance/"
    page = client.get(address)
    assert (page.context["counts"]["fits"], "unsaid" in str(page.context["tabs"])) == (len(made), False)
    page = client.get(address, {"amount": "50", "months": "12"})
    assert "适合您：2 款中 1 款；另有 1 款条件符合，额度或期限待银行确认" in page.text
    assert [row.entry.name for row in page.context["rows"]] == ["写明的"]
    [row] = client.get(address, {"amount": "50", "months": "12", "tab": "unsaid"}).context["rows"]
    assert (row.entry.name, row.badge, row.state) == ("没写额度的", "条件符合", "info")
    assert (list(row.unsaid), list(row.obstacles)) == (["额度请问银行"], [])


@pytest.mark.parametrize(("amount", "refused"), [("100000", False), ("100001", True)])
def test_more_than_anybody_is_lent_is_no_wish(client: Client, member, amount, refused):
    client.force_login(member.user)
    home = f"/e/{member.enterprise_id}/finance/"
    for address in (home, f"{home}need/", "/finance/compare/"):
        answer = client.get(
            address, {"amount": amount, "months": "12", "purpose": "turnover", "order": "rate"}
        )
        assert ("amount" in answer.context["form"].errors) is refused, address
        assert ("请核对单位" in answer.text) is refused, address


def test_the_firms_list_is_narrowed_like_the_public_one(client: Client, member):
    kept = make.published(name="信用的", conditions=GRADED, securities=["credit"])
    make.published(name="抵押的", conditions=GRADED, securities=["mortgage"])
    client.force_login(member.user)
    address = f"/e/{member.enterprise_id}/finance/"
    asked = {"security": "credit", "amount": "30", "months": "12"}
    page = client.get(address, asked)
    assert [row.entry.name for row in page.context["rows"]] == [kept.name]
    assert {tab["label"]: tab["count"] for tab in page.context["tabs"]}["适合"] == 1
    assert all("security=credit" in tab["url"] for tab in page.context["tabs"])
    assert page.context["cleared"] == "?amount=30&months=12"
    bank = kept.product.bank.code
    assert [row.entry.name for row in client.get(address, {"bank": bank}).context["rows"]] == [kept.name]
    assert len(client.get(address, {"amount": "30", "bank": "NONE"}).context["rows"]) == 2


def test_side_by_side_the_firm_stays_and_may_apply(client: Client, member):
    fits = make.published(conditions=GRADED)
    refused = {"fact": "tax_credit_grade", "op": "in", "value": ["D"]}
    fails = make.published(conditions={"all": [refused, INDEBTED]})
    client.force_login(member.user)
    codes = [fails.product.code, fits.product.code]
    address = f"/e/{member.enterprise_id}/finance/compare/"
    page = client.get(address, {"p": codes, "amount": "30", "months": "12"})
    assert [row.state for row in page.context["standing"]] == ["late", "done"]
    apply = f"/e/{member.enterprise_id}/finance/apply/?product="
    assert all(f"{apply}{code}&amp;amount=30&amp;months=12" in page.text for code in codes)
    assert "适合您吗" not in client.get("/finance/compare/", {"p": codes}).text
    client.force_login(UserFactory())
    assert client.get(address, {"p": codes}).status_code == 404


def test_one_product_before_an_enterprise(client: Client, member):
    version = make.published(conditions=GRADED)
    client.force_login(member.user)
    address = f"/e/{member.enterprise_id}/finance/products/{version.product.code}/"
    assert "适合您吗" in client.get(address).content.decode()
    assert client.get(f"/e/{member.enterprise_id}/finance/products/NOPE/").status_code == 404


def test_another_firms_pages_are_not_found_and_nobodys_are_asked_to_sign_in(client: Client, member):
    address = f"/e/{member.enterprise_id}/finance/"
    assert client.get(address).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404


def own_queries(client, address):
    """How many statements a page needs, but for those that begin, end and restrict its transaction."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET TRANSACTION")
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(frame)]


def test_300_products_take_no_more_queries(client: Client, member):
    make.many_published(300)
    codes = [entry.code for entry in entries()[:4]]
    client.force_login(member.user)
    firm = f"/e/{member.enterprise_id}/finance/"
    public = ["/finance/", "/finance/?q=快贷&amount=100", f"/finance/products/{codes[0]}/"]
    public.append("/finance/compare/?" + "&".join(f"p={code}" for code in codes))
    for address in (firm, f"{firm}?tab=not&page=2", f"{firm}products/{codes[0]}/", *public):
        client.get(address)  # what the process keeps is read once
        queries = own_queries(client, address)
        assert len(queries) <= MOST_QUERIES, "\n".join(queries)


def test_bankers_start_at_their_bank(client: Client):
    post = make.BankOfficerFactory(user__second_factor=True)
    client.force_login(post.user)
    assert client.get("/start/")["Location"] == "/bank/"
    assert client.get("/bank/")["Location"] == f"/bank/{post.bank_id}/"
