"""The bank's desk: what is shown to whom, and for how long."""

from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from enterprises.models import ConsentReading
from finance.lending import deciding, filing, grabbing
from finance.models import LoanState
from tests.finance.factories import published
from tests.finance.lending import factories as make
from tests.finance.lending.pages import at_desk, of_bank, of_firm
from tests.finance.lending.refused import refused
from tests.finance.lending.test_lists import workbook
from tests.finance.pools.factories import paper

pytestmark = pytest.mark.django_db
S = LoanState


class TestDesk:
    @pytest.mark.parametrize("state", make.WAYS)
    def test_the_page_of_every_state(self, client, state):
        loan = make.put(state)
        at_desk(client, loan.bank, "manager")
        assert client.get(of_bank("bank_loan", loan)).status_code == 200
        inbox = reverse("bank_inbox", args=[loan.bank_id])
        found = client.get(inbox, {"q": loan.number})
        assert loan.enterprise.name in found.content.decode()

    @pytest.mark.parametrize("name", ["bank_loan", "bank_facts", "bank_consent"])
    def test_another_banks_application_is_404(self, client, name):
        loan = make.put(S.ACCEPTED)
        by = at_desk(client, make.bank())
        assert client.get(reverse(name, args=[by.bank.pk, loan.number])).status_code == 404
        assert client.get(of_bank(name, loan)).status_code == 404
        assert not ConsentReading.objects.exists()

    def test_a_step_and_what_is_refused_beside_its_form(self, client):
        loan = make.put(S.DUE_DILIGENCE)
        at_desk(client, loan.bank)
        url = of_bank("bank_step", loan, "approve")
        for rate in ("4,35", "435", "0", ""):
            answer = client.post(url, {"amount": "50", "rate": rate, "months": "12", "method": "lump"})
            assert answer.status_code == 422, rate
        given = {"amount": "50", "rate": "４.35", "months": "12"}
        assert client.post(url, given | {"method": "never"}).status_code == 422
        assert client.post(url, given | {"method": "lump"}).status_code == 302
        loan.refresh_from_db()
        assert (loan.state, loan.approved_fen, loan.method) == (S.APPROVED, 50 * make.WAN, "lump")
        assert str(loan.approved_rate) == "4.3500"

    def test_who_only_looks_takes_no_step(self, client):
        loan = make.filed()
        at_desk(client, loan.bank, "viewer")
        assert client.get(of_bank("bank_loan", loan)).status_code == 200
        assert client.post(of_bank("bank_step", loan, "accept")).status_code == 404

    def test_an_unusual_rate_is_asked_about_once_more(self, client):
        loan = make.put(S.DUE_DILIGENCE, make.filed(version=published(make.bank())))
        at_desk(client, loan.bank)
        assert 'name="sure"' not in client.get(of_bank("bank_loan", loan)).text
        given = {"amount": "50", "rate": "0.0435", "months": "12", "method": "lump"}
        answer = client.post(of_bank("bank_step", loan, "approve"), given)
        assert answer.status_code == 422
        assert "年利率 0.0435% 不在 3.45% 至 4.35% 之间" in answer.text
        assert 'name="sure"' in answer.text
        assert client.post(of_bank("bank_step", loan, "approve"), given | {"sure": "on"}).status_code == 302
        loan.refresh_from_db()
        assert loan.state == S.APPROVED

    def test_the_hall_tells_no_name_and_the_taker_sees_it(self, client):
        loan = make.opened()
        by = at_desk(client, make.bank())
        hall = reverse("bank_hall", args=[by.bank.pk])
        text = client.get(hall).content.decode()
        assert loan.number in text
        for secret in (loan.enterprise.name, loan.enterprise.uscc, loan.contact_phone, loan.contact_name):
            assert secret not in text
        answer = client.post(reverse("bank_take", args=[by.bank.pk]), {"loan": loan.number}, follow=True)
        assert loan.enterprise.name in answer.content.decode()
        rival = at_desk(client, make.bank())
        late = client.post(reverse("bank_take", args=[rival.bank.pk]), {"loan": loan.number})
        assert late.status_code == 409
        assert by.bank.name in late.content.decode()

    def test_the_hall_does_not_tell_whose_it_is(self, client, firm):
        known = make.filed(firm)
        loan = make.opened(firm)
        by = at_desk(client, known.bank)
        assert loan.number not in client.get(reverse("bank_hall", args=[by.bank.pk])).content.decode()
        answers = [client.post(reverse("bank_take", args=[by.bank.pk]), {"loan": loan.number})]
        with mock.patch("finance.lending.grabbing._require_fit"):  # somebody was faster: the database refuses
            answers.append(client.post(reverse("bank_take", args=[by.bank.pk]), {"loan": loan.number}))
        for answer in answers:
            assert answer.status_code == 422
            assert answer.context["error"] == "这笔需求已不在大厅里，请看其他的。"
        loan.refresh_from_db()
        assert loan.bank is None

    def test_the_hall_goes_on_by_itself(self, client):
        by = at_desk(client, make.bank())
        url = reverse("bank_hall_live", args=[by.bank.pk])
        first = client.get(url)
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
        make.opened()
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200

    def test_the_consent_is_printed_for_the_file(self, client):
        loan = make.put(S.ACCEPTED)
        at_desk(client, loan.bank)
        answer = client.get(of_bank("bank_consent", loan))
        assert answer.content.startswith(b"%PDF-")

    def test_a_consent_that_cannot_be_printed_is_told(self, client):
        loan = make.put(S.ACCEPTED)
        at_desk(client, loan.bank)
        with mock.patch("enterprises.consents.letter.digest_of", return_value="another"):
            answer = client.get(of_bank("bank_consent", loan), follow=True)
        assert "内容与摘要不符" in answer.content.decode()

    @pytest.mark.parametrize("number", ["", "DK\0", "x" * 21, "DK-NONE"])
    def test_nothing_is_taken_by_what_is_no_number(self, client, number):
        by = at_desk(client, make.bank())
        assert client.post(reverse("bank_take", args=[by.bank.pk]), {"loan": number}).status_code == 404

    def test_files_and_notes_of_the_due_diligence_are_the_banks_own(self, client, firm):
        loan = make.put(S.DUE_DILIGENCE, make.filed(firm))
        at_desk(client, loan.bank)
        client.post(of_bank("bank_step", loan, "note"), {"text": "实地看过，订单充足"})
        file = SimpleUploadedFile("尽调.png", b"\x89PNG\r\n\x1a\n broken")
        client.post(of_bank("bank_bring", loan), {"file": file})
        assert not loan.files.exists()
        client.force_login(firm.user)
        assert "订单充足" not in client.get(loan.get_absolute_url()).content.decode()

    def test_the_bank_that_takes_it_after_another_sees_nothing_of_the_others(self, client, firm):
        loan = make.filed(firm)
        before = make.officer(loan.bank, name="赵前任")
        deciding.note(loan, "老板有诉讼", by=before, at=timezone.now())
        theirs = deciding.attach(loan, paper("他行尽调"), by=before, at=timezone.now())
        deciding.decline(loan, "不在服务范围", by=before, at=timezone.now())
        filing.open_up(firm, loan, at=timezone.now())
        by = at_desk(client, make.bank())
        grabbing.take(loan, by=by, at=timezone.now())
        loan.refresh_from_db()
        mine = deciding.attach(loan, paper("本行尽调"), by=by, at=timezone.now())
        text = client.get(of_bank("bank_loan", loan)).content.decode()
        for secret in ("诉讼", "赵前任", before.bank.name, "服务范围"):
            assert secret not in text
        assert client.get(of_bank("bank_file", loan, theirs.pk)).status_code == 404
        assert client.get(of_bank("bank_file", loan, mine.pk)).getvalue().startswith(b"%PDF")
        known = deciding.attach(loan, paper("他行尽调"), by=by, at=timezone.now())
        assert known.digest == theirs.digest
        with refused("file_known"):
            deciding.attach(loan, paper("他行尽调"), by=by, at=timezone.now())

    def test_a_list_is_looked_at_booked_and_the_same_again_is_said_to_change_nothing(self, client):
        loan = make.put(S.SIGNED)
        by = at_desk(client, loan.bank)
        url = reverse("bank_lists", args=[by.bank.pk])
        row = (loan.bank_number, "F1", timezone.localdate(), 1000)
        content = workbook(row).read()

        def bring():
            file = SimpleUploadedFile("放款.xlsx", content)
            return client.post(url, {"kind": "drawdowns", "file": file}, follow=True)

        preview = bring()
        assert "确认入账" in preview.content.decode()
        pk = preview.context["file"].pk
        booked = client.post(reverse("bank_list_book", args=[by.bank.pk, pk]), follow=True)
        assert "已入账 1 笔" in booked.content.decode()
        assert "没有任何变化" in bring().content.decode()
        loan.refresh_from_db()
        assert loan.drawn_fen == 100_000

    def test_mistakes_are_shown_by_row_and_column(self, client):
        loan = make.put(S.SIGNED)
        by = at_desk(client, loan.bank)
        file = workbook(("无此编号", "F1", timezone.localdate(), 1000))
        url = reverse("bank_lists", args=[by.bank.pk])
        text = client.post(url, {"kind": "drawdowns", "file": file}, follow=True).content.decode()
        assert "银行贷款编号" in text
        assert "确认入账" not in text

    @pytest.mark.parametrize("kind", ["drawdowns", "repayments"])
    def test_lists_are_given_out(self, client, kind):
        loan = make.put(S.REPAYING)
        by = at_desk(client, loan.bank)
        for name in ("bank_list_template", "bank_list_export"):
            answer = client.get(reverse(name, args=[by.bank.pk, kind]))
            assert answer.content.startswith(b"PK")
        assert client.get(reverse("bank_export", args=[by.bank.pk])).content.startswith(b"PK")

    def test_the_inbox_asks_as_many_queries_for_many(self, client, django_assert_max_num_queries):
        bank = make.bank()
        version = published(bank)
        for _number in range(4):
            make.filed(version=version)
        by = at_desk(client, bank)
        url = reverse("bank_inbox", args=[by.bank.pk])
        client.get(url)
        with django_assert_max_num_queries(16):
            client.get(url)


