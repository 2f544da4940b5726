"""Who acts for an enterprise: members, invitations, and claims of a visitor to be one."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.enterprise import Enterprise
from enterprises.models.history import tracked
from portal.kernel.errors import DomainError
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.uploads import IMAGES, Kind, UploadValidator, stored_name


class MemberRole(models.TextChoices):
    """What a user is to the enterprise."""

    LEGAL_REPRESENTATIVE = "legal_representative", _("法定代表人")
    MANAGER = "manager", _("管理员")
    AGENT = "agent", _("经办人")


MANAGING = (MemberRole.LEGAL_REPRESENTATIVE, MemberRole.MANAGER)
"""Roles that invite and dismiss."""


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by whether they hold."""

    def current(self, day: dt.date | None = None) -> "MembershipQuerySet":
        """Those that hold on a day (None: today)."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=day or timezone.localdate()))


@tracked
class Membership(models.Model):
    """A user's role in an enterprise, until a day (inclusive) or for good."""

    enterprise = models.ForeignKey(
        Enterprise,
        verbose_name=_("企业"),
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("角色"), max_length=20, choices=MemberRole)
    until = models.DateField(_("截止日期"), null=True, blank=True)
    created_at = models.DateTimeField(_("加入时间"), default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业成员")
        verbose_name_plural = _("企业成员")
        ordering = ["enterprise_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "user"],
                name="enterprises_membership_once",
                violation_error_message=_("该用户已是这家企业的成员。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(role=MemberRole.LEGAL_REPRESENTATIVE),
                name="enterprises_membership_one_legal_representative",
                violation_error_message=_("企业已有法定代表人账号。"),
            ),
            models.CheckConstraint(
                condition=Q(role__in=MemberRole.values),
                name="enterprises_membership_role",
                violation_error_message=_("请选择角色。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}@{self.enterprise_id}"

    def is_current(self, on: dt.date) -> bool:
        """Whether the membership holds on a day."""
        return self.until is None or on <= self.until


class InvitationState(models.TextChoices):
    """Where an invitation stands; an open one may have expired."""

    OPEN = "open", _("待接受")
    ACCEPTED = "accepted", _("已接受")
    REVOKED = "revoked", _("已撤回")


class Invitation(models.Model):
    """A link by which a manager lets a colleague in. Only the hash of its token is kept.

    A person has one open invitation of an enterprise at most: a new one replaces it.
    """

    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.CASCADE, related_name="invitations"
    )
    invitee = models.CharField(_("邀请谁"), max_length=254, blank=True, help_text=_("手机号或邮箱"))
    role = models.CharField(
        _("角色"),
        max_length=20,
        choices=[(role.value, role.label) for role in (MemberRole.MANAGER, MemberRole.AGENT)],
    )
    until = models.DateField(_("成员资格截止"), null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("发出时间"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("链接有效期至"))
    state = models.CharField(
        _("状态"), max_length=8, choices=InvitationState, default=InvitationState.OPEN, editable=False
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("接受时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    machine = Machine(
        "state",
        initial=InvitationState.OPEN,
        transitions=[
            Transition("accept", [InvitationState.OPEN], InvitationState.ACCEPTED, _("接受")),
            Transition("revoke", [InvitationState.OPEN], InvitationState.REVOKED, _("撤回")),
        ],
    )

    class Meta:
        verbose_name = _("成员邀请")
        verbose_name_plural = _("成员邀请")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[MemberRole.MANAGER, MemberRole.AGENT]),
                name="enterprises_invitation_role",
                violation_error_message=_("只能邀请管理员或经办人。"),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="enterprises_invitation_expiry",
                violation_error_message=_("链接有效期须晚于发出时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state="open", accepted_at=None, accepted_by=None, revoked_at=None)
                | Q(state="accepted", accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None)
                | Q(state="revoked", accepted_at=None, accepted_by=None, revoked_at__isnull=False),
                name="enterprises_invitation_closed",
                violation_error_message=_("邀请的状态与接受、撤回的时间不一致。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise", "invitee"],
                condition=Q(state="open") & ~Q(invitee=""),
                name="enterprises_invitation_one_open",
                violation_error_message=_("已邀请过此人，请先撤回原邀请。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id}: {self.get_role_display()}"


class ClaimState(models.TextChoices):
    """Where a claim stands."""

    SUBMITTED = "submitted", _("待审核")
    APPROVED = "approved", _("已通过")
    REJECTED = "rejected", _("已退回")


def _not_own(claim: "Claim", actor: Any) -> None:
    if actor is not None and actor.pk == claim.user_id:
        raise DomainError(_("不能审核自己的认领申请。"), code="own_claim")


class Claim(models.Model):
    """A visitor says: this is my enterprise, here is its licence. An official decides."""

    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="claims"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("申请人"), on_delete=models.PROTECT, related_name="claims"
    )
    role = models.CharField(_("申请角色"), max_length=20, choices=MemberRole, default=MemberRole.MANAGER)
    licence = models.FileField(
        _("营业执照照片"), upload_to=stored_name, validators=[UploadValidator(IMAGES | {Kind.PDF})]
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=ClaimState, default=ClaimState.SUBMITTED, editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("审核人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("提交时间"), default=timezone.now, editable=False)

    machine = Machine(
        "state",
        initial=ClaimState.SUBMITTED,
        transitions=[
            Transition("approve", [ClaimState.SUBMITTED], ClaimState.APPROVED, _("通过"), guard=_not_own),
            Transition("reject", [ClaimState.SUBMITTED], ClaimState.REJECTED, _("退回"), guard=_not_own),
        ],
    )

    class Meta:
        verbose_name = _("企业认领")
        verbose_name_plural = _("企业认领")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "user"],
                condition=Q(state=ClaimState.SUBMITTED),
                name="enterprises_claim_one_open",
                violation_error_message=_("您已提交认领申请，请等待审核。"),
            ),
            models.CheckConstraint(
                condition=Q(role__in=MemberRole.values),
                name="enterprises_claim_role",
                violation_error_message=_("请选择角色。"),
            ),
            models.CheckConstraint(
                condition=~Q(licence=""),
                name="enterprises_claim_licence",
                violation_error_message=_("请上传营业执照照片。"),
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_by=None)
                | ~Q(state="submitted") & Q(decided_by__isnull=False),
                name="enterprises_claim_decided",
                violation_error_message=_("审核之后须有审核人。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")),
                name="enterprises_claim_not_own",
                violation_error_message=_("不能审核自己的认领申请。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.enterprise}"


class ClaimEvent(EventModel):
    """What happened to a claim."""

    subject = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="events")

    class Meta(EventModel.Meta):
        verbose_name = _("认领记录")
        verbose_name_plural = _("认领记录")
