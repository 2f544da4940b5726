"""Telling other systems: each event a row for every webhook that wants it, posted signed, tried again.

Apps name their events in their AppConfig (`webhook_events = {"appeal.filed": _("诉求提交")}`) and hand each
to `publish`. A webhook that has taken nothing for `settings.WEBHOOK_FAILING_DAYS` is switched off.
"""

import datetime as dt
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Posting
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.outbound import Unreachable, post
from portal.kernel.sending import WAITING, NotSent
from portal.notifications.fanout import ring
from portal.notifications.models import AllowedHost, Webhook, WebhookDelivery
from portal.notifications.services import Draft, send_messages
from portal.notifications.signing import sign
from portal.notifications.withholding import WITHHELD, Say, told_of

PING: Final = "ping"
FORGET_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `key` is the same however often it is published, `contact` for few eyes."""

    type: str
    key: str
    at: dt.datetime
    data: Mapping[str, Any]
    contact: Mapping[str, Any] | None = field(default=None)

    def body(self, with_contacts: bool) -> str:
        """The JSON that is signed and sent."""
        data = {**self.data, "contact": self.contact} if with_contacts and self.contact else self.data
        told = {"type": self.type, "timestamp": self.at.astimezone(dt.UTC), "data": data}
        return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, allow_nan=False)


def declared_events() -> dict[str, str | Promise]:
    """Every event that an app names, with its label."""
    found: dict[str, str | Promise] = {}
    for config in apps.get_app_configs():
        found |= getattr(config, "webhook_events", {})
    return found | {PING: gettext_lazy("对接测试")}


def publish(events: Iterable[Event]) -> int:
    """Write a delivery for every webhook that wants an event; what was published before is not again."""
    events = list(events)
    hearing = list(Webhook.objects.hearing({event.type for event in events}))
    rows = [
        _delivery(webhook, event) for event in events for webhook in hearing if event.type in webhook.topics
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        ring()
    return len(rows)


def ping(webhook: Webhook) -> WebhookDelivery:
    """Queue a test of one webhook."""
    now = timezone.now()
    row = _delivery(
        webhook, Event(PING, f"ping-{webhook.pk}-{now:%Y%m%d%H%M%S%f}", now, {"webhook": webhook.name})
    )
    row.save()
    ring()
    return row


def send(pk: int) -> bool:
    """Try a delivery once; False when there is nothing to be done now, or it was not taken."""
    found = WebhookDelivery.objects.select_related("webhook__host")
    row: WebhookDelivery | None = found.filter(pk=pk, state__in=WAITING, due_at__lte=Now()).first()
    if row is None:
        return False
    if not row.webhook.active:
        row.give_up(_("对接已停用。"))
        return False
    if told_of(row) < Say.ALL:  # the body is signed as it is: there is no telling half of it
        row.give_up(str(WITHHELD))
        return False
    if not row.claim():
        return False
    try:
        status = _post(row)
    except (Unreachable, DomainError) as error:
        _failed(row, str(error), None)
        return False
    if not 200 <= status < 300:
        _failed(row, _("对方答复 HTTP %(status)d。") % {"status": status}, status)
        return False
    row.succeed(status=status)
    Webhook.objects.filter(pk=row.webhook_id).exclude(failing_since=None).update(failing_since=None)
    return True


def forget_bodies() -> int:
    """Empty the bodies of what has ended and is older than `settings.WEBHOOK_BODIES_KEPT_DAYS`; how many.

    A batch at a time, so that none holds many rows; whoever sends one anew at that moment is left alone.
    """
    before = timezone.now() - dt.timedelta(days=settings.WEBHOOK_BODIES_KEPT_DAYS)
    old = WebhookDelivery.objects.ended().filter(created_at__lt=before).exclude(body="").order_by("pk")
    forgotten = 0
    while True:
        with transaction.atomic():
            batch = old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:FORGET_AT_ONCE]
            done = WebhookDelivery.objects.filter(pk__in=list(batch)).update(body="")
        if not done:
            return forgotten
        forgotten += done


def _delivery(webhook: Webhook, event: Event) -> WebhookDelivery:
    body = event.body(webhook.with_contacts)
    return WebhookDelivery(webhook=webhook, event=event.key, topic=event.type, body=body)


def _post(row: WebhookDelivery) -> int:
    """The status that the receiver answers. Raises Unreachable, or DomainError for a lost secret."""
    body, timestamp = row.body.encode(), int(time.time())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "dianxiaoer",
        "webhook-id": row.event,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(row.webhook.secret, row.event, timestamp, body),
    }
    allowed = set(AllowedHost.objects.filter(host=row.webhook.host.host).values_list("host", "port"))
    return post(row.webhook.url, body, headers, allowed=allowed).status


def _failed(row: WebhookDelivery, reason: str, status: int | None) -> None:
    row.fail(NotSent(reason), status=status)
    hooks = Webhook.objects.filter(pk=row.webhook_id)
    hooks.filter(failing_since=None).update(failing_since=Now())
    patience = dt.timedelta(days=settings.WEBHOOK_FAILING_DAYS)
    with transaction.atomic():
        tired = hooks.filter(active=True, failing_since__lt=timezone.now() - patience)
        if tired.update(active=False, disabled_at=Now()):
            _give_up_all(row.webhook, reason)


@in_language_of_record()
def _give_up_all(webhook: Webhook, reason: str) -> None:
    """What still waits is not sent any more, and those who keep the system are told."""
    WebhookDelivery.objects.filter(webhook=webhook).give_up(_("对接已停用。"))
    title = _("系统对接“%(name)s”连续失败，已自动停用") % {"name": webhook.name}
    url = reverse("admin:notifications_webhook_change", args=[webhook.pk])
    keepers = Posting.objects.filter(
        role=Role.SYSTEM_ADMIN, user__is_active=True, user__mailbox__isnull=False
    )
    boxes = keepers.order_by("user__mailbox").values_list("user__mailbox", flat=True).distinct()
    key = f"webhook:{webhook.pk}:{timezone.now().timestamp()}"
    send_messages(Draft(box, key, "system", title, reason, url) for box in boxes)
