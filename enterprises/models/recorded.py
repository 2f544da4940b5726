"""Reference data as it was known at a time: rows are inserted, the newest of a name counts."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.kernel.models import AppendOnly, AppendOnlyQuerySet


class RecordedQuerySet(AppendOnlyQuerySet):
    """Rows by what was known when."""

    def newest(self, known_at: dt.datetime | None = None) -> Any:
        """The newest row of each name, of those recorded by ``known_at`` (None: by now)."""
        rows = self if known_at is None else self.filter(recorded_at__lte=known_at)
        names: tuple[str, ...] = self.model.names  # type: ignore[attr-defined] # of every Recorded
        chosen = rows.order_by(*names, "-recorded_at", "-pk").distinct(*names)
        return self.model._default_manager.filter(pk__in=chosen.values("pk"))


class Recorded(AppendOnly):
    """A row says something of what its ``names`` name, until a newer row of the same names says otherwise.

    So a judgement of then can be made again from what was known then. A correction is a new row.
    """

    names: ClassVar[tuple[str, ...]]

    recorded_at = models.DateTimeField(_("入库时间"), db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("录入人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        help_text=_("空表示随系统提供"),
    )

    objects = RecordedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    @property
    def name(self) -> tuple[Any, ...]:
        """What the row says something of."""
        return tuple(getattr(self, field) for field in self.names)

    @property
    def said(self) -> tuple[Any, ...]:
        """All that the row says: equal where two rows say the same."""
        fields = [field for field in self._meta.fields if field.editable and not field.primary_key]
        values = [getattr(self, field.name) for field in fields]
        return tuple(tuple(value) if isinstance(value, list) else value for value in values)