class TestSettingRight:
    def post(self, client, loan, kind, pk, reason="金额登错"):
        return client.post(of_bank("bank_reverse", loan, kind, pk), {"reason": reason}, follow=True)

    def test_a_button_on_the_row_with_reason(self, client):
        loan = make.put(S.REPAYING)
        at_desk(client, loan.bank)
        row = loan.repayments.get()
        assert "确认冲正" in client.get(of_bank("bank_loan", loan)).content.decode()
        text = self.post(client, loan, "repayment", row.pk, "").content.decode()
        assert "请写明冲正的原因" in text
        text = self.post(client, loan, "repayment", row.pk).content.decode()
        assert "已冲正，企业已收到通知" in text
        row.refresh_from_db()
        assert not row.live
        assert of_bank("bank_reverse", loan, "repayment", row.pk) not in text

    def test_the_enterprise_sees_it(self, client):
        loan = make.put(S.REPAYING)
        at_desk(client, loan.bank)
        self.post(client, loan, "repayment", loan.repayments.get().pk)
        client.force_login(loan.filed_by)
        text = client.get(of_firm("enterprise_loan", loan)).content.decode()
        assert "银行更正：金额登错" in text
        assert "还款本金 100,000 元、利息 2,000 元" in text

    def test_not_for_who_may_only_look_nor_of_another_loan(self, client):
        loan = make.put(S.REPAYING)
        at_desk(client, loan.bank, "viewer")
        assert "确认冲正" not in client.get(of_bank("bank_loan", loan)).content.decode()
        assert self.post(client, loan, "repayment", loan.repayments.get().pk).status_code == 404
        at_desk(client, loan.bank)
        other = make.put(S.REPAYING)
        assert self.post(client, loan, "repayment", other.repayments.get().pk).status_code == 404
        assert self.post(client, loan, "nothing", loan.repayments.get().pk).status_code == 404


