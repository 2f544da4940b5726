"""The enterprise's own loans: who read what, taking back, opening to all banks."""

import datetime as dt

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from enterprises.consents import granting
from enterprises.consents.wording import end
from enterprises.models import ConsentReading
from finance.lending import filing
from finance.models import LoanState
from tests.finance.lending import factories as make
from tests.finance.lending.pages import at_desk, of_bank, of_firm

pytestmark = pytest.mark.django_db
S = LoanState


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

    def test_what_was_read_under_an_ended_consent_stays_in_sight(self, client, firm):
        loan = make.put(S.ACCEPTED, make.filed(firm))
        by = at_desk(client, loan.bank)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert "Enterprise facts" in client.get(of_bank("bank_facts", loan)).content.decode()
        del client.cookies[settings.LANGUAGE_COOKIE_NAME]
        granting.revoke(firm, loan.consent, at=timezone.now())
        loan.refresh_from_db()
        sharing = filing.Sharing(make.FACTS, timezone.now() + dt.timedelta(days=30), ())
        filing.consent_anew(firm, loan, sharing, at=timezone.now())
        client.force_login(firm.user)
        page = client.get(loan.get_absolute_url()).content.decode()
        assert f"{loan.bank.grantee.name} · {by.user.get_full_name()}" in page
        assert f"查看贷款申请 {loan.number}" in page
        assert "还没有人看过" not in page

    def test_opened_to_all_with_one_click_that_says_what_is_shared(self, client, firm):
        loan = make.put(S.DECLINED, make.filed(firm))
        page = client.get(loan.get_absolute_url()).content.decode()
        for said in ("面向全部银行", "营业收入", "资产负债率", end(loan.consent.until)):
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
        assert "已撤回" in client.post(action, follow=True).content.decode()
        anew = reverse("loan_apply", args=[firm.enterprise.pk]) + "?" + page.context["anew_query"]
        assert escape(anew) in page.content.decode()
        form = client.get(anew).context["form"]
        assert (form["amount"].value(), form["months"].value()) == ("800000元", "12")
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
            "consent-items": [choice.key for choice in part.offered.needed],
            "consent-days": "90",
            "consent-seen": part.shown,
            "consent-agreed": "on",
        }
        client.post(of_firm("enterprise_loan_consent", loan), given)
        loan.refresh_from_db()
        assert loan.consent.is_live(timezone.now())
