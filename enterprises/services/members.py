"""How people come to act for an enterprise: by claiming it, or by invitation."""

import datetime as dt
import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.actors import Actor
from enterprises.models import Claim, ClaimState, Enterprise, Invitation, MemberRole, Membership, Status
from enterprises.models.membership import MANAGING, InvitationState, MembershipQuerySet
from enterprises.services.locks import take_turn
from enterprises.uscc import parse_uscc
from portal.accounts.identifiers import parse_mobile
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance
from portal.notifications.models import Mailbox
from portal.notifications.services import send_message

INVITATION_LASTS = dt.timedelta(days=7)
OPEN_CLAIMS = 5
"""How many claims of one user may wait at a time."""


@transaction.atomic
def invite(
    actor: Actor, invitee: str, role: MemberRole, *, until: dt.date | None = None
) -> tuple[Invitation, str]:
    """A new invitation and the token for its link, which is shown once. Raises DomainError.

    ``invitee`` is a mobile or an e-mail; an open invitation of the same person is replaced, so that only
    the newest link works. Nobody is invited for longer than the inviter stays.
    """
    _must_manage(actor)
    if role not in (MemberRole.MANAGER, MemberRole.AGENT):
        raise DomainError(_("只能邀请管理员或经办人。"), code="role_not_invitable")
    now = timezone.now()
    if until is not None and until < timezone.localdate(now):
        raise DomainError(_("截止日期已过，请重新选择。"), code="until_past")
    person = _parse_invitee(invitee)
    if _whose(person, Membership.objects.current().filter(enterprise=actor.enterprise)).exists():
        raise DomainError(_("该用户已是这家企业的成员。"), code="already_member")
    take_turn("invite", actor.enterprise.pk)
    _revoke(Invitation.objects.filter(enterprise=actor.enterprise, invitee=person))
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        enterprise=actor.enterprise,
        invitee=person,
        role=role,
        until=_earlier(until, _current(actor.user, actor.enterprise).values_list("until", flat=True).first()),
        token_hash=_hash(token),
        invited_by=actor.user,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    return invitation, token


def revoke_invitation(actor: Actor, pk: int) -> None:
    """Withdraw an invitation that nobody has accepted. Raises DomainError."""
    _must_manage(actor)
    if not _revoke(Invitation.objects.filter(pk=pk, enterprise=actor.enterprise)):
        raise DomainError(_("邀请已被接受或撤回，请刷新页面。"), code="invitation_closed")


@transaction.atomic
def dismiss(actor: Actor, pk: int) -> None:
    """End a colleague's membership at once, and tell the others. Raises DomainError.

    Nobody dismisses themselves; the legal representative changes by a claim, which an official decides.
    """
    _must_manage(actor)
    found = Membership.objects.current().filter(pk=pk, enterprise=actor.enterprise).first()
    if found is None:
        raise DomainError(_("该成员已移出，请刷新页面。"), code="not_member")
    if found.user_id == actor.user.pk:
        raise DomainError(_("不能移出自己，请由其他管理员办理。"), code="own_membership")
    if found.role == MemberRole.LEGAL_REPRESENTATIVE:
        raise DomainError(_("法定代表人由新任者认领、工作人员核对后变更。"), code="legal_representative")
    found.until = timezone.localdate() - dt.timedelta(days=1)
    found.save(update_fields=["until"])
    said = {"who": actor.user.get_full_name(), "name": found.user.get_full_name()}
    with in_language_of_record():
        _tell_members(actor.enterprise, _("%(who)s移出了%(name)s") % said, _("该成员不能再代表本企业。"))


