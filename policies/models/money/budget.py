"""What there is to spend, and the button that stops spending."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models.history import tracked
from policies.models.item import PolicyItem
from portal.accounts.models import Department


@tracked
class BudgetLine(models.Model):
    """Money appropriated to a department for a year and some items (预算指标).

    `reserved_fen` is on its way to the bank, `paid_fen` has arrived. The ledger alone writes both, as the
    sums of its transfers; the database refuses everybody else.
    """

    code = models.CharField(_("指标文号"), max_length=40, unique=True)
    label = models.CharField(_("名称"), max_length=100)
    year = models.PositiveSmallIntegerField(_("预算年度"))
    department = models.ForeignKey(
        Department, verbose_name=_("用款部门"), on_delete=models.PROTECT, related_name="budget_lines"
    )
    items = models.ManyToManyField(
        PolicyItem, verbose_name=_("用于事项"), related_name="budget_lines", blank=True
    )
    appropriated_fen = models.BigIntegerField(_("下达金额（分）"))
    reserved_fen = models.BigIntegerField(_("在途（分）"), default=0, editable=False)
    paid_fen = models.BigIntegerField(_("已支付（分）"), default=0, editable=False)

    class Meta:
        verbose_name = _("预算指标")
        verbose_name_plural = _("预算指标")
        ordering = ["-year", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(appropriated_fen__gte=0, reserved_fen__gte=0, paid_fen__gte=0),
                name="policies_budgetline_not_negative",
                violation_error_message=_("预算金额不能为负。"),
            ),
            models.CheckConstraint(
                condition=Q(appropriated_fen__gte=F("reserved_fen") + F("paid_fen")),
                name="policies_budgetline_within",
                violation_error_message=_("下达金额不能小于在途与已支付之和。"),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2200),
                name="policies_budgetline_year",
                violation_error_message=_("年份须在 2000 至 2200 之间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write all but the ledger's figures: those read a moment ago may not be true any more."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            ledger = {"reserved_fen", "paid_fen"}
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - ledger - self.get_deferred_fields()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Raises ValidationError below what is used: forms do not check what names the ledger's figures."""
        if self.appropriated_fen is not None and self.available_fen < 0:
            raise ValidationError({"appropriated_fen": _("下达金额不能小于在途与已支付之和。")})

    @property
    def available_fen(self) -> int:
        """What may still be released."""
        return self.appropriated_fen - self.reserved_fen - self.paid_fen


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """The door to freezes."""

    def live(self) -> FreezeQuerySet:
        """Those that hold."""
        return self.filter(thawed_at=None)


class Freeze(models.Model):
    """Nothing is released (冻结): from a budget line, of a batch or, naming neither, at all.

    One person stops, at once; thawing takes one who asks and another who agrees. The way is one and each step
    of it is taken once.
    """

    line = models.ForeignKey(
        BudgetLine,
        verbose_name=_("预算指标"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="freezes",
    )
    batch = models.ForeignKey(
        "policies.PaymentBatch",
        verbose_name=_("批次"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="freezes",
    )
    reason = models.CharField(_("冻结原因"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("冻结人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("冻结时间"))
    thaw_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("申请解冻人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    thaw_asked_at = models.DateTimeField(_("申请解冻时间"), null=True, editable=False)
    thawed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("同意解冻人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    thawed_at = models.DateTimeField(_("解冻时间"), null=True, editable=False)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        verbose_name = _("冻结")
        verbose_name_plural = _("冻结")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "batch"],
                condition=Q(thawed_at=None),
                nulls_distinct=False,
                name="policies_freeze_one_live",
                violation_error_message=_("这里已经冻结。"),
            ),
            models.CheckConstraint(
                condition=Q(line=None) | Q(batch=None),
                name="policies_freeze_one_scope",
                violation_error_message=_("请选择一个指标或一个批次，都不选为全部。"),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="policies_freeze_with_reason",
                violation_error_message=_("请写明冻结原因。"),
            ),
            models.CheckConstraint(
                condition=Q(thaw_asked_by=None, thaw_asked_at=None, thawed_by=None, thawed_at=None)
                | Q(thaw_asked_by__isnull=False, thaw_asked_at__isnull=False)
                & (Q(thawed_by=None, thawed_at=None) | Q(thawed_by__isnull=False, thawed_at__isnull=False)),
                name="policies_freeze_thawed_in_order",
                violation_error_message=_("解冻须先申请、后同意。"),
            ),
            models.CheckConstraint(
                condition=~Q(thawed_by=F("thaw_asked_by")),
                name="policies_freeze_thawed_by_two",
                violation_error_message=_("申请解冻的人不能自己同意，请由另一人办理。"),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
