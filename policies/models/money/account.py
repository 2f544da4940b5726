"""Where an enterprise is paid: accounts as they were given, and whether an official found the name to fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from portal.kernel.models import AppendOnly, AppendOnlyQuerySet

LONGEST_HOLDER, LONGEST_BANK = 200, 100
"""Characters of a name; 200 is what the register allows."""


class PayeeAccountQuerySet(AppendOnlyQuerySet):
    """The door to accounts."""

    def newest(self, enterprises: Iterable[int]) -> PayeeAccountQuerySet:
        """The account in use of each of the enterprises, with what was found of it: one query."""
        rows = self.filter(enterprise__in=enterprises).select_related("finding")
        return rows.order_by("enterprise_id", "-pk").distinct("enterprise_id")


class PayeeAccount(AppendOnly):
    """A bank account as an enterprise gave it (收款账户). A change is a new row; the newest one is in use."""

    enterprise = models.ForeignKey(
        Enterprise,
        verbose_name=_("企业"),
        on_delete=models.PROTECT,
        related_name="payee_accounts",
        db_index=False,
    )
    holder = models.CharField(_("户名"), max_length=LONGEST_HOLDER)
    bank = models.CharField(_("开户行"), max_length=LONGEST_BANK)
    number = models.CharField(_("账号"), max_length=32)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("填报人"), on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField(_("填报时间"))

    objects: ClassVar[Any] = PayeeAccountQuerySet.as_manager()

    came_back: bool  # where it was asked for: whether the bank sent back what went there

    class Meta:
        verbose_name = _("收款账户")
        verbose_name_plural = _("收款账户")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["enterprise", "-id"], name="policies_payeeaccount_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^[0-9]{6,32}$"),
                name="policies_payeeaccount_number",
                violation_error_message=_("账号应为 6 至 32 位数字。"),
            ),
            models.CheckConstraint(
                condition=~Q(holder="") & ~Q(bank=""),
                name="policies_payeeaccount_whole",
                violation_error_message=_("请填写户名和开户行。"),
            ),
            models.UniqueConstraint(
                fields=["id", "enterprise"],
                name="policies_payeeaccount_of_enterprise",
                violation_error_message=_("账户属于另一家企业。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.masked}"

    @property
    def masked(self) -> str:
        """The number as lists show it: its last four digits."""
        return f"**** {self.number[-4:]}"

    @property
    def grouped(self) -> str:
        """The whole number in groups of four, to be read beside paper: for who checks it alone."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))

    @property
    def is_verified(self) -> bool:
        """Whether an official compared the name and found it to fit: nothing is sent to any other account."""
        finding = getattr(self, "finding", None)
        return finding is not None and finding.outcome == AccountCheck.Outcome.MATCHED


class AccountCheck(AppendOnly):
    """What an official found who compared holder and enterprise (户名核对): once an account, for good.

    Whoever gave the account or was ever a member of the enterprise checks nothing, and only an account in the
    enterprise's own name is found to match: the database holds both.
    """

    class Outcome(models.TextChoices):
        """Whether the account is the enterprise's."""

        MATCHED = "matched", _("户名相符")
        MISMATCHED = "mismatched", _("户名不符")

    account = models.OneToOneField(
        PayeeAccount, verbose_name=_("账户"), on_delete=models.PROTECT, related_name="finding"
    )
    outcome = models.CharField(_("结论"), max_length=10, choices=Outcome)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("核对人"), on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(_("核对时间"))
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("户名核对")
        verbose_name_plural = _("户名核对")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="matched") | Q(outcome="mismatched") & ~Q(note=""),
                name="policies_accountcheck_outcome",
                violation_error_message=_("户名不符须写明哪里不符，企业据此更正。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.get_outcome_display()}"
