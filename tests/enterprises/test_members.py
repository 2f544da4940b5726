"""Who may act for an enterprise, and how they come to."""

import datetime as dt
import io

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.http import Http404
from django.utils import timezone
from PIL import Image

from enterprises.actors import get_actor, get_enterprise_for
from enterprises.models import Claim, Enterprise, Invitation, MemberRole, Membership, Status
from enterprises.services import (
    accept_invitation,
    approve_claim,
    declare_fact,
    find_by_uscc,
    invite,
    knowledge_of,
    reject_claim,
    revoke_invitation,
    submit_claim,
)
from portal.kernel.errors import DomainError
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory, actor_of

pytestmark = pytest.mark.django_db


def refused(code, act):
    with pytest.raises(DomainError) as caught:
        act()
    assert caught.value.code == code


def licence():
    photo = io.BytesIO()
    Image.new("RGB", (4, 3)).save(photo, "JPEG")
    return ContentFile(photo.getvalue(), name="licence.jpg")


@pytest.mark.parametrize(("days", "visible"), [(-1, False), (0, True), (1, True), (None, True)])
def test_a_member_sees_the_enterprise_until_the_last_day(days, visible):
    until = None if days is None else timezone.localdate() + dt.timedelta(days)
    membership = MembershipFactory(until=until)
    assert Enterprise.objects.visible_to(membership.user).exists() is visible
    if visible:
        assert get_enterprise_for(membership.user, membership.enterprise.pk) == membership.enterprise
    else:
        with pytest.raises(Http404):
            get_actor(membership.user, membership.enterprise.pk)


def test_not_yours_is_not_there(django_assert_num_queries):
    membership, stranger = MembershipFactory(), UserFactory()
    for user in (stranger, AnonymousUser()):
        assert not Enterprise.objects.visible_to(user).exists()
        with pytest.raises(Http404):
            get_actor(user, membership.enterprise.pk)
    with django_assert_num_queries(1):
        assert get_actor(membership.user, membership.enterprise.pk).enterprise.region.name


def test_an_invitation_works_once():
    actor, guest = actor_of(), UserFactory()
    until = timezone.localdate() + dt.timedelta(30)
    invitation, token = invite(actor, MemberRole.AGENT, until=until)
    assert token not in str(Invitation.objects.values().get())
    membership = accept_invitation(guest, token)
    assert (membership.enterprise, membership.role, membership.until) == (actor.enterprise, "agent", until)
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))
    refused("invitation_closed", lambda: revoke_invitation(actor, invitation.pk))


def test_invitations_expire_are_withdrawn_and_are_for_managers_only():
    actor = actor_of()
    invitation, token = invite(actor, MemberRole.AGENT)
    Invitation.objects.update(
        created_at=timezone.now() - dt.timedelta(8), expires_at=timezone.now() - dt.timedelta(1)
    )
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))
    invitation, token = invite(actor, MemberRole.AGENT)
    refused("invitation_closed", lambda: revoke_invitation(actor_of(), invitation.pk))
    revoke_invitation(actor, invitation.pk)
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), "guessed"))
    refused("not_manager", lambda: invite(actor_of(MemberRole.AGENT), MemberRole.AGENT))
    refused("role_not_invitable", lambda: invite(actor, MemberRole.LEGAL_REPRESENTATIVE))
    yesterday = timezone.localdate() - dt.timedelta(1)
    refused("until_past", lambda: invite(actor, MemberRole.AGENT, until=yesterday))


def test_a_member_does_not_join_twice():
    actor = actor_of()
    _invitation, token = invite(actor, MemberRole.AGENT)
    refused("already_member", lambda: accept_invitation(actor.user, token))
    assert accept_invitation(UserFactory(), token)


