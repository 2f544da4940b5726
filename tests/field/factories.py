"""Pairings, visits and talks for tests."""

import datetime as dt
import io
import uuid
from typing import Any

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image

from appeals import models
from appeals.talks import signing
from appeals.visits.recording import Problem, Record, confirm
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import OfficerFactory, official
from tests.enterprises.factories import EnterpriseFactory
from tests.rows import change


class PairingFactory(DjangoModelFactory[models.Pairing]):
    class Meta:
        model = models.Pairing

    officer = factory.SubFactory(OfficerFactory)
    enterprise = factory.SubFactory(EnterpriseFactory)
    since = dt.date(2026, 1, 5)


class VisitFactory(DjangoModelFactory[models.Visit]):
    """A planned visit."""

    class Meta:
        model = models.Visit

    pairing = factory.SubFactory(PairingFactory)
    planned_on = factory.LazyFunction(timezone.localdate)


class TalkFactory(DjangoModelFactory[models.Talk]):
    """A draft of a talk in ten days; topics are collected from today for a week."""

    class Meta:
        model = models.Talk

    title = factory.Sequence(lambda n: f"第{n}期恳谈会")
    theme = "用工与融资"
    host = factory.SubFactory(DepartmentFactory)
    opens_on = factory.LazyFunction(timezone.localdate)
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=7))
    held_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=10))
    place = "县政府三楼会议室"


def paired(department: Any = None, enterprise: Any = None) -> models.Pairing:
    """An official who signs in, and the enterprise they look after."""
    place = department or DepartmentFactory()
    officer = OfficerFactory(department=place, user=official(Role.PAIRED, place))
    return PairingFactory(officer=officer, enterprise=enterprise or EnterpriseFactory())


PROBLEM = Problem("缺焊工 20 人", "节后返岗不足，请人社局帮助招工。")


def picture(colour: int = 200) -> SimpleUploadedFile:
    """A small photograph."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (colour, 10, 10)).save(file, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", file.getvalue(), "image/jpeg")


def record(**fields: Any) -> Record:
    """What an official writes of a visit an hour ago."""
    given = {
        "key": uuid.uuid4(),
        "visited_at": timezone.now() - dt.timedelta(hours=1),
        "met": "陈明远，总经理",
        "summary": "看了车间，订单充足，缺熟练焊工。",
        "phone": "13800000000",
    }
    return Record(**(given | fields))


def agree(visit: models.Visit, *, by: Any) -> None:
    """The enterprise confirms the record as it stands."""
    confirm(visit, by=by, seen=str(visit.client_id))


def posted(visit: models.Visit, **fields: Any) -> dict[str, Any]:
    """What the page of the form sends."""
    local = timezone.localtime() - dt.timedelta(hours=1)
    given = {
        "key": str(uuid.uuid4()),
        "author": visit.pairing.officer.user_id,
        "visited_at": local.strftime("%Y-%m-%dT%H:%M"),
        "met": "陈明远",
        "phone": "13800000000",
        "operating": "steady",
        "summary": "看了车间。",
        "problem-TOTAL_FORMS": "3",
        "problem-INITIAL_FORMS": "0",
        "problem-0-title": "缺焊工",
        "problem-0-text": "节后返岗不足。",
    }
    return given | fields


def address(visit: models.Visit, name: str = "desk_visit") -> str:
    """Of a page of the visit at its official's desk."""
    return reverse(name, args=[visit.pairing.officer.department_id, visit.pk])


def coming(actor: Any, talk: models.Talk, name: str = "陈明远") -> models.TalkGuest:
    """The enterprise comes to the talk."""
    return signing.answer(actor, talk, coming=True, name=name, phone="13800000000")


def topic_of(actor: Any, talk: models.Talk, title: str = "升规奖励何时兑现") -> models.TalkTopic:
    """The enterprise comes, and hands in a topic."""
    coming(actor, talk)
    return signing.hand_in(actor, talk, title, "去年入统，奖励还没到。")


def over(talk: models.Talk, state: str = "held") -> None:
    """The talk took place yesterday."""
    held = timezone.now() - dt.timedelta(days=1)
    change(talk, held_at=held, state=state, minutes="谈了用工。")
    talk.refresh_from_db()
