"""Instruction files into the treasury's folder: once for certain, again for payments that stay silent.

Delivering is harmless however often it happens: number and bytes are the same, and the treasury pays by
payment number. What is frozen is not delivered.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import InstructionFile
from policies.models.money.payment import PaymentState
from policies.money.alarms import Alarm, sound
from policies.money.exchange import folders
from policies.money.exchange.instructing import regenerated
from policies.money.freezes import require_thawed
from portal.kernel.errors import DomainError

logger = logging.getLogger(__name__)


def deliver_waiting(at: dt.datetime) -> int:
    """Sweeper: deliver every file that was never delivered; returns how many were."""
    waiting = InstructionFile.objects.filter(delivered_at=None).order_by("pk")
    return sum(deliver(pk, at=at) for pk in waiting.values_list("pk", flat=True))


def deliver_again(at: dt.datetime) -> int:
    """Sweeper: the same files again whose payments the treasury is silent about; returns how many."""
    silent = InstructionFile.objects.filter(
        delivered_at__isnull=False, batch__payments__state=PaymentState.UNKNOWN
    )
    return sum(deliver(pk, at=at) for pk in silent.order_by("pk").values_list("pk", flat=True).distinct())


def deliver(pk: int, *, at: dt.datetime) -> bool:
    """Put one file into the folder; False when it is frozen, just being delivered, or could not be put.

    A freeze that comes meanwhile waits until the file is there; none is delivered once a freeze stands.
    """
    with transaction.atomic():
        rows = InstructionFile.objects.select_for_update(skip_locked=True, of=("self",))
        file = rows.select_related("batch__line").filter(pk=pk).first()
        if file is None or _is_frozen(file) or not _is_as_written(file):
            return False
        try:
            folders.put(settings.TREASURY_OUTBOX, f"{file.number}.{file.format}", bytes(file.content))
        except OSError as error:
            _say_undelivered(file, error, at)
            return False
        InstructionFile.objects.filter(pk=pk, delivered_at=None).update(delivered_at=at)
    logger.info("instruction file %s lies in the treasury's folder", file.number)
    return True


def _is_frozen(file: InstructionFile) -> bool:
    try:
        require_thawed(file.batch)
    except DomainError:
        return True
    return False


def _is_as_written(file: InstructionFile) -> bool:
    """Whether rows and file still say the same: if not, nothing leaves until a person has looked."""
    if regenerated(file) == bytes(file.content):
        return True
    title = _("指令文件 %(number)s 与账面不一致，未送出") % {"number": file.number}
    body = _("请立即冻结该批次并联系系统管理员。")
    sound(Alarm(f"altered:{file.pk}", title, body, f"files/out/{file.pk}/"))
    return False


def _say_undelivered(file: InstructionFile, error: OSError, at: dt.datetime) -> None:
    title = _("指令文件 %(number)s 无法写入国库交换目录") % {"number": file.number}
    body = _("系统会继续重试。请联系系统管理员检查目录：%(why)s") % {
        "why": error.strerror or type(error).__name__
    }
    sound(Alarm(f"undelivered:{file.pk}:{at:%Y-%m-%d}", title, body, f"files/out/{file.pk}/"))