@transaction.atomic
def accept_invitation(user: User, token: str) -> Membership:
    """Join the enterprise, whose members are told. A link works once.

    Raises DomainError when it does not work any more.
    """
    invitation, now = find_invitation(token, lock=True), timezone.now()
    inviter = _current(invitation.invited_by, invitation.enterprise).filter(role__in=MANAGING).first()
    if inviter is None:
        raise DomainError(_("邀请人已不是企业管理员，请联系现任管理员重新邀请。"), code="invitation_closed")
    if _current(user, invitation.enterprise).exists():
        raise DomainError(_("您已是这家企业的成员，无需重复加入。"), code="already_member")
    membership, _created = Membership.objects.update_or_create(
        enterprise=invitation.enterprise,
        user=user,
        defaults={"role": invitation.role, "until": _earlier(invitation.until, inviter.until)},
    )
    invitation.state, invitation.accepted_by, invitation.accepted_at = InvitationState.ACCEPTED, user, now
    invitation.save(update_fields=["state", "accepted_by", "accepted_at"])
    with in_language_of_record():
        _tell_joined(membership, _("邀请人：%(inviter)s。") % {"inviter": inviter.user.get_full_name()})
    return membership


def find_invitation(token: str, *, lock: bool = False) -> Invitation:
    """The invitation of a link that still works. Raises DomainError when it does not."""
    found = Invitation.objects.select_related("enterprise", "invited_by").filter(token_hash=_hash(token))
    invitation = (found.select_for_update(of=("self",)) if lock else found).first()
    if (
        invitation is None
        or invitation.state != InvitationState.OPEN
        or invitation.expires_at <= timezone.now()
    ):
        raise DomainError(_("邀请链接已失效，请联系邀请人重新发送。"), code="invitation_closed")
    return invitation


def find_by_uscc(text: str) -> Enterprise:
    """The registered enterprise of a credit code as typed. Raises DomainError when there is none."""
    code = parse_uscc(text)
    found = Enterprise.objects.filter(uscc=code.text).first()
    if found is not None:
        return found
    if not code.checked:
        raise DomainError(
            _("统一社会信用代码的校验位不符，请对照营业执照核对 %(code)s。") % {"code": code.text},
            code="uscc_check",
        )
    raise DomainError(
        _("名册中没有 %(code)s。新登记的企业一般三个工作日内入库，也可联系县企业服务中心。")
        % {"code": code.text},
        code="uscc_unknown",
    )


def submit_claim(user: User, uscc: str, licence: File, *, role: MemberRole = MemberRole.MANAGER) -> Claim:
    """Claim an enterprise by its credit code and a photo of its licence. Raises DomainError."""
    enterprise = find_by_uscc(uscc)
    if enterprise.status == Status.CANCELLED:
        raise DomainError(_("该企业已注销，不能认领。"), code="enterprise_cancelled")
    if _current(user, enterprise).exists():
        raise DomainError(_("您已是这家企业的成员，无需认领。"), code="already_member")
    waiting = Claim.objects.filter(user=user, state=ClaimState.SUBMITTED)
    if waiting.filter(enterprise=enterprise).exists():
        raise DomainError(_("您已提交认领申请，请等待审核。"), code="claim_open")
    if waiting.count() >= OPEN_CLAIMS:
        raise DomainError(
            _("您待审核的认领已有 %(most)d 件，请等审核后再提交。") % {"most": OPEN_CLAIMS},
            code="claims_many",
        )
    try:
        Claim._meta.get_field("licence").run_validators(licence)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), code="licence_unfit") from None
    try:
        with transaction.atomic():
            return Claim.objects.create(enterprise=enterprise, user=user, licence=licence, role=role)
    except IntegrityError as error:
        if "enterprises_claim_one_open" not in str(error):
            raise
        raise DomainError(_("您已提交认领申请，请等待审核。"), code="claim_open") from None


