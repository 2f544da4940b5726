"""Thousands of published items: the demo's texts over and over, each with a rule of its own."""

from itertools import cycle, islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from matching.models import Rule, RuleVersion
from policies.drafting import TEXT_FIELDS
from policies.enums import VersionState
from policies.models import ItemVersion, PolicyItem, VersionSource
from policies.search.index import index_stale
from portal.accounts.models import User
from tests.benchmarks.rules import random_rules


def multiply_items(count: int) -> None:
    """Copy the items in force until there are `count`, all of them in the search index."""
    editor, publisher = User.objects.get(username="editor"), User.objects.get(username="publisher")
    with transaction.atomic():
        patterns = list(
            ItemVersion.objects.select_related("item", "rule_version").prefetch_related("sources")
        )
        _copy(list(islice(cycle(patterns), count - len(patterns))), editor, publisher)
    index_stale()


def _copy(patterns: list[ItemVersion], editor: User, publisher: User) -> None:
    """One new item after each pattern, in few statements, through the states that people would take."""
    numbered = list(enumerate(patterns, 1))
    rules = Rule.objects.bulk_create(Rule(label=f"规则 {number}") for number, _pattern in numbered)
    items = PolicyItem.objects.bulk_create(
        PolicyItem(
            code=f"{pattern.item.code}-{number}",
            department_id=pattern.item.department_id,
            rule=rule,
            created_by=editor,
        )
        for (number, pattern), rule in zip(numbered, rules, strict=True)
    )
    rule_versions = RuleVersion.objects.bulk_create(
        RuleVersion(rule=rule, number=1, author=editor, valid=pattern.rule_version.valid, **drawn)
        for pattern, rule, drawn in zip(patterns, rules, random_rules(len(patterns)), strict=True)
    )
    versions = ItemVersion.objects.bulk_create(
        ItemVersion(
            item=item, rule_version=rule_version, number=1, edited_by=editor, **_texts(pattern, number)
        )
        for (number, pattern), item, rule_version in zip(numbered, items, rule_versions, strict=True)
    )
    VersionSource.objects.bulk_create(
        VersionSource(version=version, document_id=source.document_id, clause=source.clause)
        for version, pattern in zip(versions, patterns, strict=True)
        for source in pattern.sources.all()
    )
    made = ItemVersion.objects.filter(pk__in=[version.pk for version in versions])
    made.update(state=VersionState.IN_REVIEW)
    now = timezone.now()
    RuleVersion.objects.filter(item_version__in=made).update(published_at=now)
    made.update(state=VersionState.PUBLISHED, published_by=publisher, published_at=now)


def _texts(pattern: ItemVersion, number: int) -> dict[str, Any]:
    texts = {name: getattr(pattern, name) for name in TEXT_FIELDS}
    return texts | {"title": f"{pattern.title}（第 {number} 批）", "amount_max_fen": pattern.amount_max_fen}
