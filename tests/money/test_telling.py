"""What people are told of money: each event once, to whom it concerns, nothing to who has nothing to do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies.models import ReturnFile
from policies.money import accounts, batches, corrections, results
from policies.money.corrections import Difference
from policies.money.telling import tell_answers, tell_awarded
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory, PostingFactory
from tests.applying import factories as applying
from tests.enjoying.taken import grant
from tests.enterprises.factories import EnterpriseFactory
from tests.money.factories import Desk, account, answer, new_award, official, payment_of, return_file
from tests.money.refusing import told

pytestmark = pytest.mark.django_db
WAN = 1_000_000


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def firm():
    return EnterpriseFactory(name="渝东轮毂制造有限公司")


def messages(box, **of):
    """Titles in a mailbox, oldest first, once the outbox is delivered."""
    deliver()
    return list(Message.objects.filter(mailbox=box, **of).order_by("pk").values_list("title", flat=True))


def of(user):
    return messages(user.mailbox)


def last(box):
    deliver()
    return Message.objects.filter(mailbox=box).latest("pk")


class TestOfAnAward:
    def award(self, desk, firm):
        return grant(new_award(desk.version, firm), at=desk.at)

    def test_who_gave_no_account_is_asked_for_one(self):
        award = applying.approved().award
        firm = award.enterprise
        assert messages(firm.mailbox, kind="payment") == ["20 万元待拨付，请填写收款账户"]
        said = Message.objects.get(mailbox=firm.mailbox, kind="payment")
        assert award.version.title in said.body
        assert said.url == f"/e/{firm.pk}/money/account/"
        assert tell_awarded([award]) == 0, "the same award again"

    def test_whose_account_did_not_fit_is_asked_for_another(self, desk, firm):
        given = account(firm, checked=False)
        accounts.check(given, "mismatched", by=desk.preparer, at=desk.at, note="少了“有限”。")
        self.award(desk, firm)
        assert messages(firm.mailbox) == ["收款账户户名不符，请更正", "10 万元待拨付，请更正收款账户"]

    @pytest.mark.parametrize("checked", [True, False])
    def test_who_gave_an_account_has_nothing_to_do(self, desk, firm, checked):
        account(firm, checked=checked)
        self.award(desk, firm)
        assert messages(firm.mailbox) == []

    def test_whose_money_came_back_is_asked_for_another(self, desk, firm):
        desk.settle(desk.released(desk.award(enterprise=firm, period=2025)), "returned")
        self.award(desk, firm)
        assert messages(firm.mailbox)[-1] == "10 万元待拨付，请更正收款账户"

    def test_refused_awards_tell_nobody(self):
        application = applying.approved()
        twice = new_award(application.version, application.enterprise, period=application.period)
        told("awarded_twice", lambda: grant(twice, at=timezone.now()))
        assert len(messages(application.enterprise.mailbox, kind="payment")) == 1


def test_a_mismatch_says_which_account_and_what(desk, firm):
    given = account(firm, "6222000011112222", checked=False)
    accounts.check(given, "mismatched", by=desk.preparer, at=desk.at, note="少了“有限”。")
    said = last(firm.mailbox)
    assert "尾号 2222" in said.body
    assert "少了“有限”。更正" in said.body
    assert "6222000011112222" not in said.body


def test_a_match_is_no_news(firm):
    account(firm)
    assert messages(firm.mailbox) == []


class TestOfAnAnswer:
    def test_paid_by_amount_item_day_and_file(self, desk, firm):
        owed = desk.award(30 * WAN, enterprise=firm)
        batch = desk.settled(owed)
        assert messages(firm.mailbox) == ["30 万元已到账"]
        said = last(firm.mailbox)
        for words in (desk.version.title, "2026-03-03", batch.instruction.number):
            assert words in said.body
        assert said.url == f"/e/{firm.pk}/money/#award-{owed.pk}"

    def test_returned_with_the_banks_words_and_what_to_do(self, desk, firm):
        batch = desk.released(desk.award(enterprise=firm))
        desk.settle(batch, "returned")
        assert messages(firm.mailbox) == ["10 万元被银行退回，请核对收款账户"]
        assert "账号户名不符。账户不对的，请更正" in last(firm.mailbox).body

    def test_once_however_often_it_comes(self, desk, firm):
        batch = desk.released(desk.award(enterprise=firm), desk.award())
        first, _second = batch.payments.select_related("account").order_by("pk")
        line, file = answer(first), return_file(batch)
        results.settle([line], file, desk.tick())
        results.settle([line], return_file(batch), desk.tick())
        assert tell_answers(file) == 0
        assert messages(firm.mailbox) == ["10 万元已到账"]

    def test_paid_and_sent_back_later_is_two_events(self, desk, firm):
        batch = desk.settled(desk.award(enterprise=firm))
        desk.settle(batch, "returned")
        assert messages(firm.mailbox) == ["10 万元已到账", "10 万元被银行退回，请核对收款账户"]

    def test_paid_and_sent_back_in_one_file_or_out_of_order_never_says_that_it_came(self, desk, firm):
        batch = desk.released(desk.award(enterprise=firm))
        payment = payment_of(batch)
        desk.take(batch, [answer(payment, "returned")])
        desk.take(batch, [answer(payment, "paid")])
        assert messages(firm.mailbox) == ["10 万元被银行退回，请核对收款账户"]

    def test_a_file_that_is_not_applied_tells_nobody(self, desk, firm):
        batch = desk.released(desk.award(enterprise=firm))
        payment = payment_of(batch)
        wrong = [answer(payment), answer(payment, amount_fen=1)]
        with pytest.raises(results.Inconsistent):
            results.settle(wrong, return_file(batch), desk.tick())
        assert messages(firm.mailbox) == []
        assert ReturnFile.objects.get().state == "received"

    def test_the_preparers_of_the_line_hear_of_returns_once_a_file(self, desk):
        elsewhere = official(Role.PAYMENT_PREPARER, DepartmentFactory())
        batch = desk.released(desk.award(), desk.award())
        desk.settle(batch, "returned")
        assert of(desk.preparer) == ["2 笔拨付被银行退回"]
        said = last(desk.preparer.mailbox)
        assert batch.number in said.body
        assert said.url == f"/desk/{desk.line.department_id}/money/payments/?state=returned"
        assert of(elsewhere) == []

    def test_the_preparers_do_not_hear_of_what_went_well(self, desk):
        desk.settled()
        assert of(desk.preparer) == []

    def test_thousands_in_few_statements(self, desk):
        def queries(count):
            batch = desk.released(*(desk.award() for _number in range(count)))
            asked = batch.payments.select_related("account").order_by("pk")
            kinds = ("returned" if number % 2 else "paid" for number in range(count))
            lines = [answer(one, kind) for one, kind in zip(asked, kinds, strict=True)]
            file = return_file(batch)
            with CaptureQueriesContext(connection) as seen:
                results.settle(lines, file, desk.tick())
            return len(seen)

        assert queries(2) == queries(9)


class TestOfACorrection:
    def decide(self, desk, firm, over_fen):
        owed = desk.award(enterprise=firm)
        desk.settled(owed)
        (row,) = corrections.propose([Difference(owed, over_fen, {})], at=desk.tick())
        assert messages(firm.mailbox) == ["10 万元已到账"], "a proposal is no news"
        by = official(Role.LEADER)
        return row, lambda work: work(row, "从业人数更正为 8 人。", by=by, at=desk.tick())

    def test_a_clawback_says_why_and_whom_to_ask(self, desk, firm):
        row, decided = self.decide(desk, firm, 4 * WAN)
        decided(corrections.accept)
        assert messages(firm.mailbox)[1:] == ["多拨付了 4 万元，请退回"]
        said = last(firm.mailbox)
        for words in ("从业人数更正为 8 人", desk.version.title, row.award.item.department.name):
            assert words in said.body

    def test_a_topup_is_told_of_once(self, desk, firm):
        _row, decided = self.decide(desk, firm, -3 * WAN)
        decided(corrections.accept)
        told("transition_refused", lambda: decided(corrections.accept))
        assert messages(firm.mailbox)[1:] == ["补发 3 万元，请等候拨付"]

    def test_what_is_dismissed_is_no_news(self, desk, firm):
        _row, decided = self.decide(desk, firm, 4 * WAN)
        decided(corrections.dismiss)
        assert len(messages(firm.mailbox)) == 1


class TestOfABatch:
    def test_each_step_calls_the_next_person(self, desk):
        batch = desk.prepared()
        assert of(desk.confirmer) == [f"拨付批次待确认：{batch.title}"]
        assert of(desk.releaser) == []
        said = last(desk.confirmer.mailbox)
        assert "1 笔，10 万元" in said.body
        assert said.url == batch.get_absolute_url()
        desk.confirm(batch)
        assert of(desk.releaser) == [f"拨付批次待下达：{batch.title}"]
        desk.release(batch)
        assert len(of(desk.confirmer) + of(desk.releaser)) == 2
        assert of(desk.preparer) == []

    def test_nobody_is_called_to_sign_their_own_work_or_elsewhere(self, desk):
        PostingFactory(user=desk.preparer, department=desk.line.department, role=Role.PAYMENT_CONFIRMER)
        elsewhere = official(Role.PAYMENT_CONFIRMER, DepartmentFactory())
        desk.prepared()
        assert of(desk.preparer) == []
        assert of(elsewhere) == []

    def test_who_prepared_hears_that_it_came_back_and_each_round_calls_anew(self, desk):
        batch = desk.prepared()
        batches.send_back(batch, "金额要再核", by=desk.confirmer, at=desk.tick())
        assert of(desk.preparer) == [f"拨付批次被退回：{batch.title}"]
        assert last(desk.preparer.mailbox).body == "金额要再核"
        desk.prepare(batch)
        assert len(of(desk.confirmer)) == 2

    def test_who_takes_it_back_oneself_knows(self, desk):
        batch = desk.prepared()
        batches.send_back(batch, "漏了一家", by=desk.preparer, at=timezone.now())
        assert of(desk.preparer) == []
