"""Instruction files into the treasury's folder: once for certain, again for payments that stay silent.

Delivering is harmless however often it happens: number and bytes are the same, and the treasury pays by
payment number. Each time is noted. What is frozen is not delivered.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import InstructionDelivery, InstructionFile
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
    return _deliver_each(waiting.values_list("pk", flat=True), at)


def deliver_again(at: dt.datetime) -> int:
    """Sweeper: the same files again whose payments the treasury is silent about; returns how many."""
    silent = InstructionFile.objects.filter(
        delivered_at__isnull=False, batch__payments__state=PaymentState.UNKNOWN
    )
    return _deliver_each(silent.order_by("pk").values_list("pk", flat=True).distinct(), at)


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
        InstructionDelivery.objects.create(file=file, at=at)
    logger.info("instruction file %s lies in the treasury's folder", file.number)
    return True


def _deliver_each(files: Iterable[int], at: dt.datetime) -> int:
    """One after the other; a file that fails in a way that nobody foresaw holds up no other."""
    delivered = 0
    for pk in files:
        try:
            delivered += deliver(pk, at=at)
        except Exception:
            logger.exception("money: instruction file %s is not delivered", pk)
    return delivered


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
    department = file.batch.line.department_id
    sound(Alarm(f"altered:{file.pk}", title, body, f"files/out/{file.pk}/", department))
    return False


def _say_undelivered(file: InstructionFile, error: OSError, at: dt.datetime) -> None:
    title = _("指令文件 %(number)s 无法写入国库交换目录") % {"number": file.number}
    body = _("系统会继续重试。请联系系统管理员检查目录：%(why)s") % {
        "why": error.strerror or type(error).__name__
    }
    key, department = f"undelivered:{file.pk}:{at:%Y-%m-%d}", file.batch.line.department_id
    sound(Alarm(key, title, body, f"files/out/{file.pk}/", department))
