"""The payment desk: who sees and does what, refusals beside their forms, queries however many payments."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Enterprise
from policies.models import Freeze, PaymentBatch, ReturnFile
from policies.money import accounts, batches, freezes, intake, results
from policies.money.desk.accounts import differing
from portal.accounts.roles import Role
from portal.accounts.second_factor import totp_code_at
from tests.enterprises.factories import EnterpriseFactory
from tests.money.answering import answers_to, written
from tests.money.factories import WAN, Desk, account, member_of, official

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def visit(client):
    """Reads a page as somebody."""

    def read(user, address, status=200):
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer.content.decode()

    return read


@pytest.fixture
def send(client, settings):
    """Sends a form as somebody, and says what the page answered."""

    def post(user, address, status=302, **data):
        client.force_login(user)
        answer = client.post(address, data)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return client.get(answer.url).content.decode() if status == 302 else answer.content.decode()

    return post


def at(desk, name="desk_money", *args):
    return reverse(name, args=[desk.line.department_id, *args])


PAGES = (
    "",
    "_accounts",
    "_payments",
    "_files",
    "_budget",
    "_freezes",
    "_reconciliation",
    "_books",
    "_corrections",
    "_speed",
)


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_empty_and_full_for_those_who_pay_and_for_nobody_else(desk, visit, page):
    address = at(desk, f"desk_money{page}")
    visit(desk.preparer, address)
    desk.settled(desk.award(), desk.award())
    desk.released(desk.award())
    desk.draft(desk.award())
    leader = official(Role.LEADER)
    for user in (desk.preparer, desk.confirmer, desk.releaser, leader):
        visit(user, address)
    visit(official(Role.HANDLER), address, 404)
    from portal.accounts.models import Department

    visit(official(Role.PAYMENT_PREPARER, Department.objects.get(code="tax")), address, 404)


def test_home_tells_each_what_waits_for_them(desk, visit):
    desk.award()
    prepared = desk.prepared()
    confirmed = desk.confirmed()
    home = at(desk)
    assert "的拨付批次" in visit(desk.preparer, home)
    said = visit(desk.confirmer, home)
    assert f"确认批次“{prepared.title}”" in said
    assert prepared.number in said
    said = visit(desk.releaser, home)
    assert f"下达批次“{confirmed.title}”" in said
    assert "下达批次" not in visit(desk.confirmer, home)


def test_a_batch_is_made_of_all_or_of_the_chosen(desk, visit, send):
    first, second, third = desk.award(3 * WAN), desk.award(4 * WAN), desk.award(5 * WAN)
    address = at(desk, "desk_money_new")
    page = visit(desk.preparer, address)
    assert "全部 3 笔" in page
    assert "120,000 元" in page
    said = send(
        desk.preparer, address, line=desk.line.pk, title="十一月", which="chosen", pick=[first.pk, third.pk]
    )
    batch = PaymentBatch.objects.get()
    assert "已加入 2 笔" in said
    assert list(batch.payments.values_list("award", flat=True)) == [
        first.pk,
        third.pk,
    ]
    assert "请至少勾选一笔" in send(
        desk.preparer, address, 422, line=desk.line.pk, title="十二月", which="chosen"
    )
    send(desk.preparer, address, batch=batch.number, which="all")
    assert batch.payments.count() == 3
    assert "现在没有可以拨付的" in visit(desk.preparer, address)
    visit(desk.confirmer, address, 404)
    assert second.payments.count() == 1


def test_a_browser_that_comes_back_restores_no_ticks_on_other_enterprises(desk, client):
    award = desk.award()
    client.force_login(desk.preparer)
    answer = client.get(at(desk, "desk_money_new"))
    assert "no-store" in answer.headers["Cache-Control"]
    said = answer.content.decode()
    assert 'method="post" autocomplete="off" data-picking' in said
    assert f'id="award-{award.pk}" name="pick" value="{award.pk}" autocomplete="off"' in said


def test_an_award_without_a_checked_account_is_told_apart(desk, visit, send):
    firm = EnterpriseFactory(name="没有账户的企业")
    account(firm, checked=False)
    award = desk.award(enterprise=firm)
    address = at(desk, "desk_money_new")
    page = visit(desk.preparer, address)
    assert "还不能拨付的" in page
    assert firm.name in page
    assert "现在没有可以拨付的" in page
    send(desk.preparer, address, 422, line=desk.line.pk, title="一", which="chosen", pick=award.pk)
    assert not PaymentBatch.objects.exists()


def test_three_people_bring_a_batch_to_the_treasury(desk, visit, send, settings):
    batch = desk.draft(desk.award(), desk.award())
    page = at(desk, "desk_money_batch", batch.number)
    assert "提交确认" in visit(desk.preparer, page)
    assert "等待“拨付编制”岗位" in visit(desk.confirmer, page)
    send(desk.preparer, at(desk, "desk_money_step", batch.number, "prepare"))
    batch.refresh_from_db()
    shown = visit(desk.confirmer, page)
    assert batch.digest[:8] in shown
    assert batch.digest[8:16] in shown
    assert "200,000 元" in shown
    confirm = at(desk, "desk_money_step", batch.number, "confirm")
    wrong = send(desk.confirmer, confirm, 422, code="000000", seen=batch.digest)
    assert "动态码不正确" in wrong
    stale = send(desk.confirmer, confirm, 422, code=code(desk.confirmer), seen="0" * 64)
    assert "内容已有变化" in stale
    assert "已确认" in send(desk.confirmer, confirm, code=code(desk.confirmer), seen=batch.digest)
    release = at(desk, "desk_money_step", batch.number, "release")
    send(desk.confirmer, release, 404, code=code(desk.confirmer), seen=batch.digest)
    assert "已下达" in send(desk.releaser, release, code=code(desk.releaser), seen=batch.digest)
    batch.refresh_from_db()
    assert batch.state == "released"
    assert batch.instruction.number in visit(desk.releaser, page)


def code(user):
    from django.utils import timezone

    return totp_code_at(user, timezone.now())


def test_who_had_a_hand_in_it_is_told_why_not(desk, visit):
    from tests.accounts.factories import PostingFactory

    batch = desk.prepared()
    PostingFactory(user=desk.preparer, department=desk.line.department, role=Role.PAYMENT_CONFIRMER)
    page = visit(desk.preparer, at(desk, "desk_money_batch", batch.number))
    assert "请由另一人办理这一步" in page
    assert "one-time-code" not in page


def test_a_fault_stands_first_and_hinders(desk, visit, send):
    first, second = desk.award(), desk.award()
    batch = desk.draft(first, second)
    account(second.enterprise, number="62170000111122")
    page = visit(desk.preparer, at(desk, "desk_money_batch", batch.number))
    assert "企业已更换账户" in page
    assert "1 笔的收款账户有问题" in page
    assert page.index(second.enterprise.name) < page.index(first.enterprise.name)
    assert "step-prepare" not in page
    payment = batch.payments.get(award=second)
    said = send(desk.preparer, at(desk, "desk_money_drop", batch.number, payment.pk), reason="换了账户")
    assert "已撤下" in said
    assert 'id="step-prepare"' in said


def test_sent_back_with_a_reason_and_cancelled(desk, send):
    batch = desk.confirmed()
    back = at(desk, "desk_money_step", batch.number, "return")
    send(desk.releaser, back, 422, reason=" ")
    assert "已退回编制" in send(desk.releaser, back, reason="金额要再核")
    cancel = at(desk, "desk_money_step", batch.number, "cancel")
    send(desk.releaser, cancel, 404, reason="不要了")
    assert "已取消" in send(desk.preparer, cancel, reason="不要了")
    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_a_freeze_stops_at_once_and_two_let_go(desk, visit, send):
    batch = desk.confirmed()
    said = send(desk.confirmer, at(desk, "desk_money_step", batch.number, "freeze"), reason="账户可疑")
    assert "这个批次已冻结" in said
    assert "已冻结：账户可疑" in visit(desk.releaser, at(desk, "desk_money_batch", batch.number))
    frozen = Freeze.objects.get()
    ask, agree = (at(desk, "desk_money_thaw", frozen.pk, step) for step in ("ask", "agree"))
    assert "已申请解冻" in send(desk.preparer, ask)
    assert "不能自己同意" in send(desk.preparer, agree)
    assert "决定是否解冻" in visit(desk.releaser, at(desk))
    assert "已解冻" in send(desk.releaser, agree)
    page = at(desk, "desk_money_freezes")
    assert "已冻结" in send(desk.preparer, page, line="", reason="全县停付")
    assert "全部拨付已冻结" in visit(desk.confirmer, at(desk))
    assert "这里已经冻结" in send(desk.confirmer, page, 422, line="", reason="再停一次")
    send(desk.confirmer, page, 422, line=desk.line.pk, reason="")
    assert not freezes.live_for(desk.draft(desk.award(), line=desk.line)).filter(line=desk.line).exists()


def test_the_same_bytes_again_are_said_to_change_nothing(desk, client):
    batch = desk.released(desk.award())
    file = batch.instruction
    content = written(file, answers_to(file))
    client.force_login(desk.preparer)
    said = []
    for _time in range(2):
        brought = SimpleUploadedFile("HD-1.csv", content)
        answer = client.post(at(desk, "desk_money_upload"), {"file": brought}, follow=True)
        said.append([str(message) for message in answer.context["messages"]])
    assert said == [["回单 HD-1 已入账。"], ["这个文件 HD-1 以前已入账，没有变化。"]]


def test_accounts_are_even_only_when_nothing_is_open(desk, visit):
    address = at(desk, "desk_money_reconciliation")
    assert "账单一致" in visit(desk.preparer, address)
    file = desk.released(desk.award(), desk.award()).instruction
    broken = written(file, answers_to(file), "HD-1").replace(b"YK", b"YX", 1)
    intake.take_upload("HD-1.csv", broken, by=desk.preparer, at=timezone.now())
    for tab in ("batch", "day"):
        page = visit(desk.preparer, f"{address}?tab={tab}")
        assert "账单一致" not in page
        assert "1 份回单被隔离" in page
        assert "等 2 笔回单" in page
        assert "data-print" in page
    results.overdue(desk.tick(days=20))
    assert "2 笔未知" in visit(desk.preparer, f"{address}?tab=day")
    answered = written(file, answers_to(file), "HD-2")
    intake.take_upload("HD-2.csv", answered, by=desk.preparer, at=timezone.now())
    intake.dismiss(ReturnFile.objects.get(name="HD-1.csv"), "重发过", by=desk.preparer, at=timezone.now())
    page = visit(desk.preparer, address)
    assert "账单一致" in page
    assert "未知" not in page


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


def test_payments_are_found_and_the_silent_come_first(desk, visit):
    silent = desk.released(desk.award(enterprise=EnterpriseFactory(name="沉默的企业")))
    payment = silent.payments.get()
    desk.tick(days=20)
    results.overdue(desk.at)
    desk.settled(desk.award(enterprise=EnterpriseFactory(name="收到的企业")))
    address = at(desk, "desk_money_payments")
    page = visit(desk.preparer, address)
    assert "沉默的企业" in page
    assert "收到的企业" not in page
    assert "结果未知" in page
    assert "下达已" in page
    for words in ("收到的",):
        assert "收到的企业" in visit(desk.preparer, f"{address}?q={words}")
    assert "沉默的企业" in visit(desk.preparer, f"{address}?q={payment.pk}")
    assert "沉默的企业" in visit(desk.preparer, f"{address}?q={silent.number.lower()}")
    assert "没有找到" in visit(desk.preparer, f"{address}?q=没有这家")
    assert "没有回单" in visit(desk.preparer, at(desk, "desk_money_payment", payment.pk))
    assert "与国库核实没有回单的拨付" in visit(desk.preparer, at(desk))


def test_pages_cost_the_same_however_many_payments(desk, client, django_assert_max_num_queries):
    for _number in range(6):
        desk.draft(desk.award())
    batch = desk.prepared(*(desk.award() for _number in range(8)))
    client.force_login(desk.confirmer)
    for address, most in (
        (at(desk), 34),
        (at(desk, "desk_money_batch", batch.number), 30),
        (at(desk, "desk_money_payments") + "?state=prepared", 18),
        (at(desk, "desk_money_accounts") + "?tab=matched", 18),
    ):
        with django_assert_max_num_queries(most):
            client.get(address)


def test_figures_of_the_budget_and_of_time(desk, visit):
    desk.settled(desk.award(100 * WAN))
    desk.released(desk.award(50 * WAN))
    desk.prepared(desk.award(20 * WAN))
    desk.award(30 * WAN)
    page = visit(desk.preparer, at(desk, "desk_money_budget") + "?year=2026")
    for words in ("1,000,000 元", "500,000 元", "8,500,000 元", "300,000 元"):
        assert words in page
    page = visit(official(Role.SUPERVISOR), at(desk, "desk_money_speed") + "?by=department")
    assert "等得最久" in page
    assert "3 笔" in page


def test_nothing_of_another_department_is_reached(desk, visit):
    from portal.accounts.models import Department

    batch = desk.released()
    tax = Department.objects.get(code="tax")
    stranger = official(Role.PAYMENT_PREPARER, tax)
    for name, args in (
        ("desk_money_batch", [batch.number]),
        ("desk_money_payment", [batch.payments.get().pk]),
        ("desk_money_file_out", [batch.instruction.pk]),
        ("desk_money_content", ["out", batch.instruction.pk]),
    ):
        visit(stranger, reverse(name, args=[tax.pk, *args]), 404)


def test_an_instruction_is_handed_out_as_it_was_sent(desk, client):
    batch = desk.released()
    client.force_login(desk.releaser)
    answer = client.get(at(desk, "desk_money_content", "out", batch.instruction.pk))
    assert answer.content == bytes(batch.instruction.content)
    assert "attachment" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_batches_of_drafts_show_what_they_hold(desk, visit):
    batch = desk.draft(desk.award(7 * WAN), desk.award(5 * WAN))
    batches.drop(batch.payments.first(), "先不付", by=desk.preparer, at=desk.tick())
    page = visit(desk.preparer, at(desk))
    assert "1 笔" in page
    assert "50,000 元" in page


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
