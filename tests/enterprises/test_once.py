"""Saying the same twice changes nothing, and what is closed stays closed, whoever writes."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from enterprises.models import FactValue, Invitation, MemberRole
from enterprises.services import (
    accept_invitation,
    approve_claim,
    declare_fact,
    invite,
    reject_claim,
    submit_claim,
)
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, actor_of
from tests.enterprises.test_members import licence, refused

MOBILE = "13900000000"
HERE = " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
"""Other processes test in other databases of the same server."""


def meanwhile(act):
    """Begin `act` in another connection while this transaction is open; returns once it waits for a lock."""

    def in_own_connection():
        try:
            return act()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    work = pool.submit(in_own_connection)
    pool.shutdown(wait=False)
    deadline = time.monotonic() + 10
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted" + HERE
    with connection.cursor() as cursor:
        while not work.done():
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                break
            assert time.monotonic() < deadline, "it neither waits nor ends"
            time.sleep(0.02)
    return work


@pytest.mark.django_db
def test_the_same_declaration_twice_is_one_row():
    actor = actor_of()
    first = declare_fact(actor, "employees", 2024, "12")
    assert declare_fact(actor, "employees", 2024, "12 人") == first
    assert declare_fact(actor, "employees", 2023, "12") != first
    tags = declare_fact(actor, "has_export", None, "不适用")
    assert declare_fact(actor, "has_export", None, "不适用") == tags
    assert FactValue.objects.count() == 3


@pytest.mark.django_db
def test_saying_something_else_in_between_or_of_another_day_is_news():
    actor = actor_of()
    for text in ("12", "13", "12"):
        declare_fact(actor, "employees", 2024, text)
    yesterday = timezone.localdate() - dt.timedelta(1)
    declare_fact(actor, "employees", 2024, "12", as_of=yesterday)
    assert FactValue.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_declaration_posted_twice_at_once_is_one_row():
    actor = actor_of()
    with transaction.atomic():
        first = declare_fact(actor, "employees", 2024, "12")
        second = meanwhile(lambda: declare_fact(actor, "employees", 2024, "12"))
    assert second.result(10) == first
    assert FactValue.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("again", [MOBILE, "+86 139-0000-0000", "１３９００００００００"])
def test_a_person_invited_again_has_one_link(again):
    actor = actor_of()
    _first, old = invite(actor, MOBILE, MemberRole.AGENT)
    second, new = invite(actor, again, MemberRole.MANAGER)
    assert Invitation.objects.filter(state="open").get() == second
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), old))
    assert accept_invitation(UserFactory(), new).role == "manager"


@pytest.mark.django_db
def test_other_people_and_other_enterprises_keep_theirs():
    actor = actor_of()
    for invitee in (MOBILE, "A@example.com", "b@example.com"):
        invite(actor, invitee, MemberRole.AGENT)
    invite(actor_of(), MOBILE, MemberRole.AGENT)
    invite(actor, " a@EXAMPLE.com ", MemberRole.AGENT)
    assert Invitation.objects.filter(state="open").count() == 4


@pytest.mark.django_db
def test_whom_nobody_can_invite():
    actor = actor_of()
    colleague = MembershipFactory(enterprise=actor.enterprise).user
    for invitee in (colleague.mobile, colleague.email.upper()):
        refused("already_member", lambda invitee=invitee: invite(actor, invitee, MemberRole.AGENT))
    refused("mobile_invalid", lambda: invite(actor, "张三", MemberRole.AGENT))
    refused("invitee_invalid", lambda: invite(actor, "a@b", MemberRole.AGENT))


@pytest.mark.django_db(transaction=True)
def test_a_person_invited_twice_at_once_has_one_link():
    actor = actor_of()
    with transaction.atomic():
        invite(actor, MOBILE, MemberRole.AGENT)
        second = meanwhile(lambda: invite(actor, MOBILE, MemberRole.AGENT))
    newest, _token = second.result(10)
    assert Invitation.objects.filter(state="open").get() == newest


def raw(statement, *arguments):
    """As the application role, whoever runs the tests."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)
        cursor.execute(statement, arguments)


def refuses(name, statement, *arguments):
    with pytest.raises(IntegrityError) as caught:
        raw(statement, *arguments)
    assert caught.value.__cause__.diag.constraint_name == name


REOPEN = (
    "UPDATE enterprises_invitation"
    " SET state = 'open', accepted_at = NULL, accepted_by_id = NULL, revoked_at = NULL"
)


@pytest.mark.django_db
def test_a_closed_invitation_stays_closed():
    actor = actor_of()
    _invitation, token = invite(actor, MOBILE, MemberRole.AGENT)
    accept_invitation(UserFactory(), token)
    transitions, closed = "enterprises_invitation_state_transitions", "enterprises_invitation_closed"
    refuses(transitions, REOPEN)
    refuses(closed, "UPDATE enterprises_invitation SET accepted_at = NULL, accepted_by_id = NULL")
    refuses(transitions, "DELETE FROM enterprises_invitation")


@pytest.mark.django_db
def test_two_open_invitations_of_one_person_are_refused():
    invitation, _token = invite(actor_of(), MOBILE, MemberRole.AGENT)
    columns = "enterprise_id, role, invitee, state, invited_by_id, created_at, expires_at"
    refuses(
        "enterprises_invitation_one_open",
        f"INSERT INTO enterprises_invitation ({columns}, token_hash) SELECT {columns}, 'other'"
        " FROM enterprises_invitation WHERE id = %s",
        invitation.pk,
    )


@pytest.mark.django_db
def test_nobody_decides_their_own_claim():
    visitor, official = UserFactory(), UserFactory()
    claim = submit_claim(visitor, EnterpriseFactory().uscc, licence())
    refused("own_claim", lambda: approve_claim(claim, by=visitor))
    refused("own_claim", lambda: reject_claim(claim, by=visitor, comment="x"))
    decide = "UPDATE enterprises_claim SET state = 'approved', decided_by_id = %s"
    refuses("enterprises_claim_not_own", decide, visitor.pk)
    refuses("enterprises_claim_decided", "UPDATE enterprises_claim SET state = 'approved'")
    refuses("enterprises_claim_decided", "UPDATE enterprises_claim SET decided_by_id = %s", official.pk)
    approve_claim(claim, by=official)
    assert claim.decided_by == official
    refuses("enterprises_claim_not_own", "UPDATE enterprises_claim SET decided_by_id = %s", visitor.pk)
