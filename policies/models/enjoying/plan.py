"""When an item is run by itself, for how long its list is shown, and for how long the offer stands."""

from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.enums import Benefit
from policies.models.enjoying.vocabulary import Every
from policies.models.history import tracked
from policies.models.item import PolicyItem
from policies.models.version import ItemVersion

NOTICE_DAYS = 5
OFFER_DAYS = 15


@tracked
class EnjoyPlan(models.Model):
    """How an item is enjoyed without applying. An item without one is run by hand, with the usual days."""

    item = models.OneToOneField(
        PolicyItem, verbose_name=_("事项"), on_delete=models.PROTECT, related_name="enjoy_plan"
    )
    every = models.CharField(
        _("自动筛选"), max_length=8, choices=Every, blank=True, help_text=_("空表示只由人发起。")
    )
    month = models.PositiveSmallIntegerField(
        _("几月"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("每年的从这个月起；每季度的填 1 至 3，表示季度的第几个月。"),
    )
    day = models.PositiveSmallIntegerField(
        _("几日"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    notice_days = models.PositiveSmallIntegerField(
        _("公示几个工作日"), default=NOTICE_DAYS, help_text=_("0 表示不公示。")
    )
    offer_days = models.PositiveSmallIntegerField(_("企业几个工作日内确认"), default=OFFER_DAYS)

    class Meta:
        verbose_name = _("免申即享安排")
        verbose_name_plural = _("免申即享安排")
        ordering = ["item"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every__in=["", *Every.values])
                & Q(month__range=(1, 12), day__range=(1, 28))
                & (~Q(every=Every.QUARTER) | Q(month__lte=3)),
                name="policies_enjoyplan_dates",
                violation_error_message=_(
                    "请填写能落到每个周期里的月和日（1 至 28 日；季度填第 1 至 3 个月）。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(offer_days__range=(1, 250), notice_days__lte=250),
                name="policies_enjoyplan_days",
                violation_error_message=_("企业确认至少留 1 个工作日，最多 250 个。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.get_every_display()}"

    @classmethod
    def of(cls, version: ItemVersion) -> EnjoyPlan:
        """The plan of a version's item, or the usual one: what gives no money is not shown first."""
        found = cls.objects.filter(item=version.item_id).first()
        if found is not None:
            return found
        return cls(
            item_id=version.item_id, notice_days=NOTICE_DAYS if version.benefit == Benefit.MONEY else 0
        )

    def slot_on(self, day: dt.date) -> str:
        """The period's slot that is due on a day: `2026`, `2026Q4`, `2026-11`; empty before its first day."""
        if self.every == Every.YEAR:
            return f"{day.year}" if (day.month, day.day) >= (self.month, self.day) else ""
        if self.every == Every.QUARTER:
            quarter, month = divmod(day.month - 1, 3)
            return f"{day.year}Q{quarter + 1}" if (month + 1, day.day) >= (self.month, self.day) else ""
        return f"{day:%Y-%m}" if self.every == Every.MONTH and day.day >= self.day else ""
