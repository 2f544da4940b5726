"""Banks and products for tests: versions go through their states as people would move them."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import factory
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory
from psycopg2.extras import DateRange

from finance.keepers import OFFICE
from finance.models import Bank, BankOfficer, Branch, CreditProduct, ProductVersion
from finance.products import publishing, writing
from finance.products.writing import Content
from matching.models import Rule, RuleVersion
from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, UserFactory

IN_COUNTY = {"all": [{"fact": "region", "op": "within", "value": ["500231"]}]}
_codes = (f"P-{number}" for number in itertools.count(1))


class BankFactory(DjangoModelFactory[Bank]):
    class Meta:
        model = Bank

    code = factory.Sequence(lambda number: f"BANK-{number}")
    name = factory.Sequence(lambda number: f"垫江第{number}银行股份有限公司")
    short = factory.Sequence(lambda number: f"第{number}银行")


class BranchFactory(DjangoModelFactory[Branch]):
    class Meta:
        model = Branch

    bank = factory.SubFactory(BankFactory)
    name = factory.Sequence(lambda number: f"桂阳第{number}支行")
    region_id = "500231"


class BankOfficerFactory(DjangoModelFactory[BankOfficer]):
    """Somebody at a bank since last year; with `user__second_factor=True` they reach its desk."""

    class Meta:
        model = BankOfficer

    user = factory.SubFactory(UserFactory)
    bank = factory.SubFactory(BankFactory)
    role = "officer"
    since = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=365))


def office() -> Department:
    """The department that keeps products (from the reference data)."""
    return Department.objects.get(code=OFFICE)


def editor() -> User:
    return PostingFactory(department=office(), role=Role.EDITOR).user


def publisher() -> User:
    return PostingFactory(department=office(), role=Role.PUBLISHER).user


def content(**changes: Any) -> Content:
    """What a plain version says: a credit for firms of the county; `conditions` are the rule."""
    conditions = changes.pop("conditions", IN_COUNTY)
    text: dict[str, Any] = {
        "name": "云税快贷",
        "summary": "凭纳税记录申请的信用贷款。",
        "kind": "data",
        "purposes": ["turnover"],
        "amount_min_fen": 5_000_000,
        "amount_max_fen": 300_000_000,
        "term_min": 3,
        "term_max": 12,
        "rate_low": Decimal("3.4500"),
        "rate_high": Decimal("4.3500"),
        "repayments": ["annuity", "interest_only"],
        "securities": ["credit"],
        "targets": ["小微企业"],
        "materials": ["营业执照"],
        "answer_days": 3,
        "source": "银行提供",
        "source_year": 2026,
    }
    return Content(text | changes, conditions)


def draft(bank: Bank | None = None, *, by: User | None = None, **changes: Any) -> ProductVersion:
    """A draft of a new product."""
    code = changes.pop("code", None) or next(_codes)
    said = content(**changes)
    return writing.create_product(code, bank or BankFactory(), said, by=by or editor())


def submitted(bank: Bank | None = None, *, by: User | None = None, **changes: Any) -> ProductVersion:
    """A version in review."""
    author = by or editor()
    version = draft(bank, by=author, **changes)
    publishing.submit(version, by=author)
    return version


def published(bank: Bank | None = None, **changes: Any) -> ProductVersion:
    """What a product says today."""
    version = submitted(bank, **changes)
    publishing.publish(version, by=publisher())
    version.refresh_from_db()
    return version


@transaction.atomic  # conditions and version are published together, or not at all
def many_published(count: int, banks: int = 13) -> list[ProductVersion]:
    """Many published versions in few statements, along the same states, each with a bound of its own."""
    author, boss, now = editor(), publisher(), timezone.now()
    begins = timezone.localdate() - dt.timedelta(days=30)
    lenders = BankFactory.create_batch(banks)
    rules = Rule.objects.bulk_create(Rule(label=f"快贷{n}号") for n in range(count))
    products = CreditProduct.objects.bulk_create(
        CreditProduct(code=f"M-{n:04d}", bank=lenders[n % banks], rule=rule, created_by=author)
        for n, rule in enumerate(rules)
    )
    conditions = RuleVersion.objects.bulk_create(
        RuleVersion(
            rule=rule, number=1, author=author, valid=DateRange(begins, None), conditions=_conditions(n)
        )
        for n, rule in enumerate(rules)
    )
    texts = [content(name=f"快贷{n}号", amount_max_fen=(n + 5) * 1_000_000).text for n in range(count)]
    versions = ProductVersion.objects.bulk_create(
        ProductVersion(product=product, number=1, rule_version=rule, edited_by=author, **text)
        for product, rule, text in zip(products, conditions, texts, strict=True)
    )
    ids = [version.pk for version in versions]
    RuleVersion.objects.filter(product_version__in=ids).update(published_at=now)
    ProductVersion.objects.filter(pk__in=ids).update(state="in_review")
    ProductVersion.objects.filter(pk__in=ids).update(state="published", published_at=now, published_by=boss)
    return list(ProductVersion.objects.filter(pk__in=ids).order_by("pk"))


def _conditions(n: int) -> dict[str, Any]:
    grades = [["A"], ["A", "B"], ["A", "B", "M"]][n % 3]
    return {
        "all": [
            {"fact": "region", "op": "within", "value": ["500231"]},
            {"fact": "tax_credit_grade", "op": "in", "value": grades},
            {"fact": "age_months", "op": ">=", "value": str(6 * (1 + n % 8))},
        ]
    }
