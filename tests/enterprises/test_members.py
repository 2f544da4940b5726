"""Who may act for an enterprise, and how they come to."""

import datetime as dt
import io

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from enterprises.actors import get_actor, get_enterprise_for
from enterprises.models import Claim, Enterprise, Invitation, MemberRole, Membership, Status
from enterprises.services import (
    accept_invitation,
    approve_claim,
    declare_fact,
    dismiss,
    find_by_uscc,
    invite,
    knowledge_of,
    reject_claim,
    revoke_invitation,
    submit_claim,
)
from enterprises.services.members import OPEN_CLAIMS
from portal.kernel.errors import DomainError
from portal.kernel.outbox import deliver
from portal.notifications.models import Mailbox, Message
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
    invitation, token = invite(actor, "13900000000", MemberRole.AGENT, until=until)
    assert token not in str(Invitation.objects.values().get())
    membership = accept_invitation(guest, token)
    assert (membership.enterprise, membership.role, membership.until) == (actor.enterprise, "agent", until)
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))
    refused("invitation_closed", lambda: revoke_invitation(actor, invitation.pk))


def test_invitations_expire_are_withdrawn_and_are_for_managers_only():
    actor = actor_of()
    invitation, token = invite(actor, "13900000000", MemberRole.AGENT)
    Invitation.objects.update(
        created_at=timezone.now() - dt.timedelta(8), expires_at=timezone.now() - dt.timedelta(1)
    )
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))
    invitation, token = invite(actor, "13900000000", MemberRole.AGENT)
    refused("invitation_closed", lambda: revoke_invitation(actor_of(), invitation.pk))
    revoke_invitation(actor, invitation.pk)
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), "guessed"))
    refused("not_manager", lambda: invite(actor_of(MemberRole.AGENT), "13900000000", MemberRole.AGENT))
    refused("role_not_invitable", lambda: invite(actor, "13900000000", MemberRole.LEGAL_REPRESENTATIVE))
    yesterday = timezone.localdate() - dt.timedelta(1)
    refused("until_past", lambda: invite(actor, "13900000000", MemberRole.AGENT, until=yesterday))


def test_a_member_does_not_join_twice():
    actor = actor_of()
    _invitation, token = invite(actor, "13900000000", MemberRole.AGENT)
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


def yesterday():
    return timezone.localdate() - dt.timedelta(1)


def test_who_was_a_member_joins_and_claims_again():
    actor = actor_of()
    former = MembershipFactory(enterprise=actor.enterprise, until=yesterday(), role=MemberRole.MANAGER)
    _invitation, token = invite(actor, "13900000000", MemberRole.AGENT)
    assert accept_invitation(former.user, token).pk == former.pk
    assert get_actor(former.user, actor.enterprise.pk).role == MemberRole.AGENT
    Membership.objects.filter(pk=former.pk).update(until=yesterday())
    approve_claim(submit_claim(former.user, actor.enterprise.uscc, licence()), by=UserFactory())
    assert get_actor(former.user, actor.enterprise.pk).may_manage


def test_a_legal_representative_of_the_past_makes_room():
    past = MembershipFactory(role=MemberRole.LEGAL_REPRESENTATIVE, until=yesterday())
    claim = submit_claim(UserFactory(), past.enterprise.uscc, licence(), role=MemberRole.LEGAL_REPRESENTATIVE)
    approve_claim(claim, by=UserFactory())
    assert get_actor(claim.user, past.enterprise.pk).role == MemberRole.LEGAL_REPRESENTATIVE


def test_a_manager_dismisses_colleagues_but_neither_themselves_nor_the_legal_representative():
    actor = actor_of()
    colleague = MembershipFactory(enterprise=actor.enterprise, role=MemberRole.MANAGER)
    head = MembershipFactory(enterprise=actor.enterprise, role=MemberRole.LEGAL_REPRESENTATIVE)
    own = Membership.objects.get(user=actor.user)
    refused("own_membership", lambda: dismiss(actor, own.pk))
    refused("legal_representative", lambda: dismiss(actor, head.pk))
    refused("not_member", lambda: dismiss(actor, MembershipFactory().pk))
    agent = MembershipFactory(enterprise=actor.enterprise, role=MemberRole.AGENT)
    refused("not_manager", lambda: dismiss(get_actor(agent.user, actor.enterprise.pk), colleague.pk))
    dismiss(actor, colleague.pk)
    with pytest.raises(Http404):
        get_actor(colleague.user, actor.enterprise.pk)
    refused("not_member", lambda: dismiss(actor, colleague.pk))


