"""The payment desk: batches, from the awards that are chosen to the treasury, and what stops them."""

import pytest

from policies.models import Freeze, PaymentBatch
from policies.money import batches, freezes
from portal.accounts.roles import Role
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import WAN, account
from tests.money.pages import at, code

pytestmark = pytest.mark.django_db


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


def test_batches_of_drafts_show_what_they_hold(desk, visit):
    batch = desk.draft(desk.award(7 * WAN), desk.award(5 * WAN))
    batches.drop(batch.payments.first(), "先不付", by=desk.preparer, at=desk.tick())
    page = visit(desk.preparer, at(desk))
    assert "1 笔" in page
    assert "50,000 元" in page
