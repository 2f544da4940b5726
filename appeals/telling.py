"""Messages of appeals: to the enterprise, to those who hold an order, to the desk.

Officials of a department complained of are never told, whatever else they are; the enterprise's name is in
no message to officials, a confidential appeal's title neither. Keys follow the event: each is told once.
Of complaints, of what is confidential or anonymous, mail and chat carry the number alone.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.enums import Secrecy, Standing
from appeals.models import Appeal, AppealEvent, OrderEvent, Provider, ProviderMember, WorkOrder
from portal.accounts.models import Officer, Posting
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.kernel.outbox import release, take_back
from portal.notifications.models import Delivery, Mailbox
from portal.notifications.services import Draft, outbox_key, send_messages

NEW_ORDER = gettext_lazy("叮咚！您有一条新订单到！")
NEW_IN_HALL = gettext_lazy("叮咚！抢单大厅来了一条新订单，先到先得")
REARRANGED = gettext_lazy("刚安排的承办单位已撤回，正在重新安排")
GONE_FROM_HALL = gettext_lazy("刚放到抢单大厅的订单已撤回")
UNDO_WITHIN: Final = dt.timedelta(minutes=2)
"""How long a dispatch may be undone; so long the enterprise does not hear of it."""
KINDS: Final = ("appeal", "order", "desk", "hall")
Event = AppealEvent | OrderEvent


def tell_enterprise(appeal: Appeal, event: Event, title: str, body: str = "", *, hold: bool = False) -> None:
    """Write to the enterprise, with a link to its page of the appeal. `hold`: not while it may be undone."""
    url = f"/e/{appeal.enterprise_id}/appeals/{appeal.number}/"
    said = _Said("appeal", title, body or about(appeal), url)
    _send(appeal, [appeal.enterprise.mailbox_id], event, said, UNDO_WITHIN if hold else None)


def keep_unsent(event: OrderEvent) -> bool:
    """The event is undone: what the enterprise was to hear of it is never sent. False when it has heard."""
    return take_back(_held(event)) > 0


def let_go(order: WorkOrder) -> None:
    """The order's dispatch is not undone any more: what is held of it goes out at once."""
    given = order.events.filter(name="dispatch").last()
    if given is not None and timezone.now() - given.at <= UNDO_WITHIN:
        release(_held(given))


def _held(event: OrderEvent) -> list[str]:
    mailbox = event.subject.appeal.enterprise.mailbox_id
    return [outbox_key(mailbox, _key(event, "appeal"))]


def tell_holders(order: WorkOrder, event: Event, title: str) -> None:
    """Write to who has the order: the provider's people; the handler and leader, else the department's."""
    if order.provider_id:
        people = _users(ProviderMember.objects.filter(provider=order.provider_id))
        url = f"/p/{order.provider_id}/orders/{order.pk}/"
    elif order.department_id:
        people = _of_department(order)
        url = f"/desk/{order.department_id}/orders/{order.pk}/"
    else:
        return
    mailboxes = _boxes(people, order.appeal)
    said = _Said("order", title, discreet(order.appeal), url, order.department_id)
    _send(order.appeal, mailboxes, event, said)


def tell_desk(
    appeal: Appeal, event: Event, title: str, *, role: str = Role.DISPATCHER, body: str = ""
) -> None:
    """Write to all who hold a role of the desk, each at their own department's desk."""
    postings = Posting.objects.filter(role=role, user__is_active=True)
    if appeal.about_id:
        postings = postings.exclude(user__postings__department=appeal.about_id)
    at = dict(postings.order_by("-pk").values_list("user__mailbox", "department"))
    for department in sorted(set(at.values())):
        boxes = [box for box, place in at.items() if place == department and box]
        said = _Said("desk", title, discreet(appeal), f"/desk/{department}/inbox/", department)
        _send(appeal, boxes, event, said)


def tell_hall(order: WorkOrder, event: Event, title: Promise = NEW_IN_HALL) -> None:
    """Write to the people of all providers who may grab the order, or might have."""
    providers = Provider.objects.exclude(standing=Standing.REMOVED)
    able = providers.filter(categories=order.appeal.category_id)
    rows = ProviderMember.objects.filter(provider__in=able, user__is_active=True).order_by("pk")
    boxes = dict(rows.values_list("user__mailbox", "provider"))
    for provider in sorted(set(boxes.values())):
        mine = [box for box, place in boxes.items() if place == provider and box]
        said = _Said("hall", str(title), discreet(order.appeal), f"/p/{provider}/hall/")
        _send(order.appeal, mine, event, said)


@in_language_of_record()
def hold_back(events: Iterable[Event]) -> int:
    """Of events that are undone, letters that still wait are not sent; returns how many.

    What lies in mailboxes stays: it was true when written. Who undoes an event tells the same people so
    in one line.
    """
    keys = [_key(event, kind) for event in events for kind in KINDS]
    return Delivery.objects.filter(message__key__in=keys).give_up(_("已撤销，不再发送。"))


def about(appeal: Appeal) -> str:
    """The appeal in one line, for its own enterprise."""
    return f"{appeal.number} {appeal.title}"


@in_language_of_record()
def discreet(appeal: Appeal) -> str:
    """The appeal in one line, for officials: a confidential one by its number alone."""
    if appeal.secrecy == Secrecy.CONFIDENTIAL:
        return _("%(number)s（保密件，请登录查看）") % {"number": appeal.number}
    return about(appeal)


@in_language_of_record()
def outward(appeal: Appeal, department: int | None = None) -> dict[str, Any]:
    """The payload that says how a message about the appeal may leave the portal: all of it, or its number.

    The appeal's id is for `withholding`, which is asked again when the message leaves.
    `department` is one whose own channels are told too, unless the appeal complains of it.
    """
    secret = appeal.about_id or appeal.anonymous or appeal.secrecy == Secrecy.CONFIDENTIAL
    words = _("诉求 %(number)s 有新消息，请登录查看。") % {"number": appeal.number} if secret else ""
    told = {"department": department} if department and department != appeal.about_id else {}
    return {"outside": words, "appeal": appeal.pk, **told}


def _users(rows: QuerySet[Any]) -> set[int]:
    """The users of some rows, asked at once: one question inside another leaves the plan to statistics."""
    return set(rows.order_by().values_list("user", flat=True))


def _of_department(order: WorkOrder) -> set[int]:
    named = [pk for pk in (order.handler_id, order.leader_id) if pk]
    officers = Officer.objects.filter(pk__in=named, user__isnull=False)
    users = dict(officers.values_list("pk", "user")) if named else {}
    if order.handler_id in users:
        return set(users.values())
    posted = Posting.objects.filter(department=order.department_id, role=Role.HANDLER)
    return {*users.values(), *_users(posted)}


def _boxes(people: set[int], appeal: Appeal) -> list[int]:
    if appeal.about_id:
        people = people - _users(Posting.objects.filter(department=appeal.about_id))
    boxes = Mailbox.objects.filter(user__in=people, user__is_active=True)
    return list(boxes.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said where; `department` is one whose own channels are told too."""

    kind: str
    title: str
    body: str
    url: str
    department: int | None = None


def _send(
    appeal: Appeal, mailboxes: Iterable[int], event: Event, said: _Said, after: dt.timedelta | None = None
) -> None:
    key = _key(event, said.kind)
    payload = outward(appeal, said.department)
    drafts = [Draft(box, key, said.kind, said.title, said.body, said.url, payload) for box in mailboxes]
    send_messages(drafts, after=after)


def _key(event: Event, kind: str) -> str:
    return f"{event._meta.model_name}:{event.pk}:{kind}"