@transaction.atomic
def approve_claim(claim: Claim, *, by: User, comment: str = "") -> Membership:
    """The licence fits: the claimant becomes a member. Nobody decides their own. Raises DomainError."""
    advance(claim, "approve", actor=by, comment=comment, changes={"decided_by": by})
    if claim.role == MemberRole.LEGAL_REPRESENTATIVE:
        others = Membership.objects.filter(enterprise=claim.enterprise, role=claim.role)
        others.filter(until__lt=timezone.localdate()).exclude(user=claim.user).delete()
    try:
        with transaction.atomic():
            membership, _created = Membership.objects.update_or_create(
                enterprise=claim.enterprise, user=claim.user, defaults={"role": claim.role, "until": None}
            )
    except IntegrityError as error:
        if "enterprises_membership_one_legal_representative" not in str(error):
            raise
        raise DomainError(
            _("企业已有法定代表人账号，请先核实。"), code="legal_representative_taken"
        ) from None
    with in_language_of_record():
        _tell(
            claim, _("“%(name)s”的认领已通过") % {"name": claim.enterprise.name}, _("您可以代表企业办事了。")
        )
        _tell_joined(membership, _("认领申请已由工作人员核对通过。"))
    return membership


@transaction.atomic
def reject_claim(claim: Claim, *, by: User, comment: str) -> None:
    """The licence does not fit; the reason is shown to the claimant. Raises DomainError."""
    if not comment.strip():
        raise DomainError(_("请写明退回原因。"), code="reason_missing")
    advance(claim, "reject", actor=by, comment=comment, changes={"decided_by": by}, public=True)
    with in_language_of_record():
        _tell(claim, _("“%(name)s”的认领被退回") % {"name": claim.enterprise.name}, comment)


def _tell_joined(membership: Membership, how: str) -> None:
    """Tell the enterprise of a new member, and how they became one."""
    said = {"name": membership.user.get_full_name(), "role": membership.get_role_display()}
    body = how + _("如有疑问，请在“成员”中移出，或联系县企业服务中心。")
    with in_language_of_record():
        _tell_members(membership.enterprise, _("%(name)s已成为本企业的%(role)s") % said, body)


@in_language_of_record()
def _tell_members(enterprise: Enterprise, title: str, body: str) -> None:
    """A message to all who act for the enterprise. Each change of its members is one of its own."""
    send_message(
        enterprise.mailbox_id,
        key=f"members:{secrets.token_hex(8)}",
        kind="members",
        title=title,
        body=body,
        url=reverse("enterprise_members", args=[enterprise.pk]),
    )


@in_language_of_record()
def _tell(claim: Claim, title: str, body: str) -> None:
    mailbox = Mailbox.for_user(claim.user)
    send_message(
        mailbox, key=f"claim:{claim.pk}", kind="claim", title=title, body=body, url=reverse("enterprises")
    )


def _parse_invitee(text: str) -> str:
    """A mobile as eleven digits, or an e-mail in lower case."""
    if "@" not in text:
        return parse_mobile(text)
    try:
        validate_email(address := text.strip().lower())
    except ValidationError:
        raise DomainError(_("请填写手机号或邮箱。"), code="invitee_invalid") from None
    return address


def _whose(person: str, memberships: MembershipQuerySet) -> MembershipQuerySet:
    """Those of the user with this mobile or e-mail."""
    if "@" in person:
        return memberships.filter(user__email__iexact=person)
    return memberships.filter(user__mobile=person)


def _revoke(invitations: QuerySet[Invitation]) -> int:
    """Close those that are open; how many."""
    return invitations.filter(state=InvitationState.OPEN).update(
        state=InvitationState.REVOKED, revoked_at=timezone.now()
    )


def _current(user: User, enterprise: Enterprise) -> MembershipQuerySet:
    return Membership.objects.current().filter(user=user, enterprise=enterprise)


def _earlier(*days: dt.date | None) -> dt.date | None:
    return min((day for day in days if day is not None), default=None)


def _must_manage(actor: Actor) -> None:
    if not actor.may_manage:
        raise DomainError(_("只有法定代表人或管理员可以管理成员。"), code="not_manager")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
