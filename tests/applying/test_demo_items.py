"""Every item of the demo that is applied for here can be: asked, answered, sent, reviewed, decided."""

import datetime as dt
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.catalogue import Catalogue, Tier
from enterprises.models import Credential, CredentialKind, Enterprise, MemberRole
from enterprises.services import load_catalogue
from enterprises.services.declare import can_declare
from enterprises.values import input_text
from policies.applying import drafts, files, sending
from policies.applying.questions import key_of, unanswered
from policies.applying.sheet import Sheet
from policies.enums import Benefit
from policies.example_shift import shifted
from policies.example_values import knowledge_of_example
from policies.exchange.importing import import_data
from policies.exchange.reading import read_file
from policies.models import Application, Evidence, ItemVersion
from policies.reviewing import deciding, intake
from policies.reviewing.deciding import Proposal
from portal.kernel.money import parse_money
from portal.shell.demo.firm import Firm
from portal.shell.demo.loading import write
from portal.shell.demo.publication import FOLDER, carried_over
from tests.accounts.factories import UserFactory
from tests.applying.factories import leader, pdf, reviewer
from tests.enterprises.factories import MembershipFactory, uscc_of

pytestmark = pytest.mark.django_db
WAN = 1_000_000
AT_TEN = dt.time(10, tzinfo=ZoneInfo("Asia/Shanghai"))
HERE = ("apply", "quick")


@cache
def contents() -> list[dict[str, Any]]:
    return [read_file(path) for path in sorted((settings.BASE_DIR / FOLDER).glob("*.yaml"))]


ITEMS = {item["code"]: item for content in contents() for item in content["items"] if item["mode"] in HERE}


def published(code: str) -> ItemVersion:
    """The item alone, with the documents that it cites, as the demo publishes it today."""
    data = carried_over({"items": [ITEMS[code]]}, timezone.localdate())
    cited = {source["document"] for source in ITEMS[code]["sources"]}
    found = {
        document["code"]: document
        for content in reversed(contents())
        for document in content["documents"]
        if document["code"] in cited
    }
    boss, author = UserFactory(is_superuser=True), UserFactory(is_superuser=True)
    import_data(
        {"item": {"format": 1, "documents": list(found.values()), **data}}, editor=author, publisher=boss
    )
    return ItemVersion.objects.select_related("item__department", "rule_version").get(item__code=code)


def day_within(version: ItemVersion) -> dt.date:
    """Today, or the nearest day of the window."""
    day = max(filter(None, (timezone.localdate(), version.window_from)))
    return min(filter(None, (day, version.window_to)))


def eligible_example(code: str, year: int) -> dict[str, Any]:
    """The item's first example that fits, its years counted from the year of applying."""
    item = ITEMS[code]
    example = next(one for one in item["examples"] if one["verdict"] == "eligible")
    written = dt.date.fromisoformat(example.get("as_of") or item["rule"]["valid_from"])
    (moved,) = shifted([example], year - written.year, load_catalogue())
    return moved


class Applicant:
    """An enterprise of which departments know what only they may say; the rest it says itself."""

    def __init__(self, example: dict[str, Any], day: dt.date) -> None:
        catalogue = load_catalogue()
        self.answers: dict[str, str] = {}
        known = knowledge_of_example(example, catalogue, day)
        firm = Firm(
            uscc_of(1),
            "垫江示例有限公司",
            "500231101",
            "3670",
            dt.date(2015, 3, 1),
            "company",
            "private",
            "",
            "李四",
        )
        for key, values in known.facts.items():
            for period, one in values.items():
                if can_declare(catalogue[key]):
                    self.answers[key_of(key, period)] = as_typed(catalogue, key, one.value)
                else:
                    firm.give(key, one.value, day, period=period)
        for key, one in known.claims.items():
            self.answers[key] = as_typed(catalogue, key, one.value)
        write([firm], timezone.now())
        self.enterprise = Enterprise.objects.get(uscc=firm.uscc)
        self.give_credentials(known.records, day)
        member = MembershipFactory(enterprise=self.enterprise, role=MemberRole.MANAGER)
        self.actor = Actor(member.user, self.enterprise, MemberRole.MANAGER)

    def give_credentials(self, records: Any, day: dt.date) -> None:
        for record in records:
            Credential.objects.create(
                enterprise=self.enterprise,
                kind=CredentialKind.objects.get(key=record.kind),
                level=record.level,
                first_obtained=record.first_obtained,
                valid_from=record.valid_from,
                valid_to=record.valid_to,
                certificate=f"{record.kind}-1",
                tier=Tier.OFFICIAL,
                department=CredentialKind.objects.get(key=record.kind).department,
                as_of=day,
            )

    def fill(self, application: Application, at: dt.datetime) -> None:
        """Answer what is asked until nothing more is; an item whose example cannot answer shows a gap."""
        while asked := unanswered(self.sheet(application, at).questions):
            unknown = [question.key for question in asked if question.key not in self.answers]
            assert not unknown, f"asked for what the example does not say: {unknown}"
            saving = drafts.Saving({question.key: self.answers[question.key] for question in asked})
            drafts.save(application, saving, revision=application.revision, by=self.actor.user, at=at)
            application.refresh_from_db()

    def bring(self, application: Application, at: dt.datetime) -> None:
        """Every material that is wanted; and a contact."""
        for number, material in enumerate(self.sheet(application, at).materials):
            if material.wanted:
                files.attach(application, material.name, pdf(more=b"%d" % number), by=self.actor.user)
        saving = drafts.Saving(contact_name="李四", contact_phone="13800000000")
        drafts.save(application, saving, revision=application.revision, by=self.actor.user, at=at)
        application.refresh_from_db()

    def sheet(self, application: Application, at: dt.datetime) -> Sheet:
        return Sheet.of(application, timezone.localdate(at))


def as_typed(catalogue: Catalogue, key: str, value: Any) -> str:
    """A value as a person types it."""
    return input_text(catalogue[key], value)


def decide(application: Application, evidence: Evidence, at: dt.datetime) -> None:
    """Accepted, proposed as judged, signed if unbounded; money after a notice, decided by another."""
    department = application.item.department
    one, other = reviewer(department), leader(department)
    intake.accept(application, by=one, at=at)
    money = application.version.benefit == Benefit.MONEY
    amount = (evidence.amount_high or evidence.amount_low or WAN) if money else None
    deciding.propose(application, Proposal("approve", amount), by=one, at=at)
    if deciding.wants_countersign(application):
        deciding.countersign(application, "按同类企业核过", by=other, at=at)
    if money:
        at = deciding.post_notice(application, by=other, at=at).closes_at
    deciding.approve(application, by=other, at=at)


@pytest.mark.parametrize("code", ITEMS)
def test_it_can_be_applied_for(code: str) -> None:
    version = published(code)
    at = dt.datetime.combine(day_within(version), AT_TEN)
    example = eligible_example(code, at.year)
    applicant = Applicant(example, at.date())
    application = drafts.start(applicant.actor, version, at=at)
    applicant.fill(application, at)
    applicant.bring(application, at)
    evidence = sending.send(application, applicant.actor, at=at)
    assert evidence.verdict == "eligible"
    if example.get("amount"):
        wanted = [None if one is None else parse_money(one) for one in example["amount"]]
        assert [evidence.amount_low, evidence.amount_high] == wanted
    decide(application, evidence, at)
    assert application.state == "approved"


def test_every_item_of_here_is_walked() -> None:
    assert len(ITEMS) >= 30
    assert {item["mode"] for item in ITEMS.values()} == set(HERE)
