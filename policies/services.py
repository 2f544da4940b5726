"""The life of versions and documents: submitting, publishing, withdrawing, ending."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import matching.services
from policies import checklist
from policies.access import publishes, require
from policies.bounds import greatest_fen
from policies.drafting import copy_item, create_item, name_rule, revise, start_version
from policies.enums import PushKind, VersionState
from policies.models import ItemVersion, PolicyDocument, PolicyItem
from policies.push import start_push
from policies.push_day import push_day
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError, NotReady
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import User

__all__ = [
    "correct_document",
    "copy_item",
    "create_item",
    "end_versions",
    "publish",
    "publish_document",
    "return_to_draft",
    "revise",
    "start_version",
    "submit",
    "withdraw",
]
INDEX = "policies.tasks.index_item"
"""The task that brings search up to date, rung by name: `tasks` stands on this module."""


def submit(version: ItemVersion, *, by: User, comment: str = "") -> None:
    """Hand a draft to whoever publishes. Raises DomainError with all that is not in order."""
    require(by, Role.EDITOR, version.item.department)
    _refuse_unless_ready(version)
    advance(version, "submit", actor=by, comment=comment)


def return_to_draft(version: ItemVersion, *, by: User, reason: str) -> None:
    """Give a submitted version back to its editors, saying why."""
    require(by, Role.PUBLISHER, version.item.department)
    if not reason.strip():
        raise DomainError(_("请写明退回原因，方便编写人修改。"), code="no_reason")
    advance(version, "return", actor=by, comment=reason.strip())


def publish(version: ItemVersion, *, by: User, comment: str = "") -> None:
    """Put a submitted version in force and start telling the enterprises that it fits.

    In one transaction: the checklist, four eyes, the rule's publication (which closes the
    predecessor), the state, the push; workers are rung on commit. Raises DomainError.
    """
    with transaction.atomic():
        item = (
            PolicyItem.objects.select_for_update(of=("self",))
            .select_related("department")
            .get(pk=version.item_id)
        )
        version.refresh_from_db()
        require(by, Role.PUBLISHER, item.department)
        _require_other_eyes(version, by)
        _refuse_unless_ready(version)
        matching.services.publish(version.rule_version, by=by)
        changes = {
            "published_by": by,
            "published_at": timezone.now(),
            "amount_max_fen": greatest_fen(checklist.parse(version).amount),
        }
        try:
            with transaction.atomic():
                advance(version, "publish", actor=by, comment=comment, changes=changes, public=True)
        except IntegrityError as error:
            raise _own_work() from error
        name_rule(version)
        today = timezone.localdate()
        end_versions(today, item=item)
        if push_day(version, today) == today:
            start_push(version, PushKind.PUBLICATION, by=by)
        transaction.on_commit(partial(_ring_index, item.pk), robust=True)


def withdraw(version: ItemVersion, *, by: User, reason: str) -> None:
    """Take a published version back and start telling those who were told of it. Raises DomainError."""
    require(by, Role.PUBLISHER, version.item.department)
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明撤回原因，它会告知收到过推送的企业。"), code="no_reason")
    with transaction.atomic():
        PolicyItem.objects.select_for_update().get(pk=version.item_id)
        advance(
            version,
            "withdraw",
            actor=by,
            comment=reason,
            changes={"withdrawal_reason": reason},
            public=True,
        )
        matching.services.retract(version.rule_version, by=by, reason=reason)
        start_push(version, PushKind.WITHDRAWAL, by=by)
        transaction.on_commit(partial(_ring_index, version.item_id), robust=True)


def end_versions(today: dt.date, *, item: PolicyItem | None = None) -> int:
    """Move published versions whose period is over to superseded or expired. Returns how many."""
    over = ItemVersion.objects.filter(state=VersionState.PUBLISHED, rule_version__valid__endswith__lte=today)
    if item is not None:
        over = over.filter(item=item)
    ended = list(over.select_related("item"))
    for version in ended:
        followed = version.item.versions.filter(
            state=VersionState.PUBLISHED, rule_version__valid__contains=today
        )
        advance(version, "supersede" if followed.exists() else "expire", actor=None, public=True)
        transaction.on_commit(partial(_ring_index, version.item_id), robust=True)
    return len(ended)


def publish_document(document: PolicyDocument, *, by: User) -> None:
    """Show a document to everybody. Raises DomainError for whoever wrote it or does not publish."""
    _require_publisher(by)
    if document.editors.filter(user=by).exists():
        raise _own_work()
    changes = {"published_by": by, "published_at": timezone.now()}
    try:
        with transaction.atomic():
            advance(document, "publish", actor=by, changes=changes, public=True)
    except IntegrityError as error:
        raise _own_work() from error


def correct_document(document: PolicyDocument, *, editor: User, publisher: User) -> None:
    """Save a change to a document that is shown already: two people answer for it. Raises DomainError."""
    _require_publisher(publisher)
    if editor.pk == publisher.pk:
        raise _own_work()
    document.edited_by = editor
    document.full_clean()
    document.save()


def _require_publisher(user: User) -> None:
    if not publishes(user):
        raise DomainError(_("您没有政策发布岗位，请由有该岗位的同事办理。"), code="no_role")


def _refuse_unless_ready(version: ItemVersion) -> None:
    wrong = checklist.problems(version)
    if wrong:
        head = _("“%(title)s”还不能提交或发布：") % {"title": version.title}
        raise NotReady(head, wrong)


def _require_other_eyes(version: ItemVersion, by: User) -> None:
    if version.editors.filter(user=by).exists() or version.rule_version.author_id == by.pk:
        raise _own_work()


def _own_work() -> DomainError:
    return DomainError(_("编写人不能发布自己写的内容，请由另一位有发布岗位的同事发布。"), code="four_eyes")


def _ring_index(item_id: int) -> None:
    current_app.send_task(INDEX, args=(item_id,), retry=False)
