"""A small county for page tests: the demo's real items in force, one firm with facts and gaps, its people."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from enterprises.catalogue import Tier
from enterprises.models import Enterprise, MemberRole
from enterprises.services import create_enterprise
from policies.exchange.importing import import_data
from policies.exchange.reading import read_file
from policies.models import ItemVersion
from policies.search.index import index_many
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.notifications.models import Mailbox, Message
from tests.accounts.factories import PASSWORD, UserFactory
from tests.enterprises.factories import MembershipFactory, give_value, uscc_of

YI, WAN = 10_000_000_000, 1_000_000
DEMO = Path(settings.BASE_DIR) / "policies" / "demo"


@dataclass(frozen=True)
class World:
    """Who and what there is; everybody signs in with `PASSWORD`."""

    member: User
    stranger: User
    firm: Enterprise
    other_firm: Enterprise
    password: str = PASSWORD


def make_world(files: tuple[str, ...] = ("*.yaml",)) -> World:
    """Build it; `files` are patterns of the demo files to publish."""
    editor = UserFactory(username="editor", is_superuser=True)
    publisher = UserFactory(username="publisher", is_superuser=True)
    paths = sorted({path for pattern in files for path in DEMO.glob(pattern)})
    for path in paths:
        _publish_all(path, editor, publisher)
    index_many(ItemVersion.objects.all())
    firm = _firm(1, "渝东轮毂制造有限公司")
    other = _firm(2, "明月教育科技有限公司")
    member = UserFactory(username="liming", name="李明")
    MembershipFactory(user=member, enterprise=firm, role=MemberRole.MANAGER)
    stranger = UserFactory(username="stranger", name="王强")
    MembershipFactory(user=stranger, enterprise=other, role=MemberRole.AGENT)
    _facts(firm)
    for user in (member, stranger):
        Mailbox.for_user(user)
    _messages(firm)
    return World(member, stranger, firm, other)


def _publish_all(path: Path, editor: User, publisher: User) -> None:
    """Every item of a file that may be published today; those whose window is over stay out."""
    data = read_file(path)
    for item in data["items"]:
        with suppress(DomainError):
            import_data({path.name: {**data, "items": [item]}}, editor=editor, publisher=publisher)


def _firm(number: int, name: str) -> Enterprise:
    return create_enterprise(
        uscc=uscc_of(number),
        as_of=dt.date(2025, 1, 1),
        name=name,
        region_id="500231101",
        industry="36",
        established_on=dt.date(2015, 3, 1),
        entity_type="company",
        ownership="private",
        legal_person="李大山",
    )


def _facts(firm: Enterprise) -> None:
    year = timezone.localdate().year
    when = {"as_of": timezone.localdate() - dt.timedelta(days=20)}
    for back, revenue in ((1, 162), (2, 150), (3, 120)):
        give_value(firm, "revenue", period=year - back, scaled=revenue * YI // 100, **when)
        give_value(firm, "employees", period=year - back, scaled=412, **when)
    give_value(firm, "rd_expense", period=year - 1, scaled=680 * WAN, **when)
    give_value(firm, "total_assets", period=year - 1, scaled=900 * WAN, tier=Tier.DECLARED, **when)
    give_value(firm, "above_scale", scaled=1, **when)


def _messages(firm: Enterprise) -> None:
    for number in range(3):
        Message.objects.create(
            mailbox=firm.mailbox,
            key=f"test:{number}",
            kind="policy",
            title=f"您符合“工业企业升规奖励”（{number + 1}）",
            body="可得约 10 万元。申报截止 12 月 31 日。",
            url=f"/e/{firm.pk}/policies/",
        )
