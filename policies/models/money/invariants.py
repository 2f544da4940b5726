"""Figures that must always hold: a view of the database, each row one of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MoneyInvariant(models.Model):
    """One figure that must hold (账目不变式). `broken` counts what breaks it; `detail` names the first few.

    What each name means, `policies.money.invariants` says.
    """

    name = models.CharField(_("项目"), max_length=40, primary_key=True)
    broken = models.BigIntegerField(_("不符"))
    detail = models.TextField(_("说明"))

    class Meta:
        managed = False
        db_table = "policies_money_invariants"
        verbose_name = _("账目核验")
        verbose_name_plural = _("账目核验")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