def test_claiming_by_licence():
    enterprise, visitor, official = EnterpriseFactory(), UserFactory(), UserFactory()
    claim = submit_claim(visitor, enterprise.uscc.lower(), licence())
    assert not Enterprise.objects.visible_to(visitor).exists()
    refused("claim_open", lambda: submit_claim(visitor, enterprise.uscc, licence()))
    refused("own_claim", lambda: approve_claim(claim, by=visitor))
    approve_claim(claim, by=official, comment="已核对")
    assert get_actor(visitor, enterprise.pk).may_manage
    assert [event.target for event in claim.events.all()] == ["approved"]
    refused("transition_refused", lambda: reject_claim(Claim.objects.get(), by=official, comment="x"))
    refused("already_member", lambda: submit_claim(visitor, enterprise.uscc, licence()))


def test_a_claim_is_sent_back_with_a_reason_and_may_be_made_again():
    enterprise, visitor, official = EnterpriseFactory(), UserFactory(), UserFactory()
    claim = submit_claim(visitor, enterprise.uscc, licence())
    refused("reason_missing", lambda: reject_claim(claim, by=official, comment=" "))
    reject_claim(claim, by=official, comment="照片不清楚")
    assert submit_claim(visitor, enterprise.uscc, licence()).pk != claim.pk


def test_a_second_legal_representative_is_refused_and_nothing_is_half_written():
    enterprise = MembershipFactory(role=MemberRole.LEGAL_REPRESENTATIVE).enterprise
    claim = submit_claim(UserFactory(), enterprise.uscc, licence(), role=MemberRole.LEGAL_REPRESENTATIVE)
    refused("legal_representative_taken", lambda: approve_claim(claim, by=UserFactory()))
    assert Claim.objects.get().state == "submitted"
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.jpg"), (b"<svg/>", "a.jpg"), (b"\xff\xd8\xff broken", "a.jpg")]
)
def test_a_licence_that_is_no_photo_is_refused(content, name):
    enterprise = EnterpriseFactory()
    refused(
        "licence_unfit",
        lambda: submit_claim(UserFactory(), enterprise.uscc, ContentFile(content, name=name)),
    )


def test_whom_nobody_can_claim():
    gone = EnterpriseFactory(status=Status.CANCELLED)
    refused("enterprise_cancelled", lambda: submit_claim(UserFactory(), gone.uscc, licence()))
    refused("uscc_unknown", lambda: find_by_uscc("91110000101623741K"))
    refused("uscc_check", lambda: find_by_uscc("91350211M0000XUF46"))
    refused("uscc_length", lambda: find_by_uscc("9135"))


def test_a_declared_fact_is_known_at_once():
    actor = actor_of(MemberRole.AGENT)
    value = declare_fact(actor, "employees", 2024, "１２ 人")
    assert (value.scaled, value.source_department, value.recorded_by) == (12, None, actor.user)
    declare_fact(actor, "revenue", 2024, "3,000", unit="万元")
    declare_fact(actor, "has_export", None, "否")
    declare_fact(actor, "export_value", 2024, "不适用")
    known = knowledge_of(actor.enterprise, as_of=timezone.localdate())
    assert known.value("employees", 2024).value == 12
    assert known.value("revenue", 2024).value == 3_000_000_000
    assert known.value("has_export").value is False
    assert not known.value("export_value", 2024).applicable


@pytest.mark.parametrize(
    ("code", "key", "period", "text"),
    [
        ("fact_unknown", "nonsense", None, "1"),
        ("fact_of_claim", "hire_count", None, "1"),
        ("fact_derived", "rd_ratio", 2024, "1"),
        ("fact_official", "abnormal_list", None, "否"),
        ("period_missing", "employees", None, "1"),
        ("period_unwanted", "has_export", 2024, "是"),
        ("period_out_of_range", "employees", 2999, "1"),
        ("number_invalid", "employees", 2024, "1e400"),
        ("value_precision", "employees", 2024, "1.5"),
        ("number_invalid", "employees", 2024, "NaN"),
    ],
)
def test_what_cannot_be_declared_says_why(code, key, period, text):
    refused(code, lambda: declare_fact(actor_of(), key, period, text))
