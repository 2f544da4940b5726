"""The bank's desk and the enterprise's pages: what is shown to whom, and what is refused beside its form."""

from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from enterprises.consents import granting
from enterprises.models import ConsentReading
from finance.lending import deciding, filing, grabbing
from finance.models import LoanApplication, LoanState
from finance.products import publishing, writing
from portal.shell.templatetags.words import until
from tests.enterprises.factories import actor_of, give_value
from tests.finance.factories import content, editor, published, publisher
from tests.finance.lending import factories as make
from tests.finance.lending.test_lists import workbook
from tests.finance.pools.factories import paper

pytestmark = pytest.mark.django_db
S = LoanState


@pytest.fixture
def firm(client):
    actor = actor_of()
    client.force_login(actor.user)
    return actor


def at_desk(client, bank, role="officer"):
    actor = make.officer(bank, role, second_factor=True)
    client.force_login(actor.user)
    return actor


def of_firm(name, loan, **kwargs):
    return reverse(name, args=[loan.enterprise_id, loan.number], **kwargs)


def of_bank(name, loan, *more):
    return reverse(name, args=[loan.bank_id, loan.number, *more])


def consent_fields(client, url):
    """What the form says of the consent, as a browser would send it."""
    part = client.get(url).context["consent"]
    return {
        "consent-groups": [group.key for group in part.offered],
        "consent-days": "180",
        "consent-seen": part.shown,
        "consent-agreed": "on",
    }


class TestApplying:
    def form(self, client, url, **changes):
        shown = client.get(url).context["form"]
        given = {
            "amount": "80",
            "months": "12",
            "purpose": "turnover",
            "note": "",
            "contact_name": "王会计",
            "contact_phone": "13800000000",
            "version": shown.initial.get("version", ""),
            "key": shown.initial["key"],
        }
        return given | consent_fields(client, url) | changes

    def test_for_a_product_with_consent_in_one(self, client, firm):
        version = published(make.bank())
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + f"?product={version.product.code}&amount=50"
        page = client.get(url)
        assert page.context["form"].initial["contact_name"] == firm.user.name
        answer = client.post(url, self.form(client, url))
        loan = LoanApplication.objects.get()
        assert answer.url == loan.get_absolute_url()
        assert (loan.state, loan.product_version, loan.amount_fen) == (S.SUBMITTED, version, 80 * make.WAN)
        assert loan.consent.is_live(timezone.now())

    def test_open_to_all_banks_names_them(self, client, firm):
        bank = make.bank()
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        assert bank.short in client.get(url).content.decode()
        client.post(url, self.form(client, url))
        assert LoanApplication.objects.get().mode == "open"

    def test_without_consent_nothing_is_sent(self, client, firm):
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        given = self.form(client, url)
        del given["consent-agreed"]
        assert client.post(url, given).status_code == 422
        assert not LoanApplication.objects.exists()

    def test_a_product_that_changed_meanwhile_is_shown_and_asked_again(self, client, firm):
        version = published(make.bank())
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + f"?product={version.product.code}"
        given = self.form(client, url)
        newer = writing.start_version(
            version.product, content(amount_max_fen=90 * make.WAN), by=(author := editor())
        )
        publishing.submit(newer, by=author)
        publishing.publish(newer, by=publisher())
        answer = client.post(url, given)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "产品内容有更新" in text
        assert f'value="{newer.pk}"' in text
        assert client.post(url, given | {"version": newer.pk}).status_code == 302
        assert LoanApplication.objects.get().product_version == newer

    def recommended(self, client, firm):
        """A form that recommends the one product there is, filled in; and that product."""
        give_value(firm.enterprise, "region", text="500231101")
        version = published(make.bank())
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + "?mode=recommend&amount=80&months=12"
        assert client.get(url).context["version"] == version
        return url, self.form(client, url), version

    def test_what_is_recommended_is_applied_for(self, client, firm):
        url, given, version = self.recommended(client, firm)
        assert client.post(url, given).status_code == 302
        loan = LoanApplication.objects.get()
        assert (loan.mode, loan.product_version) == ("recommend", version)

    def test_recommended_for_one_bank_it_is_never_open_to_all(self, client, firm):
        url, given, version = self.recommended(client, firm)
        publishing.withdraw(version, by=publisher(), reason="不再办理")
        answer = client.post(url, given)
        assert answer.status_code == 422
        assert not LoanApplication.objects.exists()
        text = answer.content.decode()
        assert "产品已不能申请" in text
        assert "产品内容有更新" not in text
        page = answer.context["consent"]
        assert not page["agreed"].value()
        seen = self.form(client, url)["consent-seen"]
        assert client.post(url, given | {"version": "", "consent-agreed": ""}).status_code == 422
        assert client.post(url, given | {"consent-seen": seen}).status_code == 422
        assert client.post(url, given | {"version": ""}).status_code == 422
        assert not LoanApplication.objects.exists()
        assert client.post(url, given | {"version": "", "consent-seen": seen}).status_code == 302

    @pytest.mark.parametrize("same_bank", [True, False])
    def test_recommended_for_one_product_it_is_never_another(self, client, firm, same_bank):
        url, given, version = self.recommended(client, firm)
        other = published(version.product.bank if same_bank else make.bank(), name="另一款")
        publishing.withdraw(version, by=publisher(), reason="不再办理")
        for seen in (given["version"], "", "x"):
            answer = client.post(url, given | {"version": seen})
            assert answer.status_code == 422
            assert "另一款" in answer.content.decode()
            assert f'name="version" value="{other.pk}"' in answer.content.decode()
        assert not LoanApplication.objects.exists()
        again = client.post(url, given | {"version": str(other.pk)})
        assert again.status_code == (302 if same_bank else 422)
        if not same_bank:
            assert client.post(url, self.form(client, url)).status_code == 302
        assert LoanApplication.objects.get().product_version == other

    def test_a_form_for_all_banks_is_not_filed_for_one(self, client, firm):
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + "?mode=recommend&amount=80&months=12"
        given = self.form(client, url)
        give_value(firm.enterprise, "region", text="500231101")
        published(make.bank())
        assert client.post(url, given).status_code == 422
        assert not LoanApplication.objects.exists()

    @pytest.mark.parametrize("amount", ["", "0", "abc", "1e5", "0.001 分"])
    def test_an_amount_that_is_none_is_told(self, client, firm, amount):
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        assert client.post(url, self.form(client, url, amount=amount)).status_code == 422
        assert not LoanApplication.objects.exists()

    def test_an_unknown_product_is_404(self, client, firm):
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        assert client.get(url + "?product=NONE").status_code == 404


