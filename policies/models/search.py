"""What search looks in: one row a shown version, and the words that rows are made of."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.version import ItemVersion


class SearchEntry(models.Model):
    """The words of a version, weighted, and its plain text for what is not a word."""

    version = models.OneToOneField(ItemVersion, models.CASCADE, related_name="search", primary_key=True)
    vector = SearchVectorField(_("词"))
    text = models.TextField(_("规范化文本"))
    indexed_at = models.DateTimeField(_("索引时间"), auto_now=True)

    class Meta:
        verbose_name = _("搜索条目")
        verbose_name_plural = _("搜索条目")
        indexes = [GinIndex(fields=["vector"], name="policies_search_vector")]

    def __str__(self) -> str:
        return str(self.version_id)


class SearchWord(models.Model):
    """A word that some entry contains: with these a query is cut without a dictionary in memory."""

    word = models.CharField(_("词"), max_length=64, primary_key=True)

    class Meta:
        verbose_name = _("搜索词")
        verbose_name_plural = _("搜索词")

    def __str__(self) -> str:
        return self.word
