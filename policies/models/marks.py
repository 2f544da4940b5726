"""What changed, for the book of versions that each process keeps: written by database triggers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enterprises.models.stamps import TransactionIdField
from policies.models.item import PolicyItem


class DirtyItem(models.Model):
    """The transaction that last changed what lists show of an item: see `policies.book`.

    As `enterprises.models.DirtyEnterprise`: compared with a reader's snapshot, so that a transaction that
    began early and commits late is not missed.
    """

    item = models.OneToOneField(
        PolicyItem, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    changed_in = TransactionIdField(_("事务"), db_index=True)

    class Meta:
        verbose_name = _("待刷新事项")
        verbose_name_plural = _("待刷新事项")

    def __str__(self) -> str:
        return str(self.item_id)
