"""The payment desk: accounts of enterprises, compared, found, told of."""

import pytest

from enterprises.models import Enterprise
from policies.money import accounts
from policies.money.desk.accounts import differing
from portal.accounts.roles import Role
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import account, member_of, official
from tests.money.pages import at

pytestmark = pytest.mark.django_db


def test_accounts_are_compared_and_the_difference_is_marked(desk, visit, send):
    good, bad = EnterpriseFactory(name="渝东轮毂制造有限公司"), EnterpriseFactory(name="垫江铸造厂")
    right = account(good, checked=False)
    wrong = accounts.give(member_of(bad), "垫江铸造厂", "工行", "62220000", at=desk.at)
    Enterprise.objects.filter(pk=bad.pk).update(name="垫江铸造有限公司")
    address = at(desk, "desk_money_accounts")
    page = visit(desk.preparer, address)
    assert "<mark>厂</mark>" in page
    assert "与企业名称不同" in page
    assert right.grouped in page
    assert "也登记在" not in page
    reading = visit(official(Role.LEADER, desk.line.department), address)
    assert right.masked in reading
    assert right.grouped not in reading
    check = at(desk, "desk_money_check", right.pk)
    assert "户名相符" in send(desk.preparer, check, outcome="matched")
    assert "已经核对过" in send(desk.preparer, check, outcome="matched")
    check = at(desk, "desk_money_check", wrong.pk)
    assert "不能判为相符" in send(desk.preparer, check, outcome="matched")
    assert "须写明哪里不符" in send(desk.preparer, check, outcome="mismatched")
    assert "户名不符" in send(desk.preparer, check, outcome="mismatched", note="少了公司二字")
    assert "账户都核对过了" in visit(desk.preparer, address)
    assert "岗位" in send(official(Role.LEADER), check, outcome="matched")


@pytest.mark.parametrize(
    ("given", "registered", "parts"),
    [
        ("甲公司", "甲公司", [("甲公司", False)]),
        ("甲厂", "甲公司", [("甲", False), ("厂", True)]),
        ("甲司", "甲公司", [("甲", False), ("＿", True), ("司", False)]),
        ("", "甲", [("＿", True)]),
    ],
)
def test_what_differs(given, registered, parts):
    assert list(differing(given, registered)) == parts


def test_accounts_are_found_by_a_part_of_a_credit_code(desk, visit):
    sought, other = EnterpriseFactory(name="甲铸造公司"), EnterpriseFactory(name="乙铸造公司")
    for firm in (sought, other):
        account(firm, checked=False)
    page = visit(desk.preparer, f"{at(desk, 'desk_money_accounts')}?q={sought.uscc[-7:].lower()}")
    assert "甲铸造公司" in page
    assert "乙铸造公司" not in page


def test_what_came_back_is_marked_until_the_account_is_another_one(desk, visit):
    owed = desk.award()
    desk.settle(desk.released(owed), "returned")
    address = at(desk, "desk_money_new")
    assert "银行退回，待更正账户或重新核对：账号户名不符" in visit(desk.preparer, address)
    accounts = at(desk, "desk_money_accounts")
    assert owed.enterprise.name in visit(desk.preparer, f"{accounts}?tab=returned")
    assert owed.enterprise.name not in visit(desk.preparer, f"{accounts}?tab=matched")
    account(owed.enterprise, at=desk.tick())
    page = visit(desk.preparer, address)
    assert owed.enterprise.name in page
    assert "待更正账户" not in page
    assert owed.enterprise.name in visit(desk.preparer, f"{accounts}?tab=matched")


def test_a_number_that_another_enterprise_gave_too_is_said(desk, visit):
    first, second = EnterpriseFactory(name="甲铸造公司"), EnterpriseFactory(name="乙铸造公司")
    account(first, "6228480020001122")
    account(second, "6228480020001122", checked=False)
    page = visit(desk.preparer, at(desk, "desk_money_accounts"))
    assert "6228 4800 2000 1122" in page
    assert "这个账号也登记在 甲铸造公司 名下" in page
    assert "乙铸造公司 名下" not in page
