"""Picking (点单): the enterprise chooses who serves it; no answer in time, and the order goes to the hall."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.enums import Mode, OrderState, Standing, Why
from appeals.filing import Filing, file_appeal
from appeals.models import Appeal, Assignment, Category, Provider, ServiceItem, WorkOrder
from appeals.placing import receive
from appeals.qualifying import load_of, lock_provider
from appeals.steps import held, said
from enterprises.models import Enterprise
from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.transitions import advance

WINDOW: Final = timedelta(hours=24)
"""How long an order that nobody answered stays in the hall."""
_CHUNK: Final = 500

_FALL: Final = """
    WITH late AS (
        SELECT DISTINCT o.id FROM appeals_workorder o JOIN appeals_orderclock c ON c.order_id = o.id
        WHERE o.state = 'offered' AND o.mode = 'pick' AND c.target = 'pick' AND c.met_at IS NULL
            AND c.paused_at IS NULL AND c.due_at <= %(now)s
        ORDER BY o.id LIMIT %(most)s
    ), locked AS (
        SELECT o.id, o.provider_id FROM appeals_workorder o JOIN late USING (id)
        WHERE o.state = 'offered' AND o.mode = 'pick' ORDER BY o.id FOR UPDATE OF o SKIP LOCKED
    ), fallen AS (
        UPDATE appeals_workorder o SET state = 'open', mode = 'grab', provider_id = NULL, held_at = NULL,
            window_from = %(now)s, window_to = %(until)s
        FROM locked WHERE o.id = locked.id RETURNING o.id, locked.provider_id
    ), stopped AS (
        UPDATE appeals_orderclock c SET met_at = %(now)s, breached_at = COALESCE(c.breached_at, c.due_at)
        FROM fallen WHERE c.order_id = fallen.id AND c.target = 'pick' AND c.met_at IS NULL
    )
    INSERT INTO appeals_orderevent (subject_id, at, name, source, target, comment, public)
    SELECT fallen.id, %(now)s, 'fall_to_grab', 'offered', 'open', provider.name || %(words)s, true
    FROM fallen JOIN appeals_provider provider ON provider.id = fallen.provider_id ORDER BY fallen.id
    RETURNING subject_id
"""


def pick_service(
    enterprise: Enterprise, service: ServiceItem, filing: Filing, *, by: User, key: str = ""
) -> Appeal:
    """File an appeal for a service of the mall and offer it to its provider. Raises DomainError.

    The same `key` again gives the same appeal.
    """
    if not service.active:
        raise DomainError(_("这项服务已下架，请看看其他机构的同类服务。"), code="inactive")
    filing = replace(filing, category=service.category)
    return _pick(enterprise, service.provider_id, filing, service=service, by=by, key=key)


def pick_provider(
    enterprise: Enterprise, provider: Provider, filing: Filing, *, by: User, key: str = ""
) -> Appeal:
    """File an appeal for a provider of one's choice, in a category it serves. Raises DomainError."""
    category = filing.category
    if category is None or not provider.categories.filter(pk=category.pk).exists():
        raise DomainError(_("请选择这家机构可接的类别。"), code="category")
    return _pick(enterprise, provider.pk, filing, service=None, by=by, key=key)


def decline(order: WorkOrder, reason: str, *, by: User) -> None:
    """The provider picked cannot do it: the order goes to the hall at once. Raises DomainError."""
    reason = said(reason, _("请写明不能接单的原因，企业会看到。"))
    with transaction.atomic():
        order = held(order)
        if order.mode != Mode.PICK or order.provider is None:
            raise DomainError(_("只有企业点的单可以婉拒。"), code="not_picked")
        now = timezone.now()
        words = f"{order.provider.name}：{reason}"
        event = advance(order, "fall_to_grab", actor=by, comment=words, changes=_to_hall(now), public=True)
        deadlines.meet(order, "pick", at=now)
        with in_language_of_record():
            telling.tell_enterprise(order.appeal, event, _("您选的机构暂不能接单，已转抢单大厅"), reason)
        telling.tell_hall(order, event)


def fall_to_hall(now: datetime) -> int:
    """Send what was picked and not answered in time to the hall, a set at a time; returns how many fell.

    Safe to repeat and to run twice at once: what another run holds is skipped, what fell is not offered.
    """
    fallen: list[int] = []
    while batch := _fall(now):
        fallen.extend(batch)
    return len(fallen)


def _pick(
    enterprise: Enterprise,
    provider_id: int,
    filing: Filing,
    *,
    service: ServiceItem | None,
    by: User,
    key: str,
) -> Appeal:
    with transaction.atomic():
        provider = lock_provider(provider_id)
        if provider is None or provider.standing == Standing.REMOVED:
            raise DomainError(_("这家机构已下架，请另选一家。"), code="removed")
        if load_of(provider.pk) >= provider.cap:
            raise DomainError(_("这家机构在办已满，请另选一家，或直接提交诉求由服务中心安排。"), code="full")
        appeal = file_appeal(enterprise, filing, by=by, key=key)
        order = appeal.orders.select_related("appeal__enterprise").earliest("pk")
        if order.mode != Mode.DISPATCH or order.state != OrderState.WAITING:
            return appeal  # the same key: picked before
        now = timezone.now()
        holder = {"mode": Mode.PICK, "provider": provider, "service": service, "held_at": now}
        event = advance(
            order, "pick", actor=by, comment=_words(provider, service), changes=holder, public=True
        )
        Assignment.objects.create(order=order, provider=provider, why=Why.PICKED, by=by, at=now)
        receive(order, by=None, at=now)
        deadlines.begin(order, "pick", at=now)
        telling.tell_holders(order, event, str(telling.NEW_ORDER))
    appeal.refresh_from_db()
    return appeal


def _words(provider: Provider, service: ServiceItem | None) -> str:
    return f"{provider.name}：{service.name}" if service else provider.name


def _to_hall(now: datetime) -> dict[str, object]:
    return {
        "mode": Mode.GRAB,
        "provider": None,
        "held_at": None,
        "window_from": now,
        "window_to": now + WINDOW,
    }


def _fall(now: datetime) -> list[int]:
    """One set, in one statement and one transaction with its messages."""
    words = _("未在时限内答复，转抢单大厅")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FALL, {"now": now, "until": now + WINDOW, "most": _CHUNK, "words": f"：{words}"})
        fallen = [pk for (pk,) in cursor.fetchall()]
        orders = WorkOrder.objects.filter(pk__in=fallen).select_related("appeal__enterprise")
        for order in orders.order_by("pk"):
            event = order.events.latest("pk")
            with in_language_of_record():
                telling.tell_enterprise(order.appeal, event, _("您选的机构未及时答复，已转抢单大厅"))
            telling.tell_hall(order, event)
    return fallen


def categories_of(provider: Provider) -> list[Category]:
    """What an enterprise may ask the provider for."""
    return list(provider.categories.filter(active=True))
