"""The one door for return files, from the folder and from uploads: stored first, then judged as a whole.

`receive` makes the row, `judge` applies it whole or puts it into quarantine whole. Between the two anybody
may be killed: a sweeper judges what was received. The same bytes are one row, for ever.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from policies.models import InstructionFile, ReturnFile
from policies.models.money.exchange import FileState, Via
from policies.money import results
from policies.money.alarms import Alarm, sound
from policies.money.duties import PAYING, require_duty
from policies.money.exchange.formats import MOST_REASONS, Returned, Unreadable
from policies.money.exchange.reading import read, require_size
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from portal.kernel.uploads import display_name

MOST_TRIES: Final = 3
"""A rival may have taken the same lines a moment ago; the next try sees them."""
logger = logging.getLogger(__name__)


def take_upload(name: str, content: bytes, *, by: Any, at: dt.datetime) -> ReturnFile:
    """A file that an official brings: stored and judged. Raises Unreadable for its size alone."""
    return judge(receive(name, content, by=by, at=at).pk, at=at)


def receive(name: str, content: bytes, *, by: Any, at: dt.datetime) -> ReturnFile:
    """The row of a file; what came before in the same bytes is that row. `by` None: from the folder.

    Raises Unreadable for a file that is empty or too large to be kept.
    """
    require_size(len(content))
    made = {
        "name": display_name(name),
        "content": content,
        "via": Via.FOLDER if by is None else Via.UPLOAD,
        "by": by,
        "received_at": at,
    }
    digest = sha256(content).hexdigest()
    return ReturnFile.objects.get_or_create(sha256=digest, defaults=made)[0]


def judge(pk: int, *, at: dt.datetime) -> ReturnFile:
    """Apply a received file, or say why not; whoever comes second finds it judged."""
    for _try in range(MOST_TRIES):
        try:
            return _judge(pk, at)
        except IntegrityError as error:
            failure = error
    with transaction.atomic():
        file = ReturnFile.objects.select_for_update().get(pk=pk)
        if file.state == FileState.RECEIVED:
            why = getattr(getattr(failure.__cause__, "diag", None), "constraint_name", "")
            _quarantine(file, [_("与账面冲突，数据库拒绝入账（%(name)s）。") % {"name": why}], at)
    return file


def judge_again(file: ReturnFile, *, by: Any, at: dt.datetime) -> ReturnFile:
    """A file that was not applied is judged anew: what was missing may have come. Raises DomainError.

    The reasons that stood against it stay in its history. Dismissed by mistake, it comes back this way too.
    """
    require_duty(by, None, *PAYING)
    said = "\n".join(map(str, file.reasons))
    advance(file, "reopen", actor=by, comment=said, changes={"reasons": []}, at=at)
    return judge(file.pk, at=at)


def judge_waiting(at: dt.datetime) -> int:
    """Sweeper: judge what was received and left lying; returns how many."""
    waiting = ReturnFile.objects.filter(state=FileState.RECEIVED).order_by("pk")
    judged = 0
    for pk in waiting.values_list("pk", flat=True):
        try:
            judge(pk, at=at)
        except Exception:
            logger.exception("money: return file %s is not judged", pk)
        else:
            judged += 1
    return judged


def dismiss(file: ReturnFile, reason: str, *, by: Any, at: dt.datetime) -> None:
    """A file in quarantine is dealt with: nothing of it counts. Raises DomainError."""
    require_duty(by, None, *PAYING)
    if not reason.strip():
        raise DomainError(_("请写明作废原因。"), code="reason_missing")
    advance(file, "dismiss", actor=by, comment=reason.strip(), at=at)


def _judge(pk: int, at: dt.datetime) -> ReturnFile:
    with transaction.atomic():
        file = ReturnFile.objects.select_for_update().get(pk=pk)
        if file.state != FileState.RECEIVED:
            return file
        try:
            with transaction.atomic():
                _apply(file, read(bytes(file.content)), at)
        except Unreadable as refusal:
            _quarantine(file, [str(reason) for reason in refusal.reasons], at)
        except DomainError as refusal:
            _quarantine(file, refusal.message.splitlines(), at)
    return file


def _apply(file: ReturnFile, returned: Returned, at: dt.datetime) -> None:
    """Book all of it. Files that answer one instruction come one after the other."""
    rows = InstructionFile.objects.select_for_update()
    instruction = rows.filter(number=returned.instruction).first()
    file.number, file.instruction = returned.number, instruction
    if instruction is None:
        words = _("没有编号为 %(number)s 的指令文件。") % {"number": returned.instruction}
        raise DomainError(words, code="instruction_unknown")
    if ReturnFile.objects.filter(number=returned.number, state=FileState.APPLIED).exists():
        words = _("文件号 %(number)s 的回单已经入账，内容与这份不同。") % {"number": returned.number}
        raise DomainError(words, code="number_used")
    results.settle(returned.lines, file, at)
    changes = {"number": returned.number, "instruction": instruction}
    advance(file, "apply", actor=file.by, changes=changes, at=at)


def _quarantine(file: ReturnFile, reasons: Sequence[str], at: dt.datetime) -> None:
    named = list(reasons[:MOST_REASONS])
    if len(reasons) > len(named):
        named.append(_("……其余 %(rest)d 处从略。") % {"rest": len(reasons) - len(named)})
    changes = {"number": file.number, "instruction": file.instruction, "reasons": named}
    advance(file, "quarantine", actor=None, changes=changes, at=at)
    title = _("回单文件 %(name)s 未入账，已隔离") % {"name": file.name}
    answered = file.instruction.batch.line.department_id if file.instruction else None
    sound(Alarm(f"quarantined:{file.pk}", title, reasons[0], f"files/in/{file.pk}/", answered))
