"""Messages of applications: to the enterprise, to those who have something to do. Each event tells once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from enterprises.models import Membership
from policies.models import Application, ApplicationEvent
from policies.reviewers import reviewers_of
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages


@in_language_of_record()
def tell_enterprise(application: Application, event: ApplicationEvent, title: str, body: str = "") -> None:
    """Write to the enterprise; the link is its own page of the application."""
    send_messages(
        [
            Draft(
                mailbox=application.enterprise.mailbox_id,
                key=_key(event, "enterprise"),
                kind="application",
                title=title,
                body=body or str(application),
                url=application.get_absolute_url(),
            )
        ]
    )


def tell_reviewers(
    application: Application, event: ApplicationEvent, title: str, *, departments: Iterable[int] = ()
) -> None:
    """Write to who reviews in the departments (without any: in the one that leads), substitutes included."""
    for department in departments or [application.item.department_id]:
        people = reviewers_of(department, (Role.REVIEWER,))
        _tell(application, event, title, department, people)


def tell_leaders(application: Application, event: ApplicationEvent, title: str) -> None:
    """Write to who may decide in the department that leads."""
    department = application.item.department_id
    _tell(application, event, title, department, reviewers_of(department, (Role.LEADER,)))


def _tell(
    application: Application, event: ApplicationEvent, title: str, department: int, people: QuerySet[User]
) -> None:
    members = Membership.objects.current().filter(enterprise=application.enterprise_id)
    others = people.exclude(pk__in=members.values("user"))  # who belongs to the firm stands back
    boxes = Mailbox.objects.filter(user__in=others).order_by("pk").values_list("pk", flat=True)
    send_messages(_to_desks(boxes, application, event, title, department))


def _to_desks(
    boxes: QuerySet[Mailbox, int],
    application: Application,
    event: ApplicationEvent,
    title: str,
    department: int,
) -> Iterator[Draft]:
    """Asks for the boxes only when somebody is told."""
    url = f"/desk/{department}/applications/{application.number}/"
    body = f"{application} · {application.enterprise.name}"
    for box in boxes:
        yield Draft(
            mailbox=box,
            key=_key(event, "review"),
            kind="review",
            title=title,
            body=body,
            url=url,
            payload={"department": department},
        )


def _key(event: ApplicationEvent, whom: str) -> str:
    return f"application:{event.pk}:{whom}"