def test_the_enterprise_is_told_of_every_change_of_its_members(client):
    owner = actor_of()
    guest, claimant = UserFactory(name="王小明"), UserFactory(name="赵大海")
    _invitation, token = invite(owner, "13800000009", MemberRole.AGENT)
    client.force_login(guest)
    page = client.get(reverse("join", args=[token])).content.decode()
    assert owner.enterprise.name in page
    assert f"{owner.user.get_full_name()}邀请您担任经办人" in page
    membership = accept_invitation(guest, token)
    approve_claim(submit_claim(claimant, owner.enterprise.uscc, licence()), by=UserFactory())
    dismiss(owner, membership.pk)
    deliver()
    told = Message.objects.filter(mailbox=owner.enterprise.mailbox).order_by("pk")
    assert list(told.values_list("title", flat=True)) == [
        "王小明已成为本企业的经办人",
        "赵大海已成为本企业的管理员",
        f"{owner.user.get_full_name()}移出了王小明",
    ]
    assert owner.user.get_full_name() in told[0].body
    assert {one.url for one in told} == {reverse("enterprise_members", args=[owner.enterprise.pk])}


def test_a_link_that_works_no_more_says_so_before_anything_is_pressed(client):
    client.force_login(UserFactory())
    answer = client.get(reverse("join", args=["nonsense"]), follow=True)
    assert "邀请链接已失效" in answer.content.decode()


def test_removal_asks_first_and_the_link_can_be_copied(client):
    owner = actor_of()
    MembershipFactory(enterprise=owner.enterprise, role=MemberRole.AGENT)
    client.force_login(owner.user)
    address = reverse("enterprise_members", args=[owner.enterprise.pk])
    page = client.get(address).content.decode()
    _before, asked = page.split('<details class="sure"')
    asked, _after = asked.split("</details>", 1)
    assert 'name="dismiss"' in asked
    assert "确认移出" in asked
    given = {"invite": "1", "invitee": "13800000009", "role": "agent"}
    page = client.post(address, given).content.decode()
    assert 'data-copy="invitation"' in page
    assert "readonly" in page


def test_the_button_dismisses(client):
    actor = actor_of()
    colleague = MembershipFactory(enterprise=actor.enterprise)
    client.force_login(actor.user)
    address = reverse("enterprise_members", args=[actor.enterprise.pk])
    assert f'name="dismiss" value="{colleague.pk}"' in client.get(address).content.decode()
    assert client.post(address, {"dismiss": colleague.pk}).status_code == 302
    assert not Membership.objects.current().filter(pk=colleague.pk).exists()


def test_an_invitation_ends_with_the_inviter():
    membership = MembershipFactory(until=timezone.localdate() + dt.timedelta(3))
    actor = get_actor(membership.user, membership.enterprise.pk)
    _invitation, token = invite(actor, "13900000000", MemberRole.MANAGER)
    assert accept_invitation(UserFactory(), token).until == membership.until
    _invitation, token = invite(actor, "13900000000", MemberRole.MANAGER)
    Membership.objects.filter(pk=membership.pk).update(until=yesterday())
    refused("invitation_closed", lambda: accept_invitation(UserFactory(), token))


def test_the_claimant_is_told_of_the_decision_and_reads_the_reason(client):
    refusal = submit_claim(UserFactory(), EnterpriseFactory().uscc, licence())
    reject_claim(refusal, by=UserFactory(), comment="照片不清楚")
    approval = submit_claim(refusal.user, EnterpriseFactory().uscc, licence())
    approve_claim(approval, by=UserFactory(), comment="内部意见")
    deliver()
    told = Message.objects.filter(mailbox=Mailbox.for_user(refusal.user)).order_by("pk")
    assert [(one.key, one.body) for one in told] == [
        (f"claim:{refusal.pk}", "照片不清楚"),
        (f"claim:{approval.pk}", "您可以代表企业办事了。"),
    ]
    client.force_login(refusal.user)
    text = client.get(reverse("enterprises")).content.decode()
    assert "照片不清楚" in text
    assert "内部意见" not in text


def test_a_user_has_few_claims_open_and_refused_ones_leave_no_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    visitor, first = UserFactory(), EnterpriseFactory()
    submit_claim(visitor, first.uscc, licence())
    refused("claim_open", lambda: submit_claim(visitor, first.uscc, licence()))
    for _each in range(OPEN_CLAIMS - 1):
        submit_claim(visitor, EnterpriseFactory().uscc, licence())
    refused("claims_many", lambda: submit_claim(visitor, EnterpriseFactory().uscc, licence()))
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == OPEN_CLAIMS


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
