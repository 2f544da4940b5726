"""Files that people bring to be booked: kept as they came, looked at, then booked whole or not at all.

    class PriceList(BroughtFile):
        shop = models.ForeignKey(Shop, models.PROTECT, related_name="lists")

    row = PriceList.kept(content, name, by=user, at=now, shop=shop)
    book(PriceList.objects.filter(shop=shop), row, work, by=user, at=now)

The same bytes are one row for ever: brought again they change nothing. Among what they are one, the subclass
says with a UNIQUE constraint.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.errors import DomainError, ImportRefused, RowError
from portal.kernel.transitions import Machine, Transition, adopt, advance
from portal.kernel.uploads import display_name


class Sha256(models.Func):
    """The SHA-256 of bytes, in hexadecimal, as the database computes it."""

    template = "encode(sha256(%(expressions)s), 'hex')"
    output_field = models.CharField()


class KeptBytes(models.Model):
    """Bytes as they came, or as they were written, with their digest; the database reckons it too."""

    content = models.BinaryField(gettext_lazy("内容"))
    sha256 = models.CharField(gettext_lazy("SHA-256"), max_length=64)

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256=Sha256(F("content"))),
                name="%(app_label)s_%(class)s_sha256",
                violation_error_message=gettext_lazy("文件内容与摘要不符。"),
            ),
        ]


class BroughtState(models.TextChoices):
    """Whether a file is only looked at, or counts."""

    RECEIVED = "received", gettext_lazy("待确认")
    BOOKED = "booked", gettext_lazy("已入账")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return "done" if self.value == "booked" else "due"


class BroughtFile(KeptBytes):
    """A file as somebody brought it. `booked` counts its new lines, `known` those in the books before."""

    name = models.CharField(gettext_lazy("文件名"), max_length=140)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("上传人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    received_at = models.DateTimeField(gettext_lazy("收到时间"))
    state = models.CharField(
        gettext_lazy("状态"),
        max_length=8,
        choices=BroughtState,
        default=BroughtState.RECEIVED,
        editable=False,
    )
    booked = models.PositiveIntegerField(gettext_lazy("记入条数"), default=0, editable=False)
    known = models.PositiveIntegerField(gettext_lazy("以前已记的条数"), default=0, editable=False)

    machine = Machine(
        "state",
        initial=BroughtState.RECEIVED,
        transitions=(
            Transition("book", (BroughtState.RECEIVED,), BroughtState.BOOKED, gettext_lazy("记入")),
        ),
        deletable=(),
    )

    class Meta(KeptBytes.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_booked(self) -> bool:
        """Whether it counts."""
        return self.state == BroughtState.BOOKED

    @classmethod
    def kept(cls, content: bytes, name: str, *, by: Any, at: dt.datetime, **among: Any) -> Self:
        """The row of these bytes among its own kind, a new one unless they came before."""
        told = {"content": content, "name": display_name(name), "by": by, "received_at": at}
        digest = hashlib.sha256(content).hexdigest()
        row, _made = cls._base_manager.get_or_create(sha256=digest, **among, defaults=told)
        return row


class Line(Protocol):
    """A line that was read: `known` says that it was booked before, in the same words."""

    @property
    def known(self) -> bool: ...


L = TypeVar("L", bound=Line)


@dataclass(frozen=True, slots=True)
class Preview(Generic[L]):
    """A file as it would be booked now: new lines, lines that were booked before, and what is wrong."""

    lines: Sequence[L] = ()
    errors: Sequence[RowError] = ()

    @property
    def new(self) -> list[L]:
        """What would be booked."""
        return [line for line in self.lines if not line.known]

    @property
    def known(self) -> int:
        """How many were booked before."""
        return sum(line.known for line in self.lines)

    def require_sound(self) -> None:
        """Raises ImportRefused where anything is wrong."""
        if self.errors:
            raise ImportRefused(self.errors)


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of a file: how many lines were booked now, and how many were before."""

    new: int
    known: int


@transaction.atomic
def book(
    rows: models.QuerySet[Any],
    file: BroughtFile,
    work: Callable[[Any], Preview[Any]],
    *,
    by: Any,
    at: dt.datetime,
) -> Booked:
    """Book a file of `rows` once: `work` gets it, locked, writes what is new in it and returns what that was.

    A second time changes nothing. Raises DomainError for a file that is none of these, and as `work` does.
    """
    held = rows.select_for_update(of=("self",)).filter(pk=file.pk).first()
    if held is None:
        raise DomainError(_("没有这份清单。"), code="gone")
    if held.is_booked:
        booked = Booked(0, held.booked + held.known)
    else:
        seen = work(held)
        booked = Booked(len(seen.new), seen.known)
        changes = {"booked": booked.new, "known": booked.known}
        advance(held, "book", actor=by, changes=changes, at=at)
    adopt(file, held)
    return booked
