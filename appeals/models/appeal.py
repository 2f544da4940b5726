"""What an enterprise asks for or complains of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.enums import Complexity, Intake, Secrecy, Source, Status
from enterprises.models import Enterprise
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.files import KeptFile
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from portal.accounts.models import User

DESK = (Role.DISPATCHER, Role.SUPERVISOR, Role.MEDIATOR)
"""Roles that see every appeal, but for complaints about their own department."""


class Category(models.Model):
    """A kind of appeal (诉求类别): how complex it usually is, and whether market teams take it."""

    key = models.SlugField(_("标识"), max_length=40, unique=True)
    label = models.CharField(_("名称"), max_length=40, unique=True)
    complexity = models.CharField(
        _("通常复杂度"), max_length=8, choices=Complexity, default=Complexity.SINGLE
    )
    market = models.BooleanField(_("可抢单"), default=False, help_text=_("市场化服务，可放到抢单大厅。"))
    hint = models.CharField(_("提示"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("诉求类别")
        verbose_name_plural = _("诉求类别")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class IntakeRule(models.Model):
    """A line of the positive or the negative list of what is handled, with where else to go."""

    handled = models.BooleanField(_("受理"), help_text=_("是：正面清单；否：负面清单。"))
    title = models.CharField(_("事项"), max_length=100, unique=True)
    words = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("关键词"),
        default=list,
        blank=True,
        help_text=_("标题或正文出现时提示派单员。"),
    )
    advice = models.TextField(_("告知"), help_text=_("不受理时告诉企业去哪里、找谁。"), blank=True)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("受理清单")
        verbose_name_plural = _("受理清单")
        ordering = ["-handled", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handled=True) | ~Q(advice=""),
                name="appeals_intakerule_advice",
                violation_error_message=_("不受理的事项须写明去哪里办。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SharedProblem(models.Model):
    """Alike appeals of several enterprises (共性问题), handled by one lead order, all of them told."""

    title = models.CharField(_("标题"), max_length=100)
    region = models.CharField(_("地点代码"), max_length=12, blank=True)
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("共同的词"), default=list, blank=True)
    lead = models.OneToOneField(
        "appeals.Appeal",
        verbose_name=_("牵头诉求"),
        on_delete=models.PROTECT,
        related_name="leads_problem",
        help_text=_("它的主办工单代表全部。"),
    )
    created_at = models.DateTimeField(_("建立时间"), db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("建立人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("共性问题")
        verbose_name_plural = _("共性问题")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class AppealQuerySet(models.QuerySet["Appeal"]):
    """The door to appeals."""

    def of(self, actor: Actor) -> AppealQuerySet:
        """Those of the enterprise acted for."""
        return self.filter(enterprise=actor.enterprise)

    def visible_to(self, user: User) -> AppealQuerySet:
        """What an official may see at the desk, never a complaint about a department of theirs.

        The desk's roles see all; a department's handlers and leaders what its orders concern; a provider's
        people what their provider holds. See `enterprises` members by `of`.
        """
        if not user.is_active:
            return self.none()
        own = {place for _role, place in user.roles}
        rows = self.exclude(about__in=own) if own else self
        if user.is_superuser or any(user.has_role(role) for role in DESK):
            return rows
        places = {place for role in (Role.HANDLER, Role.LEADER) for place in user.departments_as(role)}
        held = Q(orders__department__in=places) | Q(orders__provider__members__user=user)
        return rows.filter(pk__in=Appeal.objects.filter(held).values("pk"))


class Appeal(models.Model):
    """An appeal (诉求). `status` is the database's own: derived from intake and orders at every change."""

    number = models.CharField(_("编号"), max_length=20, unique=True, editable=False)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="appeals"
    )
    category = models.ForeignKey(
        Category, verbose_name=_("类别"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("标题"), max_length=80)
    text = models.TextField(_("内容"), max_length=4000)
    contact_name = models.CharField(_("联系人"), max_length=50)
    contact_phone = models.CharField(_("联系电话"), max_length=30)
    place = models.CharField(_("发生地"), max_length=100, blank=True)
    region = models.CharField(_("镇街代码"), max_length=12, blank=True)
    source = models.CharField(_("来源"), max_length=8, choices=Source, default=Source.PORTAL)
    complexity = models.CharField(_("复杂度"), max_length=8, choices=Complexity, default=Complexity.SINGLE)
    urgent = models.BooleanField(_("紧急"), default=False)
    secrecy = models.CharField(_("密级"), max_length=12, choices=Secrecy, default=Secrecy.OPEN)
    about = models.ForeignKey(
        Department,
        verbose_name=_("被反映部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("投诉类诉求不让被反映的部门看到。"),
    )
    anonymous = models.BooleanField(_("对承办人隐去企业"), default=False)
    round = models.PositiveSmallIntegerField(_("第几次办理"), default=1, editable=False)
    intake = models.CharField(
        _("受理"), max_length=10, choices=Intake, default=Intake.SUBMITTED, editable=False
    )
    status = models.CharField(
        _("状态"), max_length=10, choices=Status, default=Status.RECEIVED, editable=False
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("并入"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
    )
    problem = models.ForeignKey(
        SharedProblem,
        verbose_name=_("共性问题"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="appeals",
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("提交人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("提交时间"), default=timezone.now, editable=False)
    chased_at = models.DateTimeField(_("催办时间"), null=True, blank=True, editable=False)
    idempotency_key = models.CharField(max_length=64, blank=True, editable=False)

    objects = AppealQuerySet.as_manager()

    machine = Machine(
        "intake",
        initial=Intake.SUBMITTED,
        transitions=(
            Transition("accept_appeal", (Intake.SUBMITTED, Intake.ASKED), Intake.ACCEPTED, _("受理")),
            Transition("undo_accept", (Intake.ACCEPTED,), Intake.SUBMITTED, _("撤销受理")),
            Transition("ask_back", (Intake.SUBMITTED,), Intake.ASKED, _("请企业补充")),
            Transition("supplement", (Intake.ASKED,), Intake.SUBMITTED, _("补充")),
            Transition("refuse", (Intake.SUBMITTED, Intake.ASKED), Intake.REFUSED, _("不予受理")),
            Transition("merge", (Intake.SUBMITTED, Intake.ASKED, Intake.ACCEPTED), Intake.MERGED, _("并案")),
            Transition(
                "withdraw", (Intake.SUBMITTED, Intake.ASKED, Intake.ACCEPTED), Intake.WITHDRAWN, _("撤回")
            ),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("诉求")
        verbose_name_plural = _("诉求")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="appeals_appeal_of_enterprise"),
            models.Index(fields=["status", "-id"], name="appeals_appeal_status"),
            models.Index(fields=["submitted_at"], name="appeals_appeal_submitted"),
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="appeals_appeal_title_words"),
            GinIndex(OpClass(Upper("text"), "gin_trgm_ops"), name="appeals_appeal_text_words"),
            models.Index(fields=["id"], condition=Q(intake=Intake.ASKED), name="appeals_appeal_asked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(intake=Intake.MERGED, merged_into__isnull=False)
                | (~Q(intake=Intake.MERGED) & Q(merged_into__isnull=True)),
                name="appeals_appeal_merged_into",
                violation_error_message=_("并案须写明并入哪一件，未并案的不能填写。"),
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")),
                name="appeals_appeal_not_into_itself",
                violation_error_message=_("诉求不能并入自己。"),
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""),
                name="appeals_appeal_says_something",
                violation_error_message=_("请写明标题和内容。"),
            ),
            models.CheckConstraint(
                condition=Q(round__gte=1),
                name="appeals_appeal_round",
                violation_error_message=_("办理次数从 1 起。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="appeals_appeal_filed_once",
                violation_error_message=_("这件诉求已经提交过。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def status_for_officials(self) -> str:
        """How it stands, in words for officials; the status' own label speaks to the enterprise."""
        return str(_("待企业补充")) if self.status == Status.ASKED else self.get_status_display()


class AppealEvent(EventModel):
    """What happened to an appeal as a whole; what happened to its orders are `OrderEvent` rows."""

    subject = models.ForeignKey(
        Appeal, verbose_name=_("诉求"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("诉求经过")
        verbose_name_plural = _("诉求经过")


class Attachment(KeptFile):
    """A photograph or document with an appeal, or with an answer; reached only through the portal's door."""

    appeal = models.ForeignKey(
        Appeal, verbose_name=_("诉求"), on_delete=models.PROTECT, related_name="attachments"
    )
    public = models.BooleanField(_("企业可见"), default=True)

    class Meta(KeptFile.Meta):
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "digest"],
                name="appeals_attachment_once",
                violation_error_message=_("同一文件已经上传过。"),
            ),
        ]
