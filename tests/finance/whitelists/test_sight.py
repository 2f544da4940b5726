"""A department sees the values of its own facts on a list, and of others' only what they came to."""

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from enterprises.models import Fact
from finance.models import Whitelist
from finance.whitelists.drawing import Plan, draw_up
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory
from tests.clients import signed_in
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance import factories as products
from tests.finance.factories import BankFactory, BankOfficerFactory, office
from tests.finance.whitelists.factories import pushed_list

pytestmark = pytest.mark.django_db
TWO = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {"fact": "ui_paid_months", "op": ">=", "value": 10},
    ]
}


@pytest.fixture
def own():
    """A department that keeps the months of insurance paid, and where a firm is not."""
    made = DepartmentFactory()
    Fact.objects.filter(key="ui_paid_months").update(department=made)
    Fact.objects.filter(key="region").update(department=DepartmentFactory())
    return made


def listed(department) -> Whitelist:
    firm = EnterpriseFactory()
    give_value(firm, "region", text="500231101")
    give_value(firm, "ui_paid_months", scaled=11)
    rule = products.published(conditions=TWO).rule_version
    by = PostingFactory(department=department, role=Role.EDITOR).user
    return draw_up(Plan("名单", department, rule, timezone.localdate()), by=by)


def at(department, role=Role.EDITOR):
    return signed_in(PostingFactory(department=department, role=role, user__second_factor=True).user)


def details(held):
    return {one["facts"][0]: one["detail"] for one in held.entries.first().conditions}


def seen(browser, held):
    """The page of its one entry, and the cells of the evidence and its digest as they are taken away."""
    address = f"/desk/{held.department_id}/finance/whitelists/{held.pk}/"
    page = browser.get(f"{address}entries/{held.entries.first().pk}/").content.decode()
    book = load_workbook(io.BytesIO(browser.get(f"{address}export/").content))
    row = list(book.worksheets[0].iter_rows(values_only=True))[1]
    return page, row[2], row[3]


def test_another_departments_value_is_not_shown(own):
    held = listed(own)
    known = details(held)
    page, cell, digest = seen(at(own), held)
    for text in (page, cell):
        assert known["ui_paid_months"] in text
        assert known["region"] not in text
    assert "由其他部门掌握" in page
    assert "符合" in cell
    assert digest == "—"
    assert held.entries.first().digest not in page


def test_who_keeps_finance_and_who_leads_sees_all(own):
    whole = listed(office())
    elsewhere = listed(own)
    for browser, held in ((at(office()), whole), (at(own, Role.LEADER), elsewhere)):
        page, cell, digest = seen(browser, held)
        for detail in details(held).values():
            assert detail in page
            assert detail in cell
        assert digest == held.entries.first().digest


def test_who_takes_a_list_away_is_noted(own):
    bank = BankFactory()
    held = pushed_list(bank)
    boss = PostingFactory(department=office(), role=Role.LEADER, user__second_factor=True).user
    officer = BankOfficerFactory(bank=bank, user__second_factor=True).user
    address = f"/desk/{office().pk}/finance/whitelists/{held.pk}/"
    signed_in(boss).get(f"{address}export/")
    signed_in(officer).get(f"/bank/{bank.pk}/whitelists/{held.pk}/export/")
    signed_in(boss).head(f"{address}export/")
    noted = held.events.filter(name="export").values_list("actor", "comment")
    assert list(noted) == [(boss.pk, ""), (officer.pk, bank.name)]
    assert bank.name in signed_in(boss).get(address).content.decode()
