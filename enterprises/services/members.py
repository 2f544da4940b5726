"""How people come to act for an enterprise: by claiming it, or by invitation."""

import datetime as dt
import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.actors import Actor
from enterprises.models import Claim, Enterprise, Invitation, MemberRole, Membership, Status
from enterprises.uscc import parse_uscc
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance

INVITATION_LASTS = dt.timedelta(days=7)


def invite(actor: Actor, role: MemberRole, *, until: dt.date | None = None) -> tuple[Invitation, str]:
    """A new invitation and the token for its link, which is shown once. Raises DomainError."""
    _must_manage(actor)
    if role not in (MemberRole.MANAGER, MemberRole.AGENT):
        raise DomainError(_("只能邀请管理员或经办人。"), code="role_not_invitable")
    now = timezone.now()
    if until is not None and until < timezone.localdate(now):
        raise DomainError(_("截止日期已过，请重新选择。"), code="until_past")
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        enterprise=actor.enterprise,
        role=role,
        until=until,
        token_hash=_hash(token),
        invited_by=actor.user,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    return invitation, token


def revoke_invitation(actor: Actor, pk: int) -> None:
    """Withdraw an invitation that nobody has accepted. Raises DomainError."""
    _must_manage(actor)
    open_ones = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    if not open_ones.filter(pk=pk, enterprise=actor.enterprise).update(revoked_at=timezone.now()):
        raise DomainError(_("邀请已被接受或撤回，请刷新页面。"), code="invitation_closed")


@transaction.atomic
def accept_invitation(user: User, token: str) -> Membership:
    """Join the enterprise. A link works once. Raises DomainError when it does not work any more."""
    invitation = Invitation.objects.select_for_update().filter(token_hash=_hash(token)).first()
    now = timezone.now()
    if invitation is None or invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now:
        raise DomainError(_("邀请链接已失效，请联系邀请人重新发送。"), code="invitation_closed")
    if Membership.objects.filter(enterprise=invitation.enterprise, user=user).exists():
        raise DomainError(_("您已是这家企业的成员，无需重复加入。"), code="already_member")
    membership = Membership.objects.create(
        enterprise=invitation.enterprise, user=user, role=invitation.role, until=invitation.until
    )
    invitation.accepted_by, invitation.accepted_at = user, now
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    return membership


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
    if Membership.objects.filter(enterprise=enterprise, user=user).exists():
        raise DomainError(_("您已是这家企业的成员，无需认领。"), code="already_member")
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
    """The licence fits: the claimant becomes a member. Raises DomainError."""
    if claim.user_id == by.pk:
        raise DomainError(_("不能审核自己的认领申请。"), code="own_claim")
    advance(claim, "approve", actor=by, comment=comment)
    taken = Membership.objects.filter(
        enterprise_id=claim.enterprise_id, role=MemberRole.LEGAL_REPRESENTATIVE
    ).exclude(user_id=claim.user_id)
    if claim.role == MemberRole.LEGAL_REPRESENTATIVE and taken.exists():
        raise DomainError(_("企业已有法定代表人账号，请先核实。"), code="legal_representative_taken")
    membership, _created = Membership.objects.update_or_create(
        enterprise_id=claim.enterprise_id, user_id=claim.user_id, defaults={"role": claim.role, "until": None}
    )
    return membership


def reject_claim(claim: Claim, *, by: User, comment: str) -> None:
    """The licence does not fit; the reason is shown to the claimant. Raises DomainError."""
    if not comment.strip():
        raise DomainError(_("请写明退回原因。"), code="reason_missing")
    advance(claim, "reject", actor=by, comment=comment, public=True)


def _must_manage(actor: Actor) -> None:
    if not actor.may_manage:
        raise DomainError(_("只有法定代表人或管理员可以管理成员。"), code="not_manager")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
