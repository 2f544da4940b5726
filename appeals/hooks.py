"""What happens to appeals, told to other systems: see docs/webhooks.md.

Every event row passes here as it is written; what is to be told goes into the outbox of the same
transaction, and the relay says how the appeal stands once that is committed. Of complaints and of what is
confidential nothing is told, of an anonymous appeal neither the enterprise nor its contact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _

from appeals.enums import OrderKind, Satisfaction, Secrecy, Status
from appeals.models import Answer, Appeal, AppealEvent, OrderEvent, Survey
from portal.kernel.outbox import OutboxEntry, enqueue, handler
from portal.notifications.models import Webhook
from portal.notifications.webhooks import Event, publish

TOPIC: Final = "appeals.event"
EVENTS: Final = {
    "appeal.filed": _("诉求提交"),
    "appeal.accepted": _("诉求受理"),
    "appeal.asked": _("请企业补充"),
    "appeal.refused": _("诉求不予受理"),
    "appeal.merged": _("诉求并案"),
    "appeal.withdrawn": _("企业撤回"),
    "appeal.dispatched": _("诉求派出"),
    "appeal.taken": _("承办单位接单"),
    "appeal.answered": _("诉求答复"),
    "appeal.closed": _("诉求办结"),
    "appeal.dissatisfied": _("企业不满意"),
    "appeal.reopened": _("要求重新办理"),
    "appeal.supervised": _("转督办"),
}
OF_APPEAL: Final = {
    "submit": "appeal.filed",
    "accept_appeal": "appeal.accepted",
    "ask_back": "appeal.asked",
    "refuse": "appeal.refused",
    "merge": "appeal.merged",
    "withdraw": "appeal.withdrawn",
    "reopen": "appeal.reopened",
    "supervise": "appeal.supervised",
}
OF_ORDER: Final = {
    "dispatch": "appeal.dispatched",
    "pick": "appeal.dispatched",
    "decide": "appeal.dispatched",
    "transfer": "appeal.dispatched",
    "accept": "appeal.taken",
    "grab": "appeal.taken",
    "ask": "appeal.asked",
    "answer": "appeal.answered",
    "close": "appeal.closed",
}
WATCHED: Final[dict[str, Any]] = {"appealevent": AppealEvent, "orderevent": OrderEvent}
"""The event rows that are told, by the name that the keys of what is told begin with."""
_RELATED: Final = {
    "appealevent": ("subject__enterprise", "subject__category"),
    "orderevent": (
        *("subject__appeal__enterprise", "subject__appeal__category"),
        *("subject__department", "subject__provider"),
    ),
}


def watch() -> None:
    """Listen to the event rows; called once, when the app is ready."""
    for model in WATCHED.values():
        post_save.connect(note, sender=model, dispatch_uid=f"appeals.hooks.{model.__name__}")


def note(sender: type, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Put an event that some webhook wants into the outbox."""
    kind = instance._meta.model_name
    told = (OF_APPEAL if kind == "appealevent" else OF_ORDER).get(instance.name)
    if raw or not created or told is None:
        return
    wanted = {told, "appeal.dissatisfied"} if told == "appeal.closed" else {told}
    if Webhook.objects.hearing(wanted).exists():
        enqueue(TOPIC, f"hook:{kind}:{instance.pk}", {"model": kind, "pk": instance.pk})


@handler(TOPIC)
def tell(entries: Sequence[OutboxEntry]) -> None:
    """Publish the events that the entries name; the same few queries for any number."""
    rows = _rows(entries)
    papers = _Papers.of([row.subject_id for row in rows if isinstance(row, OrderEvent)])
    publish(event for row in rows for event in _told(row, papers))


@dataclass(frozen=True)
class _Papers:
    """What orders were answered and how that was rated: by order, the newest."""

    answers: Mapping[int, Answer]
    surveys: Mapping[int, Survey]

    @classmethod
    def of(cls, orders: Collection[int]) -> _Papers:
        answers = Answer.objects.filter(order__in=orders).order_by("pk")
        surveys = Survey.objects.filter(order__in=orders)
        return cls({one.order_id: one for one in answers}, {one.order_id: one for one in surveys})


def _rows(entries: Sequence[OutboxEntry]) -> list[Any]:
    """The event rows that the entries name, in their order."""
    found: dict[str, dict[int, Any]] = {}
    for kind, model in WATCHED.items():
        pks = [entry.payload["pk"] for entry in entries if entry.payload["model"] == kind]
        found[kind] = model.objects.select_related(*_RELATED[kind]).in_bulk(pks)
    return [found[entry.payload["model"]][entry.payload["pk"]] for entry in entries]


def _told(row: Any, papers: _Papers) -> Iterator[Event]:
    more: dict[str, Any] = {}
    if isinstance(row, AppealEvent):
        appeal, topic = row.subject, OF_APPEAL[row.name]
    elif row.subject.kind == OrderKind.CO or _goes_on(row):
        return
    else:
        appeal = row.subject.appeal
        topic, more = _of_order(row, papers)
    if appeal.about_id is None and appeal.secrecy == Secrecy.OPEN:
        key = f"{row._meta.model_name}-{row.pk}"
        yield Event(topic, key, row.at, {**_appeal(appeal), **more}, _contact(appeal))


def _goes_on(row: OrderEvent) -> bool:
    """Whether a supervision order ended while the appeal is still worked on: that closes nothing."""
    order = row.subject
    return (
        OF_ORDER[row.name] == "appeal.closed"
        and order.kind == OrderKind.SUPERVISION
        and order.appeal.status != Status.CLOSED
    )


def _of_order(row: OrderEvent, papers: _Papers) -> tuple[str, dict[str, Any]]:
    """What an order's event is to its appeal, with what belongs to it alone."""
    order, topic = row.subject, OF_ORDER[row.name]
    holder = str(order.provider or order.department or "") or None
    if topic == "appeal.answered":
        answer = papers.answers.get(order.pk)
        outcome = {"outcome": answer.outcome, "text": answer.text} if answer else None
        return topic, {"holder": holder, "answer": outcome}
    if topic == "appeal.closed":
        survey = papers.surveys.get(order.pk)
        said = {"satisfaction": survey.satisfaction, "solved": survey.solved} if survey else None
        if survey and survey.satisfaction == Satisfaction.DISSATISFIED:
            topic = "appeal.dissatisfied"
        return topic, {"holder": holder, "survey": said}
    return topic, {"holder": holder}


def _appeal(appeal: Appeal) -> dict[str, Any]:
    firm = None if appeal.anonymous else appeal.enterprise
    return {
        "number": appeal.number,
        "title": appeal.title,
        "category": appeal.category.key if appeal.category else None,
        "status": appeal.status,
        "round": appeal.round,
        "urgent": appeal.urgent,
        "source": appeal.source,
        "submitted_at": appeal.submitted_at,
        "enterprise": {"uscc": firm.uscc, "name": firm.name} if firm else None,
    }


def _contact(appeal: Appeal) -> dict[str, str] | None:
    return None if appeal.anonymous else {"name": appeal.contact_name, "phone": appeal.contact_phone}
