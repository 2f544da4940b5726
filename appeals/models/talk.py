"""Talks (恳谈会): leaders meet entrepreneurs; topics are collected, scheduled and become appeals."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from appeals.models.appeal import Appeal
from enterprises.models import Enterprise
from portal.accounts.models import Department, Officer


class Talk(models.Model):
    """A meeting on a theme. Topics may be handed in from `opens_on` to `closes_on`."""

    title = models.CharField(_("名称"), max_length=80)
    theme = models.TextField(_("主题"))
    host = models.ForeignKey(
        Department, verbose_name=_("承办单位"), on_delete=models.PROTECT, related_name="talks"
    )
    leader = models.ForeignKey(
        Officer, verbose_name=_("主持领导"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opens_on = models.DateField(_("收题开始"))
    closes_on = models.DateField(_("收题截止"))
    held_at = models.DateTimeField(_("召开时间"))
    place = models.CharField(_("地点"), max_length=100)
    seats = models.PositiveSmallIntegerField(_("名额"), default=30)
    published = models.BooleanField(_("公开"), default=False)
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("恳谈会")
        verbose_name_plural = _("恳谈会")
        ordering = ["-held_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="appeals_talk_collecting",
                violation_error_message=_("收题截止不能早于开始。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TalkTopic(models.Model):
    """What an enterprise wants to talk about; afterwards an appeal with a 2-day and a 2-week clock."""

    talk = models.ForeignKey(Talk, verbose_name=_("恳谈会"), on_delete=models.PROTECT, related_name="topics")
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="talk_topics"
    )
    title = models.CharField(_("题目"), max_length=80)
    text = models.TextField(_("内容"), max_length=2000)
    attends = models.BooleanField(_("到场"), default=True, help_text=_("否：书面提交"))
    position = models.PositiveSmallIntegerField(_("排序"), null=True, blank=True)
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
        ]

    def __str__(self) -> str:
        return self.title