class TestPlan:
    def test_both_sides_read_it(self, client):
        loan = make.put(S.REPAYING)
        at_desk(client, loan.bank)
        page = client.get(of_bank("bank_loan_plan", loan))
        assert "还款计划" in page.content.decode()
        numbers = [line.instalment.number for line in page.context["plan"].lines]
        assert numbers == list(range(1, 14))  # twelve months, and the principal that came early
        assert of_bank("bank_loan_plan", loan) in client.get(of_bank("bank_loan", loan)).content.decode()
        client.force_login(loan.filed_by)
        assert client.get(of_firm("enterprise_loan_plan", loan)).context["plan"].paid_fen == 10_200_000
        text = client.get(of_firm("enterprise_loan", loan)).content.decode()
        assert of_firm("enterprise_loan_plan", loan) in text

    @pytest.mark.parametrize("state", [S.SUBMITTED, S.SIGNED])
    def test_there_is_none_before_the_money(self, client, state):
        loan = make.put(state)
        at_desk(client, loan.bank)
        assert client.get(of_bank("bank_loan_plan", loan)).status_code == 404
        client.force_login(loan.filed_by)
        assert client.get(of_firm("enterprise_loan_plan", loan)).status_code == 404

    def test_another_banks_and_another_firms_is_not_there(self, client):
        loan = make.put(S.DRAWN)
        by = at_desk(client, make.bank())
        assert client.get(reverse("bank_loan_plan", args=[by.bank.pk, loan.number])).status_code == 404
        client.force_login(make.put(S.DRAWN).filed_by)
        assert client.get(of_firm("enterprise_loan_plan", loan)).status_code == 404
