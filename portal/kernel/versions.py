"""Versions of what an office keeps: one person drafts, another publishes, then it stands until it is retired.

    class Table(Versioned): ...

    class TableVersionQuerySet(VersionQuerySet["TableVersion"]): ...

    class TableVersion(Version):
        model = models.ForeignKey(Table, models.PROTECT, related_name="versions")
        objects = TableVersionQuerySet.as_manager()

    class TableVersionEvent(EventModel):
        subject = models.ForeignKey(TableVersion, models.PROTECT, related_name="events")

At most one version of a model is a draft and at most one in use. A draft that nobody wants is let go, and
kept. That what was published stands, the app's migration sees to with triggers: only the app knows of which
rows a version consists. The services here know no roles: the app asks for them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.errors import DomainError
from portal.kernel.models import KEY_PATTERN, AppendOnly
from portal.kernel.transitions import Machine, Transition, advance

MOST_WORDS: Final = 300
"""Of a reason."""

V = TypeVar("V", bound="Version")


class Versioned(models.Model):
    """What has versions, by a code that pages and tasks know it by."""

    code = models.CharField(gettext_lazy("标识"), max_length=40, unique=True)
    name = models.CharField(gettext_lazy("名称"), max_length=80)
    summary = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=KEY_PATTERN),
                name="%(app_label)s_%(class)s_code",
                violation_error_message=gettext_lazy("标识只用小写字母、数字和下划线，以字母开头。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft", gettext_lazy("草稿")
    PUBLISHED = "published", gettext_lazy("使用中")
    RETIRED = "retired", gettext_lazy("已停用")
    DISCARDED = "discarded", gettext_lazy("已放弃")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"draft": "due", "published": "done"}.get(self.value, "plain")


S = VersionState


class VersionQuerySet(models.QuerySet[V]):
    """The door to versions."""

    def in_use(self, code: str) -> V | None:
        """The published version of a model; None before the first one is."""
        return self.filter(model__code=code, state=S.PUBLISHED).select_related("model").first()

    def draft_of(self, code: str) -> V | None:
        """The draft of a model, if there is one."""
        return self.filter(model__code=code, state=S.DRAFT).select_related("model", "edited_by").first()


class Version(models.Model):
    """What holds from a time on. Changes while it is a draft and then never again.

    The subclass adds `model`: a foreign key (PROTECT) with `related_name="versions"`. Who wrote it does not
    publish it: one that several people write overrides `is_by`, and the database of each app sees to it too.
    """

    number = models.PositiveIntegerField(gettext_lazy("版次"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=gettext_lazy("编写人"),
        help_text=gettext_lazy("空表示随系统提供"),
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=gettext_lazy("发布人"),
    )
    published_at = models.DateTimeField(gettext_lazy("发布时间"), null=True, editable=False)
    retired_at = models.DateTimeField(gettext_lazy("停用时间"), null=True, editable=False)
    created_at = models.DateTimeField(gettext_lazy("建立时间"), db_default=Now(), editable=False)
    state = models.CharField(
        gettext_lazy("状态"), max_length=10, choices=VersionState, default=S.DRAFT, editable=False
    )

    machine = Machine(
        "state",
        initial=S.DRAFT,
        transitions=(
            Transition("publish", (S.DRAFT,), S.PUBLISHED, gettext_lazy("发布")),
            Transition("discard", (S.DRAFT,), S.DISCARDED, gettext_lazy("放弃草稿")),
            Transition("retire", (S.PUBLISHED,), S.RETIRED, gettext_lazy("停用")),
        ),
        deletable=(),
    )

    class Meta:
        abstract = True
        ordering = ["model", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"],
                name="%(app_label)s_%(class)s_number_once",
                violation_error_message=gettext_lazy("版次不能重复。"),
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state=S.PUBLISHED),
                name="%(app_label)s_%(class)s_one_in_use",
                violation_error_message=gettext_lazy("只能有一个使用中的版本。"),
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state=S.DRAFT),
                name="%(app_label)s_%(class)s_one_draft",
                violation_error_message=gettext_lazy("已有一个草稿，请在草稿上继续修改。"),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="%(app_label)s_%(class)s_number_positive",
                violation_error_message=gettext_lazy("版次从 1 开始。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(S.DRAFT, S.DISCARDED), published_at=None, published_by=None, retired_at=None
                )
                | Q(state=S.PUBLISHED, published_at__isnull=False, retired_at=None)
                & (Q(published_by__isnull=False) | Q(edited_by=None))
                | Q(state=S.RETIRED, published_at__isnull=False, retired_at__isnull=False),
                name="%(app_label)s_%(class)s_signed",
                violation_error_message=gettext_lazy("发布须有发布人和时间，停用须有时间。"),
            ),
        ]

    def __str__(self) -> str:
        return _("第 %(number)d 版") % {"number": self.number}

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return VersionState(self.state).colour

    @property
    def is_draft(self) -> bool:
        """Whether it may still be edited."""
        return self.state == S.DRAFT

    def is_by(self, user: Any) -> bool:
        """Whether a user wrote it, who then does not publish it."""
        return bool(self.edited_by_id == user.pk)

    def require_draft(self) -> None:
        """Raises DomainError for what is no draft any more."""
        if not self.is_draft:
            raise DomainError(_("这一版不是草稿，请刷新页面查看最新状态。"), code="not_a_draft")


class Editor(AppendOnly):
    """Who wrote a version that several people write: kept by a trigger from `edited_by`, none may publish it.

    The subclass adds the foreign key to what was written, with `related_name="editors"`, and a UNIQUE.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=gettext_lazy("编写人")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.user)


