"""Writing products: new ones, new drafts, changes to a draft, what a draft begins as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.keepers import require_role
from finance.models import Bank, CreditProduct, ProductVersion
from finance.models.product import PREPARING
from finance.models.vocabulary import ProductState
from matching.models import Rule, RuleVersion
from matching.services import next_number
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User

TEXT_FIELDS: Final = (
    "name",
    "summary",
    "kind",
    "purposes",
    "amount_min_fen",
    "amount_max_fen",
    "amount_note",
    "term_min",
    "term_max",
    "term_note",
    "rate_low",
    "rate_high",
    "rate_note",
    "fee_note",
    "repayments",
    "securities",
    "security_note",
    "targets",
    "conditions_note",
    "materials",
    "answer_days",
    "speed_note",
    "channel",
    "source",
    "source_year",
    "caution",
    "is_example",
)
"""What a version itself says."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a version says.

    `conditions` are JSON of the project's rule language; None: the bank names none that can be checked.
    """

    text: Mapping[str, Any]
    conditions: Mapping[str, Any] | None = None


def create_product(
    code: str, bank: Bank, content: Content, *, by: User, first_here: bool = False
) -> ProductVersion:
    """A new product with its first draft. Raises DomainError when the code is taken."""
    with transaction.atomic():
        if CreditProduct.objects.filter(code=code).exists():
            raise DomainError(_("产品编码 %(code)s 已被使用，请换一个。") % {"code": code}, code="code_taken")
        rule = Rule.objects.create(key=f"product-{code}", label=content.text["name"])
        product = CreditProduct(code=code, bank=bank, rule=rule, first_here=first_here, created_by=by)
        product.full_clean(exclude=["rule"])
        product.save()
        return start_version(product, content, by=by)


def start_version(product: CreditProduct, content: Content, *, by: User) -> ProductVersion:
    """A new draft of a product. Raises DomainError while another version is in preparation."""
    require_role(by, Role.EDITOR)
    with transaction.atomic():
        CreditProduct.objects.select_for_update(of=("self",)).get(pk=product.pk)
        if product.versions.filter(state__in=PREPARING).exists():
            raise DomainError(
                _("产品 %(code)s 已有一个正在编写的版本，请先完成或修改它。") % {"code": product.code},
                code="in_preparation",
            )
        number = (product.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = ProductVersion(product=product, number=number, edited_by=by, **content.text)
        _save(version, content, by)
        return version


def revise(version: ProductVersion, content: Content, *, seen: int, by: User) -> ProductVersion:
    """Change a draft. Whoever does so is recorded as an editor.

    `seen` is the revision that the form was opened with. Raises DomainError when somebody changed it
    meanwhile, or it is no draft any more.
    """
    require_role(by, Role.EDITOR)
    with transaction.atomic():
        locked = ProductVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
        if locked.state != ProductState.DRAFT:
            raise DomainError(
                _("“%(name)s”已提交，请先退回再修改。") % {"name": locked.name}, code="not_a_draft"
            )
        if locked.revision != seen:
            raise DomainError(
                _("您打开表单之后，%(who)s 改过“%(name)s”。请刷新页面，看过最新内容再改；您填的没有保存。")
                % {"who": locked.edited_by, "name": locked.name},
                code="changed_meanwhile",
            )
        for name, value in content.text.items():
            setattr(locked, name, value)
        locked.edited_by, locked.revision = by, seen + 1
        _save(locked, content, by)
    version.refresh_from_db()
    return version


def content_of(version: ProductVersion) -> Content:
    """What a version says, to be written into its successor."""
    rule = version.rule_version
    text = {name: getattr(version, name) for name in TEXT_FIELDS}
    return Content(text, rule.conditions if rule else None)


def name_rule(version: ProductVersion) -> None:
    """Call the product's rule by a version's name; a draft's only until the product is published."""
    published = version.product.versions.exclude(published_at=None)
    if version.published_at is not None or not published.exists():
        Rule.objects.filter(pk=version.product.rule_id).update(label=version.name)


def _save(version: ProductVersion, content: Content, by: User) -> None:
    """Save a draft and its conditions, which are a rule of its own while there are any."""
    rule = version.rule_version
    if content.conditions:
        if rule is None:
            product = version.product
            rule = RuleVersion(rule=product.rule, number=next_number(product.rule))
            rule.valid = DateRange(timezone.localdate(), None)
        rule.conditions, rule.author = dict(content.conditions), by
        rule.save()
    version.rule_version = rule if content.conditions else None
    version.full_clean()
    version.save()
    if rule is not None and not content.conditions:
        rule.delete()
    name_rule(version)
