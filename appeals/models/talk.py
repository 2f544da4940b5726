"""Talks (恳谈会): leaders meet entrepreneurs; topics are collected, scheduled and become appeals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from appeals.models.appeal import DESK, Appeal
from enterprises.models import Enterprise
from portal.accounts.models import Department, Officer
from portal.accounts.roles import Role
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from portal.accounts.models import User

AT_WORK = (Role.HANDLER, Role.LEADER)
"""Roles that see the talks their department has part in."""


class TalkState(models.TextChoices):
    """How a talk stands."""

    DRAFT = "draft", _("草稿")
    OPEN = "open", _("已发布")
    HELD = "held", _("已召开")
    CANCELLED = "cancelled", _("已取消")


class TalkQuerySet(models.QuerySet["Talk"]):
    """The door to talks."""

    def visible_to(self, user: User) -> TalkQuerySet:
        """All to the county's desk; to a department its own, and those it attends once they are out."""
        if not user.is_active:
            return self.none()
        if user.is_superuser or any(user.has_role(role) for role in DESK):
            return self
        places = {place for role in AT_WORK for place in user.departments_as(role)}
        attended = Talk.objects.filter(attending__in=places).exclude(state=TalkState.DRAFT)
        return self.filter(Q(host__in=places) | Q(pk__in=attended.values("pk")))

    def of(self, actor: Actor) -> TalkQuerySet:
        """Those that are out, and what is over only where the enterprise had a part in it."""
        mine = Q(guests__enterprise=actor.enterprise) | Q(topics__enterprise=actor.enterprise)
        part = Talk.objects.filter(mine).exclude(state=TalkState.DRAFT)
        return self.filter(Q(state=TalkState.OPEN) | Q(pk__in=part.values("pk")))


class Talk(models.Model):
    """A meeting on a theme. Topics may be handed in from `opens_on` to `closes_on`, both included."""

    title = models.CharField(_("名称"), max_length=80)
    theme = models.TextField(_("主题"), max_length=2000)
    host = models.ForeignKey(
        Department, verbose_name=_("承办单位"), on_delete=models.PROTECT, related_name="talks"
    )
    attending = models.ManyToManyField(
        Department, verbose_name=_("参会部门"), blank=True, related_name="talks_attended"
    )
    leader = models.ForeignKey(
        Officer, verbose_name=_("主持领导"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opens_on = models.DateField(_("收题开始"))
    closes_on = models.DateField(_("收题截止"))
    held_at = models.DateTimeField(_("召开时间"))
    place = models.CharField(_("地点"), max_length=100)
    seats = models.PositiveSmallIntegerField(_("名额"), default=30, help_text=_("到会企业家数"))
    minutes = models.TextField(_("会议纪要"), max_length=10_000, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=TalkState, default=TalkState.DRAFT, editable=False
    )

    objects = TalkQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=TalkState.DRAFT,
        transitions=(
            Transition("publish", (TalkState.DRAFT,), TalkState.OPEN, _("发布")),
            Transition("hold", (TalkState.OPEN,), TalkState.HELD, _("登记纪要")),
            Transition("call_off", (TalkState.OPEN,), TalkState.CANCELLED, _("取消")),
        ),
    )

    class Meta:
        verbose_name = _("恳谈会")
        verbose_name_plural = _("恳谈会")
        ordering = ["-held_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="appeals_talk_collecting",
                violation_error_message=_("收题截止不能早于开始。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=TalkState.HELD) | ~Q(minutes=""),
                name="appeals_talk_minutes",
                violation_error_message=_("已召开的恳谈会须有纪要。"),
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1),
                name="appeals_talk_seats",
                violation_error_message=_("名额至少 1 个。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TalkEvent(EventModel):
    """What happened to a talk."""

    subject = models.ForeignKey(
        Talk, verbose_name=_("恳谈会"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("恳谈会经过")
        verbose_name_plural = _("恳谈会经过")


class GuestState(models.TextChoices):
    """What an enterprise says to a talk."""

    INVITED = "invited", _("已邀请")
    COMING = "coming", _("到会")
    DECLINED = "declined", _("不到会")


class TalkGuest(models.Model):
    """An enterprise that is invited to a talk or comes; no more come than there are seats (trigger)."""

    talk = models.ForeignKey(Talk, verbose_name=_("恳谈会"), on_delete=models.PROTECT, related_name="guests")
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="talk_guests"
    )
    state = models.CharField(_("状态"), max_length=10, choices=GuestState, default=GuestState.INVITED)
    name = models.CharField(_("到会人"), max_length=50, blank=True)
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    invited_at = models.DateTimeField(_("邀请时间"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("回复时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("恳谈会企业")
        verbose_name_plural = _("恳谈会企业")
        ordering = ["talk", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["talk", "enterprise"],
                name="appeals_talkguest_once",
                violation_error_message=_("这家企业已在名单里。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=GuestState.COMING) | ~Q(name=""),
                name="appeals_talkguest_who_comes",
                violation_error_message=_("请填写谁来参加。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=GuestState.INVITED) | Q(invited_at__isnull=False),
                name="appeals_talkguest_invited_at",
                violation_error_message=_("邀请须有时间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.get_state_display()}"


class TalkTopic(models.Model):
    """What an enterprise wants to talk about; answered on the spot (`note`), or an appeal afterwards.

    An appeal made of it has a clock for handing it over and one for answering. The topic then stays.
    """

    talk = models.ForeignKey(Talk, verbose_name=_("恳谈会"), on_delete=models.PROTECT, related_name="topics")
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="talk_topics"
    )
    title = models.CharField(_("题目"), max_length=80)
    text = models.TextField(_("内容"), max_length=2000)
    position = models.PositiveSmallIntegerField(_("排序"), null=True, blank=True)
    note = models.TextField(_("现场答复"), max_length=1000, blank=True)
    appeal = models.OneToOneField(
        Appeal,
        verbose_name=_("诉求"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="topic",
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("提交人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("提交时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("恳谈题目")
        verbose_name_plural = _("恳谈题目")
        ordering = ["talk", F("position").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["talk", "enterprise", "title"],
                name="appeals_talktopic_once",
                violation_error_message=_("这个题目已经提交过。"),
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""),
                name="appeals_talktopic_says_something",
                violation_error_message=_("请写明题目和内容。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title
