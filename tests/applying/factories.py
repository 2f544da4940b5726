"""Applications for tests, led along their way by the services that lead them in the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from enterprises.actors import Actor
from policies.applying import drafts, files, sending
from policies.models import Application, ItemVersion, PublicNotice
from policies.reviewing import deciding, intake
from policies.reviewing.deciding import Proposal
from policies.reviewing.intake import Point
from portal.accounts.models import Department, User
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.enterprises.factories import actor_of, give_value
from tests.papers import pdf_of
from tests.policies import factories as policies

BEGAN = timezone.localdate() - dt.timedelta(days=30)
"""First day of the versions of these tests, see `policies.content`."""
CONDITIONS: dict[str, Any] = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {"fact": "equipment_invest", "op": ">=", "value": "100", "unit": "万元"},
        {"fact": "employees", "period": "Y-1", "op": ">=", "value": "10", "unit": "人"},
    ]
}
"""A place that is known, a question of the claim, and one about the enterprise."""
AMOUNT: dict[str, Any] = {
    "cap": {"value": "50", "unit": "万元"},
    "of": {"rate": "10%", "of": {"fact": "equipment_invest"}},
}
MATERIALS = [
    {"name": "营业执照", "supplied_by": "system", "from_facts": ["established_on"], "basis": "typical"},
    {"name": "设备发票", "supplied_by": "enterprise", "basis": "stated"},
]


def now() -> dt.datetime:
    """The moment of a step."""
    return timezone.now()


def pdf(name: str = "发票.pdf", more: bytes = b"") -> SimpleUploadedFile:
    """A small document; `more` makes it another one."""
    return SimpleUploadedFile(name, pdf_of(more.decode()), "application/pdf")


def version(**changes: Any) -> ItemVersion:
    """A published item that is applied for here: ten percent of the equipment, fifty 万元 at most."""
    given = {"mode": "apply", "materials": MATERIALS, "handling_workdays": 15}
    given |= {"rule_examples": EXAMPLES, "rule_conditions": CONDITIONS, "rule_amount": AMOUNT}
    return policies.published(**given | changes)


EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "够格的",
        "facts": {"region": "500231", "employees": {str(BEGAN.year - 1): "20"}},
        "claims": {"equipment_invest": "200 万元"},
        "verdict": "eligible",
    },
    {"name": "什么都不知道", "facts": {}, "verdict": "needs_info"},
    {"name": "外县的", "facts": {"region": "500230"}, "verdict": "ineligible"},
]


def reviewer(department: Department | None = None) -> User:
    return PostingFactory(department=department or policies.economy(), role=Role.REVIEWER).user


def leader(department: Department | None = None) -> User:
    return PostingFactory(department=department or policies.economy(), role=Role.LEADER).user


def applicant() -> Actor:
    """Somebody of an enterprise of which the registry knows the place."""
    actor = actor_of()
    give_value(actor.enterprise, "region", text="500231101")
    return actor


def drafted(of: ItemVersion | None = None, actor: Actor | None = None) -> Application:
    """A draft of which nothing is filled in but the contact."""
    actor = actor or applicant()
    application = drafts.start(actor, of or version(), at=now())
    saving = drafts.Saving(contact_name="张三", contact_phone="13800000000")
    drafts.save(application, saving, revision=application.revision, by=actor.user, at=now())
    application.refresh_from_db()
    return application


def filled(of: ItemVersion | None = None, actor: Actor | None = None, **answers: str) -> Application:
    """A draft that may be sent; `answers` by fact."""
    application = drafted(of, actor)
    year = timezone.localdate().year - 1
    given = {"equipment_invest": "200", f"employees@{year}": "20"} | answers
    drafts.save(application, drafts.Saving(given), revision=application.revision, by=None, at=now())
    files.attach(application, "设备发票", pdf(), by=None)
    application.refresh_from_db()
    return application


def actor_for(application: Application) -> Actor:
    """Somebody of the application's enterprise."""
    membership = application.enterprise.memberships.select_related("user").get()
    return Actor(membership.user, application.enterprise, membership.role)


def sent(of: ItemVersion | None = None, actor: Actor | None = None, **answers: str) -> Application:
    application = filled(of, actor, **answers)
    sending.send(application, actor or actor_for(application), at=now())
    return application


def reviewing(of: ItemVersion | None = None, by: User | None = None) -> Application:
    application = sent(of)
    intake.accept(application, by=by or reviewer(), at=now())
    return application


def returned(application: Application | None = None, by: User | None = None) -> Application:
    application = application or sent()
    point = Point("material", "设备发票", "补盖章的发票", "原件没有章")
    intake.give_back(application, [point], by=by or reviewer(), at=now())
    return application


def proposed(outcome: str = "approve", amount_fen: int | None = 20_000_000, **changes: Any) -> Application:
    application = reviewing(changes.pop("of", None))
    if outcome == "refuse":
        changes, amount_fen = {"clause": "第三条", "reason": "设备不在目录内"} | changes, None
    deciding.propose(application, Proposal(outcome, amount_fen, **changes), by=application.reviewer, at=now())
    return application


def noticed() -> tuple[Application, PublicNotice]:
    application = proposed()
    return application, deciding.post_notice(application, by=leader(), at=now())


def approved() -> Application:
    application, notice = noticed()
    deciding.approve(application, by=leader(), at=notice.closes_at)
    return application


def refused() -> Application:
    application = proposed("refuse")
    deciding.refuse(application, by=leader(), at=now())
    return application
