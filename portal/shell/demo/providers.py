"""The demo's service providers, their services and their people."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from appeals.models import Category, Provider, ProviderMember, ServiceItem, Team
from portal.accounts.models import Department, User
from portal.kernel.money import FEN_PER_YUAN

FILE = Path(__file__).parent / "providers.yaml"
MEMBERS = {
    "provider": ("重庆桂溪知识产权代理有限公司",),
    "rival": ("牡丹源科技咨询有限公司",),
    "centre": ("垫江县中小企业公共服务中心", "垫江县中小微企业协会"),
}
"""Which providers the accounts of `people` act for."""


def enrol_providers(people: dict[str, User]) -> tuple[int, int]:
    """Make the providers and services that are missing; returns how many there are of each."""
    teams = {team.name: team for team in Team.objects.all()}
    departments = {department.code: department for department in Department.objects.all()}
    categories = {category.key: category for category in Category.objects.all()}
    with transaction.atomic():
        for row in yaml.safe_load(FILE.read_text(encoding="utf-8")):
            _enrol(row, teams[row["team"]], departments[row["department"]], categories)
        for username, names in MEMBERS.items():
            for provider in Provider.objects.filter(name__in=names):
                ProviderMember.objects.get_or_create(provider=provider, user=people[username])
    return Provider.objects.count(), ServiceItem.objects.count()


def _enrol(row: dict[str, Any], team: Team, department: Department, categories: dict[str, Category]) -> None:
    fields = {name: row[name] for name in ("phone", "cap", "description")}
    provider, created = Provider.objects.get_or_create(
        name=row["name"], defaults={**fields, "team": team, "department": department}
    )
    if not created:
        return
    provider.categories.set({categories[key] for key, *_rest in row["services"]})
    ServiceItem.objects.bulk_create(
        _service(provider, categories[key], rest) for key, *rest in row["services"]
    )


def _service(provider: Provider, category: Category, given: list[Any]) -> ServiceItem:
    name, price, days, description = given
    low, high = price if isinstance(price, list) else (price, price)
    return ServiceItem(
        provider=provider,
        category=category,
        name=name,
        description=description,
        price_low_fen=low * FEN_PER_YUAN,
        price_high_fen=high * FEN_PER_YUAN,
        days=days,
    )
