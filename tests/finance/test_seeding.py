"""The demo's products: thirteen banks, forty-seven products, none said to be more than an example."""

import datetime as dt

import pytest
from django.utils import timezone

from finance import seeding
from finance.models import Bank, CreditProduct, ProductVersion
from finance.products.book import in_force
from portal.kernel.errors import DomainError
from tests.finance import factories as make

pytestmark = pytest.mark.django_db


def test_the_demo_has_the_countys_products():
    people = {"editor": make.editor(), "publisher": make.publisher()}
    assert seeding.seed_products(**people) == 47
    entries = in_force(timezone.localdate()).entries
    assert (len(entries), len({entry.bank_id for entry in entries})) == (47, 13)
    assert CreditProduct.objects.filter(first_here=True).count() == 2
    assert not ProductVersion.objects.exclude(is_example=True, source__gt="", caution__gt="").exists()
    assert not Bank.objects.exclude(is_example=True).exists()
    assert seeding.seed_products(**people) == 0


def test_they_are_on_offer_since_the_day_that_is_given():
    """So a month that was over long before they were written counts them: the demo's rankings do."""
    then = timezone.now() - dt.timedelta(days=500)
    seeding.seed_products(editor=make.editor(), publisher=make.publisher(), at=then)
    versions = ProductVersion.objects.select_related("rule_version")
    assert {version.published_at for version in versions} == {then}
    begun = {each.rule_version.valid.lower for each in versions if each.rule_version}
    assert begun == {timezone.localdate(then)}


def test_a_wrong_file_adds_nothing_and_says_where(monkeypatch):
    row = {
        "code": "P-1",
        "bank": "B",
        "name": "甲",
        "kind": "data",
        "securities": ["credit"],
        "source": "某行",
    }
    files = {"banks.yaml": {"banks": [{"code": "B", "name": "甲银行", "short": "甲行"}]}}
    monkeypatch.setattr(seeding, "read_yaml", lambda path: files[path.name])
    people = {"editor": make.editor(), "publisher": make.publisher()}
    for wrong, said in (({"rate_low": "4,35"}, "逗号"), ({}, "利率"), ({"colour": "red"}, "colour")):
        files["products.yaml"] = {"products": [{**row, **wrong}]}
        with pytest.raises(DomainError, match=f"(?s)产品 P-1：.*{said}"):
            seeding.seed_products(**people)
        assert not Bank.objects.exists()


def test_the_facts_are_as_old_as_they_say():
    products = seeding.read_yaml(seeding.FOLDER / "products.yaml")["products"]
    years = {product["source_year"] for product in products if "source_year" in product}
    assert max(years) <= dt.date(2026, 12, 31).year
