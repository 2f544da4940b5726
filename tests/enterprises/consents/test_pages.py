"""The pages of consents: in plain words, every reading shown, one confirmation to end one; the letter."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enterprises.consents import granting
from enterprises.consents.choosing import Need
from enterprises.consents.forms import ConsentForm
from enterprises.consents.letter import letter
from enterprises.consents.reading import Reader, read
from enterprises.models import Consent, ConsentReading, Fact, GranteeKind, MemberRole
from tests.enterprises.consents.factories import GranteeFactory, consent_of, reader_of
from tests.enterprises.factories import MembershipFactory, actor_of
from tests.money.refusing import told
from tests.rows import change

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def actor(db):
    return actor_of()


@pytest.fixture
def site(client, actor):
    client.force_login(actor.user)
    return client


def address(actor, consent=None, tail=""):
    number = f"{consent.number}/" if consent else ""
    return f"/e/{actor.enterprise.pk}/consents/{number}{tail}"


def words(answer):
    assert answer.status_code == 200
    return answer.content.decode()


class TestList:
    def test_live_ones_and_ended_ones(self, site, actor):
        live, over = consent_of(actor), consent_of(actor)
        granting.revoke(actor, over, at=timezone.now())
        page = words(site.get(address(actor)))
        assert (live.number in page, over.number in page) == (True, False)
        page = words(site.get(address(actor), {"tab": "ended"}))
        assert (live.number in page, over.number in page) == (False, True)

    def test_says_what_to_do_when_there_is_none(self, site, actor):
        assert "没有生效的授权" in words(site.get(address(actor)))
        assert "没有结束的授权" in words(site.get(address(actor), {"tab": "ended"}))

    def test_asks_as_little_for_many_as_for_one(self, site, actor):
        consent_of(actor)
        counts = []
        for more in (0, 5):
            for _each in range(more):
                consent = consent_of(actor)
                read(consent.pk, reader_of(consent), at=timezone.now())
            site.get(address(actor))
            with CaptureQueriesContext(connection) as captured:
                site.get(address(actor))
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 14


class TestOne:
    def test_says_whom_what_for_what_and_until_when(self, site, actor):
        consent = consent_of(actor)
        page = words(site.get(address(actor, consent)))
        for said in (consent.grantee.name, consent.purpose, "营业收入", "高新技术企业", "DK-2026-000001"):
            assert said in page
        assert "净利润" not in page
        assert "还没有人看过" in page

    def test_shows_every_reading(self, site, actor):
        consent = consent_of(actor)
        now = timezone.now()
        read(consent.pk, reader_of(consent), at=now)
        read(consent.pk, Reader(consent.grantee, client="信贷系统"), at=now)
        page = words(site.get(address(actor, consent)))
        for said in ("李客户经理", "贷前调查", "信贷系统", "授权内的 4 项", "共 2 次"):
            assert said in page

    def test_an_open_one_says_that_nobody_reads_yet(self, site, actor):
        page = words(site.get(address(actor, consent_of(actor, GranteeKind.BANK))))
        assert "接单的金融机构" in page
        assert "现在没有人能查阅" in page

    def test_reading_it_is_no_reading(self, site, actor):
        site.get(address(actor, consent_of(actor)))
        assert not ConsentReading.objects.exists()

    def test_is_for_the_enterprise_alone(self, client, actor):
        consent, stranger = consent_of(actor), actor_of()
        client.force_login(stranger.user)
        for place in ("", "letter/"):
            assert client.get(address(actor, consent, place)).status_code == 404
            assert client.get(address(stranger, consent, place)).status_code == 404
        assert client.post(address(stranger, consent)).status_code == 404
        assert client.get(address(actor)).status_code == 404
        consent.refresh_from_db()
        assert consent.revoked_at is None


class TestRevoke:
    def test_takes_one_confirmation_and_no_reason(self, site, actor):
        consent = consent_of(actor)
        answer = site.post(address(actor, consent), follow=True)
        assert "已撤回，对方从现在起不能再查阅" in words(answer)
        consent.refresh_from_db()
        assert (consent.revoked_by, consent.revoke_reason) == (actor.user, "")
        assert "确认撤回" not in words(site.get(address(actor, consent)))

    def test_keeps_the_reason(self, site, actor):
        consent = consent_of(actor)
        page = words(site.post(address(actor, consent), {"reason": "已在别处贷款"}, follow=True))
        assert "已在别处贷款" in page

    def test_says_so_when_it_has_ended(self, site, actor):
        consent = consent_of(actor)
        site.post(address(actor, consent))
        assert "这项授权已经撤回" in words(site.post(address(actor, consent), follow=True))

    def test_a_long_reason_is_refused_on_the_page(self, site, actor):
        consent = consent_of(actor)
        assert site.post(address(actor, consent), {"reason": "长" * 201}).status_code == 422

    def test_an_agent_sees_and_does_not_end(self, client, actor):
        consent = consent_of(actor)
        agent = MembershipFactory(enterprise=actor.enterprise, role=MemberRole.AGENT).user
        client.force_login(agent)
        assert "确认撤回" not in words(client.get(address(actor, consent)))
        assert "只有法定代表人或管理员" in words(client.post(address(actor, consent), follow=True))
        assert Consent.objects.get().revoked_at is None


class TestLetter:
    def test_is_a_pdf_that_stands(self, site, actor):
        consent = consent_of(actor)
        answer = site.get(address(actor, consent, "letter/"))
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert consent.number in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]

    def test_of_an_open_one_and_of_one_that_was_assigned(self, site, actor):
        consent = consent_of(actor, GranteeKind.BANK)
        assert site.get(address(actor, consent, "letter/")).content.startswith(b"%PDF")
        granting.assign(consent, GranteeFactory(), at=timezone.now())
        granting.revoke(actor, consent, at=timezone.now())
        assert site.get(address(actor, consent, "letter/")).content.startswith(b"%PDF")

    def test_keeps_the_words_of_its_day(self, actor):
        consent = consent_of(actor)
        Fact.objects.filter(key="revenue").update(label="收入总额")
        change(consent.grantee, name="改了名的银行")
        consent.refresh_from_db()
        assert "营业收入" in consent.content["groups"][0]["labels"]
        assert consent.content["grantee"]["name"] != "改了名的银行"

    def test_is_not_printed_when_it_is_not_what_was_agreed_to(self, actor):
        consent = consent_of(actor)
        consent.content["purpose"] = "别的用途"
        told("digest", lambda: letter(consent, timezone.now()))


class TestForm:
    FACTS = ("revenue", "net_profit", "tax_credit_grade")

    def form(self, data=None):
        return ConsentForm(data, whom="垫江银行", facts=self.FACTS, credentials=())

    def given(self, **changed):
        blank = self.form()
        given = {
            "consent-items": ["fact:revenue", "fact:tax_credit_grade"],
            "consent-days": "90",
            "consent-seen": blank.shown,
            "consent-agreed": "on",
        }
        return {key: value for key, value in (given | changed).items() if value is not None}

    def test_what_is_ticked_is_given_and_nothing_else(self):
        form = self.form(self.given())
        assert form.is_valid(), form.errors
        at = dt.datetime(2026, 3, 2, 15, 30, tzinfo=SHANGHAI)
        terms = form.terms("流动资金贷款", reference="DK-1", at=at)
        assert set(terms.facts) == {"revenue", "tax_credit_grade"}
        assert (terms.credentials, terms.purpose, terms.reference) == ((), "流动资金贷款", "DK-1")
        assert terms.until == dt.datetime(2026, 6, 1, tzinfo=SHANGHAI)

    def test_the_longest_is_granted(self, actor):
        form = self.form(self.given(**{"consent-days": "1095"}))
        assert form.is_valid()
        now = timezone.now()
        assert granting.grant(actor, GranteeFactory(), form.terms("贷款", at=now), at=now).pk

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("consent-agreed", None),
            ("consent-items", []),
            ("consent-items", ["fact:employees"]),
            ("consent-days", "9999"),
            ("consent-seen", "0" * 64),
            ("consent-seen", None),
        ],
    )
    def test_is_refused(self, field, value):
        assert not self.form(self.given(**{field: value})).is_valid()

    def test_shown_for_somebody_else_it_is_not_valid_and_agreed_to_anew(self):
        form = ConsentForm(self.given(), whom="别的银行", facts=self.FACTS, credentials=())
        assert not form.is_valid()
        assert [error.code for error in form.non_field_errors().as_data()] == ["changed"]
        assert not form["agreed"].value()

    def test_shows_only_what_may_be_let_know(self):
        rest = [(name, [choice.label for _box, choice in rows]) for name, rows in self.form().more]
        assert rest == [("经营", ["营业收入"]), ("质效", ["净利润"]), ("信用", ["纳税缴费信用级别"])]
        assert self.form().needed == []

    def asked(self, data=None, needs=()):
        own = (
            Need("看利润", facts=("net_profit",)),
            Need("看资质", credentials=("high_tech", "green_food"), label="好资质"),
            Need("算评分", facts=("net_profit",), credentials=("green_food", "organic")),
        )
        return ConsentForm(data, whom="垫江银行", needs=needs or own)

    def test_what_is_needed_is_ticked_with_why_and_nothing_else(self):
        form = self.asked()
        assert [(why, [choice.label for _box, choice in rows]) for why, rows in form.needed] == [
            (("看利润", "算评分"), ["净利润"]),
            (("看资质", "算评分"), ["好资质"]),
            (("算评分",), ["有机产品"]),
        ]
        assert form["items"].value() == ["fact:net_profit", "kind:high_tech", "kind:organic"]
        assert all(box.data["selected"] for _why, rows in form.needed for box, _choice in rows)
        rest = [box for _name, rows in form.more for box, _choice in rows]
        assert not any(box.data["selected"] for box in rest)
        assert len({box.data["value"] for box in rest}) == len(rest) == 127 - 4
        assert not form.chose_more

    def test_what_goes_together_is_given_together_and_once(self):
        blank = self.asked()
        given = self.given(**{"consent-items": ["kind:high_tech"], "consent-seen": blank.shown})
        form = self.asked(given)
        assert form.is_valid(), form.errors
        assert form.terms("贷款", at=timezone.now()).credentials == ("high_tech", "green_food")

    def test_what_nobody_needs_stays_in_sight_once_ticked(self):
        data = self.given(**{"consent-items": ["fact:employees"], "consent-agreed": None})
        form = self.asked(data)
        assert not form.is_valid()
        assert form.chose_more

    def test_shown_with_other_needs_it_is_not_valid(self):
        given = self.given(**{"consent-items": ["fact:net_profit"], "consent-seen": self.asked().shown})
        assert self.asked(given).is_valid()
        assert not self.asked(given, [Need("看营收", facts=("revenue",))]).is_valid()

    def test_what_cannot_be_let_know_is_not_asked_for(self):
        assert self.asked(needs=[Need("看贷款", facts=("loan_amount", "nothing"))]).needed == []

    def test_everything_there_is_can_be_given(self, actor):
        blank = ConsentForm(whom="垫江银行")
        every = [choice.key for choice in blank.choices]
        given = self.given(**{"consent-items": every, "consent-seen": blank.shown})
        form = ConsentForm(given, whom="垫江银行")
        assert form.is_valid(), form.errors
        now = timezone.now()
        consent = granting.grant(actor, GranteeFactory(), form.terms("贷款", at=now), at=now)
        assert read(consent.pk, reader_of(consent), at=now).rows
