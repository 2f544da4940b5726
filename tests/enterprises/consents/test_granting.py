"""Who may give a consent, of what, until when; and how it ends."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from enterprises.consents import granting, hooks
from enterprises.models import Consent, GranteeKind, MemberRole
from enterprises.models.consents import MOST_SPAN
from portal.kernel.digests import digest_of
from portal.kernel.tasks import relay_outbox
from portal.notifications.models import Mailbox, Message
from tests.accounts.factories import UserFactory
from tests.enterprises.consents.factories import FACTS, GranteeFactory, consent_of, terms
from tests.enterprises.factories import actor_of
from tests.money.refusing import told

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
INSTANT = dt.timedelta(microseconds=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def actor(db):
    return actor_of()


@pytest.fixture
def officer(db):
    """Somebody of every bank, as the app of banks would say."""
    user = UserFactory()
    before = dict(hooks._recipients)
    hooks.recipients(GranteeKind.BANK)(lambda consent: [(Mailbox.for_user(user).pk, "/bank/1/")])
    yield user
    hooks._recipients.clear()
    hooks._recipients.update(before)


def given(actor, at, **changed):
    return granting.grant(actor, GranteeFactory(), terms(at, **changed), at=at)


class TestGrant:
    def test_says_what_whom_for_what_and_until_when(self, actor, now):
        consent = given(actor, now)
        consent.refresh_from_db()
        assert consent.enterprise == actor.enterprise
        assert consent.number.startswith("XXSQ-")
        assert {fact.key for fact in consent.facts.all()} == set(FACTS)
        assert [kind.key for kind in consent.credentials.all()] == ["high_tech"]
        assert consent.digest == digest_of(consent.content)
        assert consent.content["grantee"]["name"] == consent.grantee.name
        assert "营业收入" in [label for group in consent.content["groups"] for label in group["labels"]]
        assert consent.is_live(now)
        assert not consent.is_live(now - INSTANT)

    @pytest.mark.parametrize("role", [MemberRole.MANAGER, MemberRole.LEGAL_REPRESENTATIVE])
    def test_is_for_who_manages(self, role, now):
        assert given(actor_of(role), now).pk

    def test_is_not_for_an_agent(self, now):
        told("not_manager", lambda: given(actor_of(MemberRole.AGENT), now))
        assert not Consent.objects.exists()

    @pytest.mark.parametrize(
        ("code", "changed"),
        [
            ("nothing", {"facts": (), "credentials": ()}),
            ("no_purpose", {"purpose": "　 "}),
            ("purpose_long", {"purpose": "贷" * 201}),
            ("unknown_fact", {"facts": ("revenue", "nonsense")}),
            ("unknown_fact", {"facts": ("equipment_invest",)}),
            ("unknown_fact", {"credentials": ("nonsense",)}),
        ],
    )
    def test_is_refused(self, actor, now, code, changed):
        with transaction.atomic():  # what a missing refusal lets in is undone before the database looks again
            told(code, lambda: given(actor, now, **changed))
        assert not Consent.objects.exists()

    @pytest.mark.parametrize("span", [-DAY, dt.timedelta(0)])
    def test_until_then_or_before_is_none(self, actor, now, span):
        told("until_past", lambda: given(actor, now, until=now + span))

    def test_until_an_instant_later_is_one(self, actor, now):
        assert given(actor, now, until=now + INSTANT).pk

    def test_three_years_are_the_most(self, actor, now):
        assert given(actor, now, until=now + MOST_SPAN).pk
        told("too_long", lambda: given(actor, now, until=now + MOST_SPAN + INSTANT))

    def test_a_credential_alone_is_something(self, actor, now):
        assert given(actor, now, facts=()).credentials.count() == 1

    def test_numbers_do_not_repeat(self, actor, now):
        assert given(actor, now).number != given(actor, now).number

    def test_both_sides_are_told(self, actor, now, officer):
        consent = given(actor, now)
        relay_outbox()
        ours, theirs = Message.objects.order_by("pk")
        assert ours.mailbox_id == actor.enterprise.mailbox_id
        assert consent.grantee.name in ours.title
        assert theirs.mailbox == Mailbox.for_user(officer)
        assert (actor.enterprise.name in theirs.title, theirs.url) == (True, "/bank/1/")


class TestAssign:
    def test_gives_an_open_consent_its_one_grantee(self, actor, now, officer):
        consent, bank = granting.grant(actor, GranteeKind.BANK, terms(now), at=now), GranteeFactory()
        granting.assign(consent, bank, at=now + DAY)
        consent.refresh_from_db()
        assert (consent.grantee, consent.assigned_at) == (bank, now + DAY)
        told("assigned", lambda: granting.assign(consent, GranteeFactory(), at=now + DAY))
        relay_outbox()
        assert Message.objects.filter(mailbox=actor.enterprise.mailbox_id).count() == 2
        assert Message.objects.filter(mailbox=Mailbox.for_user(officer)).count() == 1

    def test_not_what_has_a_grantee(self, actor, now):
        told("assigned", lambda: granting.assign(given(actor, now), GranteeFactory(), at=now))

    def test_not_another_kind(self, actor, now):
        consent = granting.grant(actor, GranteeKind.BANK, terms(now), at=now)
        told("wrong_kind", lambda: granting.assign(consent, GranteeFactory(kind="provider"), at=now))

    def test_not_once_it_has_ended(self, actor, now):
        consent = granting.grant(actor, GranteeKind.BANK, terms(now), at=now)
        told("not_live", lambda: granting.assign(consent, GranteeFactory(), at=consent.until))
        granting.revoke(actor, consent, at=now)
        told("not_live", lambda: granting.assign(consent, GranteeFactory(), at=now + DAY))


class TestRevoke:
    def test_ends_it_at_once_and_tells_both_sides(self, actor, now, officer):
        consent = given(actor, now)
        granting.revoke(actor, consent, " 已在别处贷款 ", at=now + DAY)
        consent.refresh_from_db()
        assert (consent.revoked_at, consent.revoked_by) == (now + DAY, actor.user)
        assert consent.revoke_reason == "已在别处贷款"
        assert not consent.is_live(now)
        relay_outbox()
        assert Message.objects.filter(key=f"consent:{consent.pk}:revoked").count() == 2
        theirs = Message.objects.get(mailbox=Mailbox.for_user(officer), key__endswith="revoked")
        assert "已在别处贷款" in theirs.body

    def test_the_apps_above_hear_of_it(self, actor, now):
        heard = []
        hear = lambda sender, consent, at, **kwargs: heard.append((consent.pk, at))  # noqa: E731
        hooks.revoked.connect(hear)
        consent = given(actor, now)
        granting.revoke(actor, consent, at=now)
        hooks.revoked.disconnect(hear)
        assert heard == [(consent.pk, now)]

    def test_tells_who_is_the_grantee_by_now(self, actor, now, officer):
        consent = granting.grant(actor, GranteeKind.BANK, terms(now), at=now)
        granting.assign(Consent.objects.get(pk=consent.pk), bank := GranteeFactory(), at=now)
        granting.revoke(actor, consent, at=now)
        assert (consent.grantee, consent.assigned_at) == (bank, now)
        relay_outbox()
        assert Message.objects.filter(mailbox=Mailbox.for_user(officer), key__endswith="revoked").exists()
        ours = Message.objects.get(mailbox=actor.enterprise.mailbox_id, key__endswith="revoked")
        assert bank.name in ours.title

    def test_not_twice(self, actor, now):
        consent = given(actor, now)
        granting.revoke(actor, consent, at=now)
        told("revoked", lambda: granting.revoke(actor, consent, "又", at=now + DAY))
        consent.refresh_from_db()
        assert (consent.revoked_at, consent.revoke_reason) == (now, "")

    def test_to_its_last_instant(self, actor, now):
        consent = given(actor, now)
        told("expired", lambda: granting.revoke(actor, consent, at=consent.until))
        granting.revoke(actor, consent, at=consent.until - INSTANT)

    def test_not_another_enterprises(self, actor, now):
        told("gone", lambda: granting.revoke(actor_of(), given(actor, now), at=now))

    def test_not_by_an_agent(self, now):
        told("not_manager", lambda: granting.revoke(actor_of(MemberRole.AGENT), consent_of(), at=now))

    def test_a_reason_is_short(self, actor, now):
        consent = given(actor, now)
        told("reason_long", lambda: granting.revoke(actor, consent, "长" * 201, at=now))
        granting.revoke(actor, consent, "长" * 200, at=now)


class TestClose:
    """What a consent was given for is over."""

    def test_ends_it_and_tells_the_enterprise_why(self, actor, now, officer):
        consent = given(actor, now)
        assert granting.close(consent, "贷款已结清", by=None, at=now + DAY)
        consent.refresh_from_db()
        assert (consent.revoked_at, consent.revoked_by) == (now + DAY, None)
        relay_outbox()
        said = Message.objects.get(key=f"consent:{consent.pk}:closed")
        assert said.mailbox_id == actor.enterprise.mailbox_id
        assert "贷款已结清。" in said.body

    def test_one_that_was_given_while_the_closing_waited_ends_too(self, actor, now):
        consent = given(actor, now)
        assert granting.close(consent, "企业撤回申请", by=None, at=now - INSTANT)
        consent.refresh_from_db()
        assert consent.revoked_at == now
        assert not consent.is_live(now)

    def test_what_has_ended_stays_as_it_ended(self, actor, now):
        consent = given(actor, now)
        assert not granting.close(consent, "结清", by=None, at=consent.until)
        granting.revoke(actor, consent, "不办了", at=now)
        assert not granting.close(consent, "结清", by=None, at=now)
        consent.refresh_from_db()
        assert consent.revoke_reason == "不办了"
