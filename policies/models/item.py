"""An item: one checkable, claimable benefit, whatever its versions say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.access import prepared_by
from policies.models.history import tracked
from policies.schema import validate_code
from portal.accounts.models import Department

if TYPE_CHECKING:
    from portal.accounts.requests import Visitor


class ItemQuerySet(models.QuerySet["PolicyItem"]):
    """The door to items."""

    def visible_to(self, actor: Visitor | None) -> ItemQuerySet:
        """Everybody sees items that were ever published; one in preparation, those who prepare it."""
        public = self.model._base_manager.filter(versions__published_at__isnull=False)
        return self.filter(Q(pk__in=public.values("pk")) | prepared_by(actor, "department"))


@tracked
class PolicyItem(models.Model):
    """One benefit taken out of documents: its code, the department that answers for it, its rule."""

    code = models.CharField(_("事项编码"), max_length=40, unique=True, validators=[validate_code])
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="policy_items", verbose_name=_("主管部门")
    )
    co_departments = models.ManyToManyField(
        Department, blank=True, related_name="joint_policy_items", verbose_name=_("联合部门")
    )
    rule = models.OneToOneField(
        "matching.Rule", models.PROTECT, related_name="policy_item", verbose_name=_("规则"), editable=False
    )
    copied_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="copies",
        editable=False,
        verbose_name=_("复制自"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("建立人")
    )
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("政策事项")
        verbose_name_plural = _("政策事项")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> str:
        """The title of the version published last, before that of the draft; its rule is called so."""
        return self.rule.label

    def get_absolute_url(self) -> str:
        """The item's public page."""
        return f"/policies/{self.code}/"
