"""One import of a file: what, by whom, how far, with which result."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Department
from portal.kernel.models import TrackedProgress
from portal.kernel.uploads import MEGABYTE, Kind, UploadValidator, stored_name


class ImportKind(models.TextChoices):
    """What the rows of the file are."""

    ENTERPRISES = "enterprises", _("企业名册")
    FACTS = "facts", _("指标数据")
    CREDENTIALS = "credentials", _("企业资质")


class Import(TrackedProgress):
    """A file being taken in, all or nothing."""

    kind = models.CharField(_("内容"), max_length=12, choices=ImportKind)
    file = models.FileField(
        _("文件"),
        upload_to=stored_name,
        blank=True,
        validators=[UploadValidator({Kind.CSV}, max_bytes=200 * MEGABYTE)],
    )
    file_name = models.CharField(_("文件名"), max_length=255, editable=False)
    department = models.ForeignKey(
        Department,
        verbose_name=_("来源部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("只接收该部门负责的指标；空表示按指标的数据部门"),
    )
    as_of = models.DateField(_("截至日期"), default=timezone.localdate)
    created_at = models.DateTimeField(_("提交时间"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("提交人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    added = models.PositiveIntegerField(_("新增"), default=0, editable=False)
    changed = models.PositiveIntegerField(_("更新"), default=0, editable=False)
    unchanged = models.PositiveIntegerField(_("无变化"), default=0, editable=False)
    held = models.PositiveIntegerField(_("待确认代码"), default=0, editable=False)
    errors = models.JSONField(_("错误"), default=list, editable=False)

    class Meta(TrackedProgress.Meta):
        verbose_name = _("数据导入")
        verbose_name_plural = _("数据导入")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name