class TestOwn:
    def test_who_read_what_is_shown_and_revoked_at_once(self, client, firm, django_user_model):
        loan = make.put(S.ACCEPTED, make.filed(firm))
        by = at_desk(client, loan.bank)
        assert client.get(of_bank("bank_facts", loan)).status_code == 200
        client.force_login(firm.user)
        page = client.get(loan.get_absolute_url()).content.decode()
        assert by.user.get_full_name() in page
        client.post(of_firm("enterprise_loan_revoke", loan), {"reason": "不办了"})
        client.force_login(by.user)
        answer = client.get(of_bank("bank_facts", loan))
        assert answer.status_code == 403
        assert "撤回" in answer.content.decode()
        assert ConsentReading.objects.count() == 1
        answer = client.get(of_bank("bank_loan", loan))
        assert loan.contact_phone not in answer.content.decode()
        assert answer["Cache-Control"] == "private, no-store"

    def test_opened_to_all_with_one_click_that_says_what_is_shared(self, client, firm):
        loan = make.put(S.DECLINED, make.filed(firm))
        page = client.get(loan.get_absolute_url()).content.decode()
        for said in ("面向全部银行", "营业收入", "资产负债率", until(loan.consent.until)):
            assert said in page
        client.post(of_firm("enterprise_loan_open", loan))
        loan.refresh_from_db()
        assert (loan.mode, loan.state) == ("open", S.SUBMITTED)

    def test_after_it_was_taken_back_it_is_applied_for_anew(self, client, firm):
        loan = make.filed(firm)
        granting.revoke(firm, loan.consent, at=timezone.now())
        make.put(S.DECLINED, loan)
        page = client.get(loan.get_absolute_url())
        action = of_firm("enterprise_loan_open", loan)
        assert action not in page.content.decode()
        assert "已收回" in client.post(action, follow=True).content.decode()
        anew = reverse("loan_apply", args=[firm.enterprise.pk]) + "?" + page.context["anew_query"]
        assert escape(anew) in page.content.decode()
        form = client.get(anew).context["form"]
        assert (form["amount"].value(), form["months"].value()) == ("800000元", 12)
        loan.refresh_from_db()
        assert loan.state == S.DECLINED

    def test_withdrawn(self, client, firm):
        loan = make.filed(firm)
        client.post(of_firm("enterprise_loan_withdraw", loan), {"reason": ""})
        loan.refresh_from_db()
        assert loan.state == S.WITHDRAWN

    @pytest.mark.parametrize("state", make.WAYS)
    def test_the_page_of_every_state(self, client, firm, state):
        loan = make.put(state, make.filed(firm))
        assert client.get(loan.get_absolute_url()).status_code == 200
        assert client.get(reverse("enterprise_loans", args=[firm.enterprise.pk])).status_code == 200

    def test_another_firms_is_404(self, client, firm):
        loan = make.filed()
        assert (
            client.get(reverse("enterprise_loan", args=[firm.enterprise.pk, loan.number])).status_code == 404
        )

    def test_consented_anew(self, client, firm):
        loan = make.put(S.ACCEPTED, make.filed(firm))
        granting.revoke(firm, loan.consent, at=timezone.now())
        part = client.get(loan.get_absolute_url()).context["anew"]
        given = {
            "consent-groups": [group.key for group in part.offered],
            "consent-days": "90",
            "consent-seen": part.shown,
            "consent-agreed": "on",
        }
        client.post(of_firm("enterprise_loan_consent", loan), given)
        loan.refresh_from_db()
        assert loan.consent.is_live(timezone.now())


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
            answer = client.post(url, {"amount": "50", "rate": rate, "months": "12"})
            assert answer.status_code == 422, rate
        assert client.post(url, {"amount": "50", "rate": "４.35", "months": "12"}).status_code == 302
        loan.refresh_from_db()
        assert (loan.state, loan.approved_fen, str(loan.approved_rate)) == (
            S.APPROVED,
            50 * make.WAN,
            "4.3500",
        )

    def test_who_only_looks_takes_no_step(self, client):
        loan = make.filed()
        at_desk(client, loan.bank, "viewer")
        assert client.get(of_bank("bank_loan", loan)).status_code == 200
        assert client.post(of_bank("bank_step", loan, "accept")).status_code == 404

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
