"""Doorbells for imports: the row of the import says what is to be done."""

from datetime import timedelta
from typing import BinaryIO, cast

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises import imports
from enterprises.consents.expiring import announce
from enterprises.models import ApiKey, Import
from portal.kernel.errors import ImportRefused
from portal.kernel.models import Progress
from portal.kernel.sole import sole_worker

LOCK_SPACE = 7_231
"""First key of the advisory locks held while an import runs; the second is the import's id."""
PATIENCE = timedelta(minutes=1)


@shared_task(acks_late=True)
def run_import(pk: int) -> None:
    """Take in an uploaded file. Safe to ring twice; a file whose worker was killed is taken in again."""
    with sole_worker(LOCK_SPACE, pk) as alone:
        work = Import.objects.filter(pk=pk).first()
        if not alone or work is None or not work.is_active or not work.file:
            return
        if work.state == Progress.RUNNING:
            work.requeue()
        try:
            with work.file.open("rb") as file:
                imports.run_import(work, cast(BinaryIO, file))
        except FileNotFoundError:
            work.start(work.total)
            work.fail(_("上传的文件已不在，请重新上传。"))
        except ImportRefused:
            return  # the row of the import tells why


@shared_task
def ring_waiting_imports() -> int:
    """Sweeper: ring again for uploaded files that still wait, or whose worker may be gone."""
    waiting = Import.objects.filter(
        state__in=[Progress.QUEUED, Progress.RUNNING], created_at__lt=timezone.now() - PATIENCE
    ).exclude(file="")
    for pk in (pks := list(waiting.order_by("pk").values_list("pk", flat=True))):
        run_import.delay(pk)
    return len(pks)


@shared_task
def note_key_use(pk: int) -> None:
    """Write down that an API key was used just now; a GET itself may not write."""
    ApiKey.objects.filter(pk=pk).update(used_at=timezone.now())


@shared_task
def announce_ends_of_consents() -> int:
    """Sweeper: tell both sides of consents that end soon or have ended."""
    return announce(timezone.now())
