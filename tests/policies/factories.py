"""Policies for tests: documents and versions, moved through their states as people would move them."""

import datetime as dt
import itertools
from typing import Any

import factory
from django.db import connection, transaction
from django.utils import timezone
from factory.django import DjangoModelFactory
from psycopg2.extras import DateRange

from matching.models import Rule, RuleVersion
from policies import services
from policies.drafting import Content, Source
from policies.models import ItemVersion, PolicyDocument, PolicyItem
from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, UserFactory

IN_COUNTY = {"all": [{"fact": "region", "op": "within", "value": ["500231"]}]}
OF_FACTORIES = {"all": [{"fact": "industry", "op": "within", "value": ["C"]}]}
TEN_WAN = {"fixed": "10", "unit": "万元"}
EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "本县的制造企业",
        "facts": {"region": "500231", "industry": "3670"},
        "claims": {"hire_count": "5"},
        "verdict": "eligible",
    },
    {"name": "什么都不知道", "facts": {}, "verdict": "needs_info"},
    {"name": "外县的种植户", "facts": {"region": "500230", "industry": "0111"}, "verdict": "ineligible"},
]
"""They hold for the conditions above."""
_codes = (f"T-{number}" for number in itertools.count(1))


class DocumentFactory(DjangoModelFactory):
    """A published document."""

    class Meta:
        model = PolicyDocument
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"DOC-{n}")
    title = factory.Sequence(lambda n: f"促进民营经济若干措施之{n}")
    number = factory.Sequence(lambda n: f"垫府发〔2025〕{n}号")
    issuer = "垫江县人民政府"
    level = "county"
    region = "500231"
    body = "对符合条件的企业给予奖励。"
    author = factory.SubFactory(UserFactory)

    @factory.post_generation
    def published(self, create: bool, wanted: bool | None, **kwargs: object) -> None:
        if create and wanted is not False:
            services.publish_document(self, by=UserFactory(is_superuser=True))


def economy() -> Department:
    """The department that the tests' items belong to (from the reference data)."""
    return Department.objects.get(code="economy")


def editor(department: Department | None = None) -> User:
    return PostingFactory(department=department or economy(), role=Role.EDITOR).user


def publisher(department: Department | None = None) -> User:
    return PostingFactory(department=department or economy(), role=Role.PUBLISHER).user


def content(**changes: Any) -> Content:
    """What a plain version says; `changes` go to its text or, with `rule_` before the name, to its rule."""
    rule = {
        "valid": DateRange(timezone.localdate() - dt.timedelta(days=30), None),
        "conditions": IN_COUNTY,
        "amount": TEN_WAN,
        "reference_year": None,
        "event_fact": "",
        "governing_date": "application",
        "examples": EXAMPLES,
    }
    text: dict[str, Any] = {
        "title": "专精特新中小企业认定奖励",
        "summary": "奖励首次认定的专精特新中小企业。",
        "gain": "一次性奖励 10 万元。",
        "benefit": "money",
        "mode": "apply",
        "level": "county",
        "region": "500231",
        "topics": ["专精特新"],
        "targets": ["中小企业"],
    }
    sources = changes.pop("sources", None)
    for name, value in changes.items():
        if name.startswith("rule_"):
            rule[name.removeprefix("rule_")] = value
        else:
            text[name] = value
    return Content(text, rule, tuple(sources if sources is not None else [Source(DocumentFactory())]))


def draft(by: User | None = None, code: str | None = None, **changes: Any) -> ItemVersion:
    """A draft of a new item."""
    return services.create_item(code or next(_codes), economy(), content(**changes), by=by or editor())


def submitted(by: User | None = None, **changes: Any) -> ItemVersion:
    """A version in review."""
    author = by or editor()
    version = draft(author, **changes)
    services.submit(version, by=author)
    return version


def published(by: User | None = None, **changes: Any) -> ItemVersion:
    """A published version, its push queued."""
    version = submitted(**changes)
    services.publish(version, by=by or publisher())
    return version


@transaction.atomic  # rule and version are published together, or not at all
def many_published(count: int) -> list[ItemVersion]:
    """Many published versions in few statements, along the same states; no push, not indexed."""
    with connection.cursor() as cursor:  # triggers would go on reading whole tables, as when these were empty
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET LOCAL enable_seqscan = off")
    author, boss, department, document = editor(), publisher(), economy(), DocumentFactory()
    said = content(sources=[Source(document)])
    topics = ["技术改造", "稳岗就业", "外贸出口", "绿色制造", "数字化"]
    numbers = range(count)
    rules = Rule.objects.bulk_create(Rule(label=f"奖励 {n}") for n in numbers)
    items = PolicyItem.objects.bulk_create(
        PolicyItem(code=f"M-{n}", department=department, rule=rules[n], created_by=author) for n in numbers
    )
    rule_versions = RuleVersion.objects.bulk_create(
        RuleVersion(rule=rules[n], number=1, author=author, **said.rule) for n in numbers
    )
    text = {key: value for key, value in said.text.items() if key not in ("title", "topics", "level")}
    versions = ItemVersion.objects.bulk_create(
        ItemVersion(
            item=items[n],
            number=1,
            rule_version=rule_versions[n],
            edited_by=author,
            title=f"{topics[n % 5]}项目第{n}号奖励",
            topics=[topics[n % 5]],
            level=("county", "municipal")[n % 2],
            **text,
        )
        for n in numbers
    )
    made = ItemVersion.objects.filter(pk__in=[version.pk for version in versions])
    made.update(state="in_review")
    published_at = timezone.now()
    with transaction.atomic():  # a version and its rule are published together
        RuleVersion.objects.filter(pk__in=[one.pk for one in rule_versions]).update(published_at=published_at)
        made.update(state="published", published_by=boss, published_at=published_at)
    return list(made)
