"""What an application rests on: the files that were added, and what was judged when it was sent."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from matching.models import RuleVersion
from policies.models.applying.amendment import AmendmentPoint
from policies.models.applying.application import Application
from portal.kernel.files import KeptFile
from portal.kernel.models import AppendOnly


class ApplicationFile(KeptFile):
    """A material brought with an application. One that was sent once stays; removing it only hides it.

    `point`: what was to be amended and it was brought for, so that two points in the same words share none.
    """

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="files"
    )
    material = models.CharField(_("材料"), max_length=200)
    point = models.ForeignKey(
        AmendmentPoint,
        verbose_name=_("补正事项"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="files",
    )
    removed_at = models.DateTimeField(_("移除时间"), null=True, editable=False)

    class Meta(KeptFile.Meta):
        verbose_name = _("申报材料")
        verbose_name_plural = _("申报材料")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "material", "point", "digest"],
                condition=Q(removed_at=None),
                nulls_distinct=False,
                name="policies_applicationfile_once",
                violation_error_message=_("同一文件已经上传过。"),
            ),
            models.CheckConstraint(
                condition=~Q(material=""),
                name="policies_applicationfile_of_a_material",
                violation_error_message=_("请说明是哪一份材料。"),
            ),
        ]


class Evidence(AppendOnly):
    """What was judged at one sending (证据), frozen: rule version, day, what was known, digests of files.

    `content` holds conditions with their values and sources, the answers and the materials, as
    `policies.applying.freezing` writes it; `digest` is the SHA-256 of its canonical JSON. The judgement
    replays from (rule version, as_of, known_at) and the answers.
    """

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="evidence"
    )
    number = models.PositiveSmallIntegerField(_("第几次提交"))
    rule_version = models.ForeignKey(
        RuleVersion, verbose_name=_("规则版本"), on_delete=models.PROTECT, related_name="+"
    )
    as_of = models.DateField(_("判断日"))
    known_at = models.DateTimeField(_("数据截至"))
    verdict = models.CharField(_("结论"), max_length=12)
    amount_low = models.BigIntegerField(_("金额下限（分）"), null=True)
    amount_high = models.BigIntegerField(_("金额上限（分）"), null=True)
    content = models.JSONField(_("内容"), encoder=DjangoJSONEncoder)
    digest = models.CharField(_("SHA-256"), max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("提交人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("提交时间"))

    class Meta:
        verbose_name = _("提交存证")
        verbose_name_plural = _("提交存证")
        ordering = ["application_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "number"],
                name="policies_evidence_number_once",
                violation_error_message=_("这次提交已经存证。"),
            ),
            models.CheckConstraint(
                condition=Q(amount_low=None)
                | Q(amount_low__gte=0) & (Q(amount_high=None) | Q(amount_high__gte=F("amount_low"))),
                name="policies_evidence_amount_in_order",
                violation_error_message=_("金额上下限不合理。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} · {self.number}"
