"""The issued text that items are taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.access import prepares
from policies.enums import DocumentState, Level
from policies.models.history import tracked
from policies.schema import validate_code, validate_document_source
from portal.kernel.richtext import RichTextField
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.versions import Editor

if TYPE_CHECKING:
    from portal.accounts.requests import Visitor


class DocumentQuerySet(models.QuerySet["PolicyDocument"]):
    """The door to documents."""

    def visible_to(self, actor: Visitor | None) -> DocumentQuerySet:
        """Everybody reads published and repealed documents; drafts, those who prepare policies."""
        if actor is not None and actor.is_authenticated and prepares(actor):
            return self
        return self.exclude(state=DocumentState.DRAFT)


@tracked
class PolicyDocument(models.Model):
    """A policy document as issued: 文号, issuer, dates, text, and what replaced it."""

    code = models.CharField(_("文件编码"), max_length=40, unique=True, validators=[validate_code])
    title = models.CharField(_("标题"), max_length=300)
    number = models.CharField(_("文号"), max_length=100, blank=True, db_index=True)
    issuer = models.CharField(_("发文机关"), max_length=200)
    level = models.CharField(_("级别"), max_length=16, choices=Level.choices)
    region = models.CharField(_("地区代码"), max_length=12, blank=True)
    issued_on = models.DateField(_("成文日期"), null=True, blank=True)
    effective_from = models.DateField(_("施行日期"), null=True, blank=True)
    effective_to = models.DateField(_("失效日期"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(
        _("年份"), null=True, blank=True, help_text=_("不知道具体日期时填写。")
    )
    body = RichTextField(_("正文"), blank=True)
    reading = RichTextField(_("解读"), blank=True)
    link = models.URLField(_("原文链接"), max_length=500, blank=True)
    topics = ArrayField(models.CharField(max_length=40), verbose_name=_("主题"), default=list, blank=True)
    source = models.JSONField(
        _("来源"),
        default=dict,
        blank=True,
        validators=[validate_document_source],
        help_text=_(
            "在哪里看到、有多可靠：where、certainty（official、copy、common、given）、excerpt、note。"
        ),
    )
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("被何文件替代"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("录入人")
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("最近修改人"),
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("发布人"),
    )
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True, editable=False)
    state = models.CharField(
        _("状态"), max_length=16, choices=DocumentState.choices, default=DocumentState.DRAFT, editable=False
    )
    created_at = models.DateTimeField(_("录入时间"), auto_now_add=True)

    objects = DocumentQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=DocumentState.DRAFT,
        transitions=(
            Transition("publish", (DocumentState.DRAFT,), DocumentState.PUBLISHED, _("发布")),
            Transition("repeal", (DocumentState.PUBLISHED,), DocumentState.REPEALED, _("废止")),
        ),
    )

    class Meta:
        verbose_name = _("政策文件")
        verbose_name_plural = _("政策文件")
        ordering = ["-issued_on", "code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(superseded_by=F("pk")),
                name="policies_document_not_its_own_successor",
                violation_error_message=_("文件不能被自己替代。"),
            ),
            models.CheckConstraint(
                condition=Q(effective_from=None)
                | Q(effective_to=None)
                | Q(effective_to__gte=F("effective_from")),
                name="policies_document_dates_in_order",
                violation_error_message=_("失效日期不能早于施行日期。"),
            ),
            models.CheckConstraint(
                condition=Q(state=DocumentState.DRAFT, published_at=None, published_by=None)
                | (
                    ~Q(state=DocumentState.DRAFT)
                    & Q(published_at__isnull=False)
                    & Q(published_by__isnull=False)
                    & ~Q(published_by=F("author"))
                ),
                name="policies_document_four_eyes",
                violation_error_message=_("文件须由录入人以外的人发布。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）" if self.number else self.title

    def get_absolute_url(self) -> str:
        """The document's page."""
        return f"/documents/{self.pk}/"


class DocumentEditor(Editor):
    """Who wrote a document. Kept by a database trigger from `author` and `edited_by`; none may publish it."""

    document = models.ForeignKey(
        PolicyDocument, models.PROTECT, related_name="editors", verbose_name=_("文件")
    )

    class Meta:
        verbose_name = _("文件编写记录")
        verbose_name_plural = _("文件编写记录")
        constraints = [
            models.UniqueConstraint(fields=["document", "user"], name="policies_document_editor_once")
        ]


class DocumentEvent(EventModel):
    """Who moved a document to which state, and when."""

    subject = models.ForeignKey(PolicyDocument, models.PROTECT, related_name="events")

    class Meta(EventModel.Meta):
        verbose_name = _("文件动态")
        verbose_name_plural = _("文件动态")
