"""The life of a version of a product: submitted, returned, published, withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.services import load_catalogue
from finance.keepers import require_role
from finance.models import CreditProduct, ProductVersion
from finance.models.vocabulary import ProductState
from finance.products.writing import name_rule
from matching import services as matching
from matching.models import RuleVersion
from matching.parse import RuleErrors
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError, NotReady
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import User


def submit(version: ProductVersion, *, by: User, comment: str = "") -> None:
    """Hand a draft to whoever publishes. Raises DomainError with all that is not in order."""
    require_role(by, Role.EDITOR)
    _refuse_unless_ready(version)
    advance(version, "submit", actor=by, comment=comment)


def return_to_draft(version: ProductVersion, *, by: User, reason: str) -> None:
    """Give a submitted version back to its editors, saying why."""
    require_role(by, Role.PUBLISHER)
    if not reason.strip():
        raise DomainError(_("请写明退回原因，方便编写人修改。"), code="no_reason")
    advance(version, "return", actor=by, comment=reason.strip())


def publish(version: ProductVersion, *, by: User, comment: str = "", at: dt.datetime | None = None) -> None:
    """Let the product say this from today on (`at` by default now); its predecessor is superseded.

    Raises DomainError.

    Loans applied for under the predecessor keep it.
    """
    require_role(by, Role.PUBLISHER)
    with transaction.atomic():
        product = CreditProduct.objects.select_for_update(of=("self",)).get(pk=version.product_id)
        version.refresh_from_db()
        if version.state != ProductState.IN_REVIEW:
            raise DomainError(
                _("“%(name)s”不在待发布状态，可能刚由别人办理。请刷新页面查看。") % {"name": version.name},
                code="not_in_review",
            )
        _require_other_eyes(version, by)
        now = at or timezone.now()
        today = timezone.localdate(now)
        before = product.versions.filter(state=ProductState.PUBLISHED).select_related("rule_version").first()
        if before is not None:
            advance(before, "supersede", actor=by, public=True, at=now)
            _end_conditions(before.rule_version, today, by)
        _begin_conditions(version.rule_version, today, by)
        changes = {"published_by": by, "published_at": now}
        advance(version, "publish", actor=by, comment=comment, changes=changes, public=True, at=now)
        name_rule(version)


def withdraw(version: ProductVersion, *, by: User, reason: str) -> None:
    """Take a published version off the shelf, with a reason that people will read. Raises DomainError."""
    require_role(by, Role.PUBLISHER)
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明下架原因，企业会看到。"), code="no_reason")
    with transaction.atomic():
        changes = {"withdrawal_reason": reason}
        advance(version, "withdraw", actor=by, comment=reason, changes=changes, public=True)
        if version.rule_version is not None:
            matching.retract(version.rule_version, by=by, reason=reason)


def problems(version: ProductVersion) -> list[str]:
    """All that stops a version from being published; empty when nothing does."""
    found = []
    if version.rule_version is not None:
        try:
            matching.rule_tree(version.rule_version, load_catalogue())
        except RuleErrors as error:
            found += [
                _("条件 %(path)s：%(said)s") % {"path": one.path or "/", "said": one.message}
                for one in error.errors
            ]
    if version.amount_max_fen is None and not version.amount_note:
        found.append(_("金额：最高金额没有的，请在“金额说明”里写明。"))
    if version.rate_low is None and version.rate_high is None and not version.rate_note:
        found.append(_("利率：银行没有公布的，请在“利率说明”里写明。"))
    if version.term_max is None and not version.term_note:
        found.append(_("期限：没有公布的，请在“期限说明”里写明。"))
    if not version.securities:
        found.append(_("担保方式：请至少选一种。"))
    return found


def _refuse_unless_ready(version: ProductVersion) -> None:
    wrong = problems(version)
    if wrong:
        head = _("“%(name)s”还不能提交或发布：") % {"name": version.name}
        raise NotReady(head, wrong)


def _require_other_eyes(version: ProductVersion, by: User) -> None:
    rule = version.rule_version
    if version.editors.filter(user=by).exists() or (rule is not None and rule.author_id == by.pk):
        raise DomainError(_("编写人不能发布自己写的内容，请由另一位有发布岗位的同事发布。"), code="four_eyes")


def _begin_conditions(rule: RuleVersion | None, today: dt.date, by: User) -> None:
    if rule is not None:
        rule.valid = DateRange(today, None)
        rule.save(update_fields=["valid"])
        matching.publish(rule, by=by)


def _end_conditions(rule: RuleVersion | None, today: dt.date, by: User) -> None:
    """The conditions of a predecessor hold until yesterday; those that began today are taken back."""
    if rule is None or rule.retracted_at is not None:
        return
    if rule.begins == today:
        matching.retract(rule, by=by, reason=_("当天发布了更正的版本。"))
    else:
        matching.close(rule, on=today)
