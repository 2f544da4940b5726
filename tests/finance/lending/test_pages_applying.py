"""Applying for a loan: the form, the consent in it, and what is refused beside it."""

from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from finance.lending import filing
from finance.models import LoanApplication, LoanState
from finance.products import publishing, writing
from tests.enterprises.factories import give_value
from tests.finance.factories import content, editor, published, publisher
from tests.finance.lending import factories as make
from tests.finance.lending.pages import consent_fields

pytestmark = pytest.mark.django_db
S = LoanState


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

    @pytest.mark.parametrize(
        ("name", "written", "said"),
        [
            ("amount", "800000", "80 亿元超过 10 亿元，请核对单位"),
            ("amount", "100000.000001", "超过 10 亿元"),
            ("contact_phone", "12", "请填写电话号码"),
            ("amount", "0", "金额须大于零"),
            ("months", "481", "期限请填 1 至 480 个月的整数"),
        ],
    )
    def test_a_slip_is_told_and_nothing_is_sent(self, client, firm, name, written, said):
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        answer = client.post(url, self.form(client, url, **{name: written}))
        assert answer.status_code == 422
        assert said in answer.text
        assert answer.text.count("还没有提交，请改好标红的地方。") == 1
        assert not LoanApplication.objects.exists()

    def test_open_to_all_banks_names_them(self, client, firm):
        bank = make.bank()
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        assert bank.short in client.get(url).content.decode()
        client.post(url, self.form(client, url))
        assert LoanApplication.objects.get().mode == "open"

    @pytest.mark.parametrize(("region", "warned"), [("500231101", False), ("110101001", True)])
    def test_what_speaks_against_the_product_is_said_before_the_consent(self, client, firm, region, warned):
        give_value(firm.enterprise, "region", text=region)
        version = published(make.bank())
        url = reverse("loan_apply", args=[firm.enterprise.pk])
        page = client.get(url + f"?product={version.product.code}")
        assert ("这款暂不适合您" in page.text) is warned
        assert bool(page.context["unmet"]) is warned
        assert not client.get(url).context["unmet"]

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

    def test_what_changed_is_told_and_what_was_typed_stays(self, client, firm):
        version = published(make.bank(), amount_max_fen=300 * make.WAN)
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + f"?product={version.product.code}"
        given = self.form(client, url, note="进原料", contact_name="李出纳")
        newer = writing.start_version(
            version.product, content(amount_max_fen=90 * make.WAN), by=(author := editor())
        )
        publishing.submit(newer, by=author)
        publishing.publish(newer, by=publisher())
        answer = client.post(url, given)
        told = {one.label: (one.before, one.after) for one in answer.context["differences"]}
        assert [part.split("至")[-1].strip() for part in told["金额"]] == ["300 万元", "90 万元"]
        text = answer.content.decode()
        assert "我已看过变化" in text
        for typed in ("进原料", "李出纳", 'value="80"'):
            assert typed in text
        assert answer.context["consent"]["items"].value() == given["consent-items"]

    def test_a_draft_is_never_told_of(self, client, firm):
        version = published(make.bank())
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + f"?product={version.product.code}"
        draft = writing.start_version(version.product, content(name="密谋中"), by=editor())
        for seen in (draft.pk, 10**19, "x"):
            answer = client.post(url, self.form(client, url, version=str(seen)))
            assert answer.status_code == 422
            assert answer.context["differences"] == []
            assert "密谋中" not in answer.content.decode()

    def gone(self, client, firm):
        """A form for a product that was withdrawn while it was filled in."""
        give_value(firm.enterprise, "region", text="500231101")
        version, other = published(make.bank(), name="老产品"), published(make.bank(), name="另一款")
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + f"?product={version.product.code}"
        given = self.form(client, url, note="进原料")
        publishing.withdraw(version, by=publisher(), reason="不再办理")
        return url, given, other

    def test_a_product_that_was_withdrawn_meanwhile_loses_nothing(self, client, firm):
        url, given, other = self.gone(client, firm)
        for version in (given["version"], ""):
            answer = client.post(url, given | {"version": version})
            assert answer.status_code == 422
        text = answer.content.decode()
        assert "“老产品”已经下架" in text
        assert "进原料" in text
        for way in (
            f"?product={other.product.code}",
            "?mode=recommend&amp;amount=80&amp;months=12&amp;purpose=turnover",
        ):
            assert f'formaction="/e/{firm.enterprise.pk}/finance/apply/{way}"' in text
        assert f'name="consent-items" value="{given["consent-items"][0]}"' in text
        assert not LoanApplication.objects.exists()

    def test_it_goes_on_with_another_product_or_to_all_banks(self, client, firm):
        url, given, other = self.gone(client, firm)
        del given["consent-agreed"]
        base = url.partition("?")[0]
        for way in (f"{base}?product={other.product.code}", f"{base}?mode=recommend", base):
            answer = client.post(way, given)
            assert answer.status_code == 422, way
            assert "进原料" in answer.content.decode()
        assert not LoanApplication.objects.exists()
        way = f"{base}?product={other.product.code}"
        agreed = consent_fields(client, way) | {"version": str(other.pk)}
        assert client.post(way, given | agreed).status_code == 302
        assert LoanApplication.objects.get().product_version == other

    def test_withdrawn_at_the_very_last_moment(self, client, firm):
        version = published(make.bank(), name="老产品")
        url = reverse("loan_apply", args=[firm.enterprise.pk]) + f"?product={version.product.code}"
        given = self.form(client, url)

        def meanwhile(*args, **kwargs):
            publishing.withdraw(version, by=publisher(), reason="不再办理")
            return filing.file_loan(*args, **kwargs)

        with mock.patch("finance.portal.apply.file_loan", meanwhile):
            answer = client.post(url, given)
        assert answer.status_code == 422
        assert "“老产品”已经下架" in answer.content.decode()

    def test_an_old_address_says_that_the_product_is_gone(self, client, firm):
        url, _given, other = self.gone(client, firm)
        answer = client.get(url)
        assert answer.status_code == 200
        assert "“老产品”已经下架" in answer.content.decode()
        assert other.name in answer.content.decode()

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