def start_draft(model: Any, *, by: Any, copied: Iterable[str] = ()) -> tuple[Any, Any]:
    """A draft that says what the version in use says, else the one that was last; and which one that is.

    `copied` names the fields that go over. The caller copies the parts, in the transaction that this needs.
    Raises DomainError while there is a draft, and while nothing was ever published.
    """
    _hold(model)
    versions = model.versions.order_by("-number")
    if versions.filter(state=S.DRAFT).exists():
        raise DomainError(_("已有一个草稿，请在草稿上继续修改。"), code="in_preparation")
    before = versions.filter(published_at__isnull=False).first()
    if before is None:
        raise DomainError(_("还没有发布过版本，无可复制。"), code="nothing_to_copy")
    told = {name: getattr(before, name) for name in copied}
    return model.versions.create(number=versions[0].number + 1, edited_by=by, **told), before


def hold_draft(version: V) -> V:
    """The row, locked for a change. Raises DomainError where it is no draft any more."""
    held = type(version)._base_manager.select_for_update(of=("self",)).get(pk=version.pk)
    held.require_draft()
    return held


def require_seen(digest: str, seen: str) -> None:
    """Raises DomainError unless what is to be published is what the publisher looked at."""
    if digest != seen:
        raise DomainError(_("草稿在您查看之后又改过，请重新核对。"), code="changed")


@transaction.atomic
def publish(draft: Any, *, by: Any, require: Callable[[Any], None], comment: str = "") -> None:
    """Put a draft in use; the version in use until now is retired.

    `require` gets the draft, locked, and raises DomainError for what else is not in order. So does this for
    what is no draft, and for whoever wrote it.
    """
    _hold(draft.model)
    held = hold_draft(draft)
    if held.is_by(by):
        raise DomainError(_("编写人不能发布自己写的版本，请由另一位有发布岗位的同事发布。"), code="four_eyes")
    require(held)
    now = timezone.now()
    before = draft.model.versions.filter(state=S.PUBLISHED).first()
    if before is not None:
        advance(before, "retire", actor=by, changes={"retired_at": now}, at=now)
    changes = {"published_by": by, "published_at": now}
    advance(draft, "publish", actor=by, comment=comment, changes=changes, at=now)


def retire(version: Version, *, by: Any, reason: str) -> None:
    """Take a version out of use though none follows. Raises DomainError without a reason."""
    now = timezone.now()
    said = _given(reason, _("请写明停用原因。"))
    advance(version, "retire", actor=by, comment=said, changes={"retired_at": now}, at=now)


def discard(draft: Version, *, by: Any, reason: str) -> None:
    """Let a draft go, so that another one may be begun; it is kept. Raises DomainError without a reason."""
    said = _given(reason, _("请写明为什么放弃这份草稿。"))
    advance(draft, "discard", actor=by, comment=said)


def _hold(model: models.Model) -> None:
    """Nobody else begins or publishes a version of it until the transaction ends."""
    type(model)._base_manager.select_for_update().get(pk=model.pk)


def _given(reason: str, asked: str) -> str:
    if not reason.strip():
        raise DomainError(asked, code="no_reason")
    return reason.strip()[:MOST_WORDS]
