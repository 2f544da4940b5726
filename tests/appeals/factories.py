"""Appeals, orders, desks and providers for tests; `dispatched`, `handling`, `answered` walk the real way."""

import datetime as dt
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from appeals import models
from appeals.dispatching import Target, dispatch
from appeals.enums import Mode, Outcome, TeamKind
from appeals.filing import Filing, file_appeal
from appeals.handling import accept, answer
from portal.accounts.models import Absence, Officer, Section
from portal.accounts.roles import Role
from portal.accounts.second_factor import enable_totp
from tests.accounts.factories import DepartmentFactory, PostingFactory, UserFactory
from tests.enterprises.factories import EnterpriseFactory


class CategoryFactory(DjangoModelFactory[models.Category]):
    class Meta:
        model = models.Category

    key = factory.Sequence(lambda n: f"category-{n}")
    label = factory.Sequence(lambda n: f"类别{n}")


class SectionFactory(DjangoModelFactory[Section]):
    class Meta:
        model = Section

    department = factory.SubFactory(DepartmentFactory)
    name = factory.Sequence(lambda n: f"第{n}科")


class OfficerFactory(DjangoModelFactory[Officer]):
    """Signs in only when given a `user`; see `officer_with_user`."""

    class Meta:
        model = Officer

    name = factory.Sequence(lambda n: f"干部{chr(0x4E00 + n % 20000)}")
    department = factory.SubFactory(DepartmentFactory)


class TeamFactory(DjangoModelFactory[models.Team]):
    class Meta:
        model = models.Team

    kind = TeamKind.MARKET
    name = factory.Sequence(lambda n: f"第{n}队")


class ProviderFactory(DjangoModelFactory[models.Provider]):
    class Meta:
        model = models.Provider
        skip_postgeneration_save = True

    team = factory.SubFactory(TeamFactory)
    name = factory.Sequence(lambda n: f"第{n}服务公司")

    @factory.post_generation
    def categories(self, create: bool, wanted: Any, **kwargs: object) -> None:
        if create and wanted:
            self.categories.set(wanted)


class ProviderMemberFactory(DjangoModelFactory[models.ProviderMember]):
    class Meta:
        model = models.ProviderMember

    provider = factory.SubFactory(ProviderFactory)
    user = factory.SubFactory(UserFactory)


class ServiceItemFactory(DjangoModelFactory[models.ServiceItem]):
    class Meta:
        model = models.ServiceItem

    provider = factory.SubFactory(ProviderFactory)
    category = factory.SubFactory(CategoryFactory)
    name = factory.Sequence(lambda n: f"服务产品{n}")


class AppealFactory(DjangoModelFactory[models.Appeal]):
    """An appeal alone, as a row: no order, no clock, no event. `file` makes a whole one."""

    class Meta:
        model = models.Appeal

    number = factory.Sequence(lambda n: f"SQ-2020-01-{n:04d}")
    enterprise = factory.SubFactory(EnterpriseFactory)
    title = "厂门口路灯坏了"
    text = "厂门口的路灯坏了三天，夜班工人进出不安全。"
    contact_name = "张三"
    contact_phone = "13800000000"


class OrderFactory(DjangoModelFactory[models.WorkOrder]):
    """A waiting lead order, as a row."""

    class Meta:
        model = models.WorkOrder

    appeal = factory.SubFactory(AppealFactory)
    mode = Mode.DISPATCH


def filing(**fields: Any) -> Filing:
    """What an enterprise writes."""
    words = {
        "title": "厂门口路灯坏了",
        "text": "厂门口的路灯坏了三天，夜班工人进出不安全。",
        "contact_name": "张三",
        "contact_phone": "13800000000",
    }
    return Filing(**(words | fields))


def file(enterprise: Any = None, **fields: Any) -> models.Appeal:
    """An appeal filed the real way, with its lead order and receive clock; see `lead`."""
    return file_appeal(enterprise or EnterpriseFactory(), filing(**fields), by=None)


def lead(appeal: models.Appeal) -> models.WorkOrder:
    """The newest lead order of an appeal, read anew."""
    return appeal.orders.filter(kind="lead").latest("pk")


def official(role: str, department: Any = None) -> Any:
    """A user who holds a role in a department (a new one unless given), and may enter its desk."""
    user = PostingFactory(role=role, department=department or DepartmentFactory()).user
    enable_totp(user)
    return user


def dispatcher() -> Any:
    """A user who hands out orders."""
    return official(Role.DISPATCHER)


def officer_with_user(department: Any, role: str = Role.HANDLER, **fields: Any) -> Officer:
    """An officer of a department who signs in and holds a role there."""
    return OfficerFactory(department=department, user=official(role, department), **fields)


def away(officer: Officer, substitute: Officer | None = None, days: int = 3) -> Absence:
    """The officer is away from today."""
    today = timezone.localdate()
    span = (today, today + dt.timedelta(days=days))
    return Absence.objects.create(officer=officer, days=span, substitute=substitute)


@contextmanager
def moment(now: dt.datetime):
    """What services take for now. Events keep the time at which they are really written."""
    with patch("django.utils.timezone.now", return_value=now):
        yield now


def dispatched(department: Any = None, **fields: Any) -> models.WorkOrder:
    """A lead order given to a department (a new one unless given); `fields` are the filing's."""
    order = lead(file(**fields))
    dispatch(order, Target(department or DepartmentFactory()), by=None)
    return order


def handling(department: Any = None, **fields: Any) -> models.WorkOrder:
    """A lead order that its department handles."""
    order = dispatched(department, **fields)
    accept(order, by=None)
    return order


def answered(department: Any = None, **fields: Any) -> models.WorkOrder:
    """A lead order that its department has answered as solved."""
    order = handling(department, **fields)
    answer(order, Outcome.SOLVED, "已修好。", by=None)
    return order


def overridden() -> models.Assignment:
    """A dispatch to another department than the one that a (toy) model suggested first."""
    order = lead(file())
    model = models.RoutingModel.objects.create(samples=0, classes={}, vocabulary=[], weights=b"")
    models.Suggestion.objects.create(
        appeal=order.appeal, rank=1, department=DepartmentFactory(), percent=60, model=model
    )
    dispatch(order, Target(DepartmentFactory()), by=None)
    return models.Assignment.objects.get(order=order)