class TestNeed:
    """What the platform recommends is asked for first."""

    @pytest.fixture
    def ask(self, client, firm):
        give_value(firm.enterprise, "region", text="500231101")
        url = reverse("loan_need", args=[firm.enterprise.pk])
        need = {"amount": "80", "months": "12", "purpose": "turnover", "order": "rate"}
        return lambda **changes: client.get(url, need | changes)

    @staticmethod
    def offered(name, **changes):
        return published(make.bank(), name=name, **changes)

    def test_nothing_is_recommended_before_the_need_is_known(self, client, firm):
        url = reverse("loan_need", args=[firm.enterprise.pk])
        apply = reverse("loan_apply", args=[firm.enterprise.pk])
        for query in ("", "&amount=80", "&months=12"):
            answer = client.get(f"{apply}?mode=recommend{query}")
            assert (answer.status_code, answer.url) == (302, url)
        page = client.get(url)
        assert "found" not in page.context
        assert not page.context["form"].is_bound

    @pytest.mark.parametrize("missing", ["amount", "months", "purpose", "order"])
    def test_every_question_is_answered_first(self, ask, missing):
        page = ask(**{missing: ""})
        assert list(page.context["form"].errors) == [missing]
        assert "found" not in page.context

    @pytest.mark.parametrize(
        ("order", "first", "said"),
        [
            ("rate", "便宜的", "年利率 2.00–4.00%，适合您的 3 款里最好"),
            ("amount", "多的", "金额够：5 万元至 500 万元，适合您的 3 款里最好"),
            ("speed", "快的", "1 个工作日内答复，适合您的 3 款里最好"),
        ],
    )
    def test_what_counts_most_comes_first_with_its_reasons(self, ask, order, first, said):
        self.offered("便宜的", rate_low=2, rate_high=4, amount_max_fen=100 * make.WAN)
        self.offered("多的", amount_max_fen=500 * make.WAN)
        self.offered("快的", answer_days=1, amount_max_fen=100 * make.WAN)
        best = ask(order=order).context["found"].best
        assert (len(best), best[0].version.name, best[0].why[0].words) == (3, first, said)
        assert "可用于日常周转" in [reason.words for reason in best[0].why]

    def test_what_is_meant_for_the_purpose_comes_first_and_the_rest_says_that_it_is_not(self, ask):
        self.offered("周转的", rate_low=2, rate_high=2)
        self.offered("设备的", purposes=["equipment"])
        best = ask(purpose="equipment").context["found"].best
        assert [one.version.name for one in best] == ["设备的", "周转的"]
        assert (best[1].why[-1].mark, best[1].why[-1].words) == ("q", "没有写明可用于设备更新，请先问银行")

    def test_what_the_bank_does_not_say_is_no_reason_for_it_and_comes_last(self, ask):
        silent = {"amount_max_fen": None, "amount_min_fen": None, "amount_note": "额度由银行核定"}
        self.offered("没写明的", rate_low=1, rate_high=1, **silent)
        self.offered("写明的")
        best = ask().context["found"].best
        assert [one.version.name for one in best] == ["写明的", "没写明的"]
        assert [reason.words for reason in best[1].why if reason.mark == "q"] == ["额度由银行核定"]

    def test_what_cannot_meet_the_need_is_not_recommended_and_is_counted(self, ask):
        self.offered("短的", term_max=6)
        self.offered("少的", amount_max_fen=50 * make.WAN)
        page = ask()
        assert (page.context["found"].best, page.context["found"].counts["beyond"]) == ((), 2)
        assert "tab=beyond&amp;amount=80" in page.text

    def test_the_form_goes_on_with_what_was_said(self, client, ask):
        version = self.offered("合适的")
        page = ask(purpose="equipment")
        way = f"?product={version.product.code}&mode=recommend&amount=80&months=12&purpose=equipment"
        assert escape(way) in page.text
        form = client.get(page.wsgi_request.path.replace("need", "apply") + way)
        initial = form.context["form"].initial
        assert (initial["amount"], initial["months"], initial["purpose"]) == ("80", 12, "equipment")

    def test_another_firms_is_404(self, client, ask):
        other = make.filed().enterprise
        assert client.get(reverse("loan_need", args=[other.pk])).status_code == 404


class TestHallForm:
    def test_it_says_exactly_what_the_hall_shows(self, client, firm):
        page = client.get(reverse("loan_apply", args=[firm.enterprise.pk]))
        section = page.context["section"]
        assert section == "制造业"
        assert f"所属行业门类：{section}" in page.text
        loan = make.opened(firm, purpose_note="买新机床")
        by = make.officer(make.bank(), second_factor=True)
        client.force_login(by.user)
        hall = client.get(reverse("bank_hall", args=[by.bank.pk])).text
        assert section in hall
        for secret in (firm.enterprise.region.name, "汽车", "买新机床"):
            assert secret not in hall
        assert loan.number in hall

    def test_so_does_the_page_of_one_that_nobody_took_on(self, client, firm):
        loan = make.put(S.DECLINED, make.filed(firm))
        assert "所属行业门类：制造业" in client.get(loan.get_absolute_url()).text
