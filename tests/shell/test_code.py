"""The enterprise's code: short-lived, signed; who scans sees what role and consent allow, and is recorded."""

import datetime as dt
from unittest import mock

import pytest
from django.core import signing
from django.utils import timezone

from enterprises.models import CodeScan, ConsentReading, Membership
from finance.models import BankOfficer
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.shell.code.signing import SALT, VALID, token_of
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory
from tests.enterprises.consents.factories import GranteeFactory, consent_of
from tests.enterprises.factories import actor_of, give_value
from tests.finance.factories import BankFactory, BankOfficerFactory, BranchFactory, published
from tests.finance.lending import factories as lending

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(db):
    acting = actor_of()
    year = timezone.localdate().year - 1
    today = timezone.localdate()
    give_value(acting.enterprise, "revenue", period=year, scaled=123_000_000_00, as_of=today)
    hr = Department.objects.get(code="hr")
    give_value(acting.enterprise, "employees", period=year, scaled=412, as_of=today, source_department=hr)
    return acting


def address(enterprise):
    return f"/code/{token_of(enterprise)}/"


def words(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


def banker(**changed):
    """An officer of a bank that may be given consents, with the second factor."""
    bank = BankFactory(grantee=GranteeFactory())
    return BankOfficerFactory(user=UserFactory(second_factor=True), bank=bank, **changed)


class TestOwn:
    def test_members_show_it_and_see_who_scanned(self, client, actor):
        stranger = UserFactory(name="路人甲")
        client.force_login(stranger)
        client.get(address(actor.enterprise))
        client.force_login(actor.user)
        page = words(client.get(f"/e/{actor.enterprise.pk}/code/"))
        assert "data:image/svg+xml" in page
        assert "路人甲" in page

    def test_it_is_the_members_alone(self, client, actor):
        client.force_login(UserFactory())
        assert client.get(f"/e/{actor.enterprise.pk}/code/").status_code == 404


class TestToken:
    def test_ends_after_some_minutes(self, client, actor):
        client.force_login(UserFactory())
        link = address(actor.enterprise)
        with mock.patch("django.core.signing.time.time", return_value=timezone.now().timestamp() + VALID - 5):
            assert client.get(link).status_code == 200
        with mock.patch("django.core.signing.time.time", return_value=timezone.now().timestamp() + VALID + 5):
            assert "已失效" in words(client.get(link), 410)

    @pytest.mark.parametrize("salt", [SALT, "another"])
    def test_is_not_forged(self, client, actor, salt):
        client.force_login(UserFactory())
        token = signing.dumps(actor.enterprise.pk, salt=salt, key="not the key" if salt == SALT else None)
        assert client.get(f"/code/{token}/").status_code == 410
        assert client.get(f"/code/{actor.enterprise.pk}/").status_code == 410
        assert not CodeScan.objects.exists()

    def test_asks_who_it_is(self, client, actor):
        assert "/accounts/login/" in client.get(address(actor.enterprise))["Location"]


class TestScanned:
    def test_anybody_sees_what_is_public_and_is_written_down_once(self, client, actor):
        stranger = UserFactory()
        client.force_login(stranger)
        for _look in range(2):
            page = words(client.get(address(actor.enterprise)))
        assert actor.enterprise.uscc in page
        assert "1.23" not in page
        scan = CodeScan.objects.get()
        assert (scan.enterprise, scan.user, scan.role) == (actor.enterprise, stranger, "other")

    def test_a_member_comes_home(self, client, actor):
        client.force_login(actor.user)
        assert client.get(address(actor.enterprise))["Location"] == f"/e/{actor.enterprise.pk}/"
        assert not CodeScan.objects.exists()

    def test_an_official_sees_what_their_department_keeps(self, client, actor):
        official = StaffFactory()
        PostingFactory(user=official, department=Department.objects.get(code="hr"), role=Role.EDITOR)
        client.force_login(official)
        page = words(client.get(address(actor.enterprise)))
        assert ("从业人数" in page, "412" in page) == (True, True)
        assert "营业收入" not in page
        assert CodeScan.objects.get().role == "official"

    def test_an_official_without_the_second_factor_is_asked_for_it(self, client, actor):
        official = StaffFactory(second_factor=False)
        PostingFactory(user=official, department=Department.objects.get(code="hr"), role=Role.EDITOR)
        client.force_login(official)
        page = words(client.get(address(actor.enterprise)))
        assert "输入动态码" in page
        assert "412" not in page

    def test_a_bank_reads_under_its_consent_and_that_is_recorded(self, client, actor):
        officer = banker()
        consent = consent_of(actor, officer.bank.grantee)
        client.force_login(officer.user)
        page = words(client.get(address(actor.enterprise)))
        assert consent.number in page
        assert "营业收入" not in page
        assert not ConsentReading.objects.exists()
        page = words(client.post(address(actor.enterprise), {"consent": consent.number}))
        assert "营业收入" in page
        assert "从业人数" not in page
        assert ConsentReading.objects.get().user == officer.user

    def test_a_bank_reads_nothing_under_anothers(self, client, actor):
        officer = banker()
        other = consent_of(actor, GranteeFactory())
        client.force_login(officer.user)
        assert other.number not in words(client.get(address(actor.enterprise)))
        answer = client.post(address(actor.enterprise), {"consent": other.number})
        assert answer.status_code == 404
        assert client.post(address(actor.enterprise)).status_code == 404
        assert client.post(address(actor.enterprise), {"consent": "\0"}).status_code == 404
        assert not ConsentReading.objects.exists()

    def test_a_branch_reads_nothing_under_the_consent_for_anothers_loan(self, client, actor):
        bank = lending.bank()
        mine, theirs = BranchFactory.create_batch(2, bank=bank)
        loan = lending.filed(actor, published(bank), branch=theirs)
        free = consent_of(actor, loan.consent.grantee)
        officer = BankOfficerFactory(user=UserFactory(second_factor=True), bank=bank, branch=mine)
        client.force_login(officer.user)
        page = words(client.get(address(actor.enterprise)))
        assert (free.number in page, loan.consent.number in page) == (True, False)
        answer = client.post(address(actor.enterprise), {"consent": loan.consent.number})
        assert answer.status_code == 404
        BankOfficer.objects.update(branch=theirs)
        assert loan.consent.number in words(client.get(address(actor.enterprise)))

    def test_somebody_who_left_the_bank_sees_what_is_public(self, client, actor):
        today = timezone.localdate()
        officer = banker(since=today - dt.timedelta(days=9), until=today)
        consent_of(actor, officer.bank.grantee)
        client.force_login(officer.user)
        assert "对贵行的授权" not in words(client.get(address(actor.enterprise)))
        assert CodeScan.objects.get().role == "other"
        assert not Membership.objects.filter(user=officer.user).exists()
