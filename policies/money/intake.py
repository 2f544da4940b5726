"""The one door for return files, from the folder and from uploads: stored first, then judged as a whole.

`receive` makes the row, `judge` applies it whole or puts it into quarantine whole; an upload that could be
applied waits for a second person (`uploading`). Between the two anybody may be killed: a sweeper judges what
was received. The same bytes are one row, for ever.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from policies.models import InstructionFile, ReturnFile
from policies.models.money.exchange import FileState, Via
from policies.money import results
from policies.money.alarms import Alarm, sound
from policies.money.duties import PAYING
from policies.money.exchange.formats import MOST_REASONS, Returned, Unreadable
from policies.money.exchange.reading import read, require_size
from policies.money.telling import tell_refused, tell_uploaded
from portal.accounts.duties import require_duty
from portal.kernel.errors import DomainError
from portal.kernel.refusals import constraint_of
from portal.kernel.transitions import advance
from portal.kernel.uploads import display_name

if TYPE_CHECKING:
    from portal.accounts.models import Department

HEAD_BYTES: Final = 1000
"""In which a return file says what it answers."""
MOST_TRIES: Final = 3
"""A rival may have taken the same lines a moment ago; the next try sees them."""
UNJUDGED: Final[dict[str, Any]] = {"reasons": [], "confirmed_by": None, "confirmed_at": None}
"""What a file that is judged anew begins with."""
logger = logging.getLogger(__name__)


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
            why = constraint_of(failure)
            _quarantine(file, [_("与账面冲突，数据库拒绝入账（%(name)s）。") % {"name": why}], at)
    return file


def take_from_folder(name: str, content: bytes, *, at: dt.datetime) -> ReturnFile:
    """A file that lies in the treasury's folder: stored and judged. Raises Unreadable for its size alone.

    That somebody uploaded the same bytes before does not matter any more: now the treasury itself says so.
    """
    file = judge(receive(name, content, by=None, at=at).pk, at=at)
    if file.via == Via.FOLDER or file.state == FileState.APPLIED:
        return file
    before = _("%(who)s先前上传过。") % {"who": file.by}
    said = "\n".join([before, *map(str, file.reasons)])
    changes = {"via": Via.FOLDER, "by": None, **UNJUDGED}
    with suppress(DomainError):  # another sweeper was faster, or who confirms it
        advance(file, "collect", actor=None, comment=said, changes=changes, at=at)
    return judge(file.pk, at=at)


def judge_again(file: ReturnFile, *, by: Any, at: dt.datetime) -> ReturnFile:
    """A file that was not applied is judged anew: what was missing may have come. Raises DomainError.

    The reasons that stood against it stay in its history. Dismissed by mistake, it comes back this way too.
    """
    require_duty(by, department_of(file), *PAYING)
    said = "\n".join(map(str, file.reasons))
    advance(file, "reopen", actor=by, comment=said, changes=UNJUDGED, at=at)
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
    """Nothing of a file counts: one in quarantine, or an upload not confirmed. Raises DomainError."""
    require_duty(by, department_of(file), *PAYING)
    reason = reason.strip()
    if not reason:
        raise DomainError(_("请写明作废原因。"), code="reason_missing")
    changes = {} if file.reasons else {"reasons": [reason]}
    with transaction.atomic():
        tell_refused(file, advance(file, "dismiss", actor=by, comment=reason, changes=changes, at=at))


def department_of(file: ReturnFile) -> Department | None:
    """Whose money a file is about; None while nobody can tell."""
    return file.instruction.batch.line.department if file.instruction else None


def answered_by(returned: Returned) -> InstructionFile | None:
    """The instruction that a return file names, without its bytes."""
    rows = InstructionFile.objects.defer("content").filter(number=returned.instruction)
    return rows.select_related("batch__line__department").first()


def unknown(number: str) -> DomainError:
    """That nobody here gave an instruction of this number."""
    words = _("没有编号为 %(number)s 的指令文件。") % {"number": number}
    return DomainError(words, code="instruction_unknown")


def _judge(pk: int, at: dt.datetime) -> ReturnFile:
    with transaction.atomic():
        file = ReturnFile.objects.select_for_update().get(pk=pk)
        if file.state != FileState.RECEIVED:
            return file
        try:
            with transaction.atomic():
                _take(file, read(bytes(file.content)), at)
        except Unreadable as refusal:
            file.instruction = file.instruction or _seemingly_answered(bytes(file.content))
            _quarantine(file, [str(reason) for reason in refusal.reasons], at)
        except DomainError as refusal:
            _quarantine(file, refusal.message.splitlines(), at)
    return file


def _take(file: ReturnFile, returned: Returned, at: dt.datetime) -> None:
    """Book all of it; of an upload that nobody else confirmed, only see that all of it could be."""
    _require_answer(file, returned)
    changes = {"number": file.number, "instruction": file.instruction}
    if file.is_believed:
        results.settle(returned.lines, file, at)
        advance(file, "apply", actor=file.confirmed_by, changes=changes, at=at)
    else:
        results.require_consistent(returned.lines, file)
        tell_uploaded(file, advance(file, "wait", actor=file.by, changes=changes, at=at))


def _require_answer(file: ReturnFile, returned: Returned) -> None:
    """Note what it answers. Files that answer one instruction come one after the other."""
    rows = InstructionFile.objects.select_for_update()
    instruction = rows.filter(number=returned.instruction).first()
    file.number, file.instruction = returned.number, instruction
    if instruction is None:
        raise unknown(returned.instruction)
    if ReturnFile.objects.filter(number=returned.number, state=FileState.APPLIED).exists():
        words = _("文件号 %(number)s 的回单已经入账，内容与这份不同。") % {"number": returned.number}
        raise DomainError(words, code="number_used")


def _seemingly_answered(content: bytes) -> InstructionFile | None:
    """Whose a file looks to be that cannot be read as a whole: they are told, and not everybody."""
    named = re.search(rb"ZF-[0-9]{4}-[0-9]{2}-[0-9]{4,9}", content[:HEAD_BYTES])
    if named is None:
        return None
    return InstructionFile.objects.defer("content").filter(number=named[0].decode()).first()


def _quarantine(file: ReturnFile, reasons: Sequence[str], at: dt.datetime) -> None:
    named = list(reasons[:MOST_REASONS])
    if len(reasons) > len(named):
        named.append(_("……其余 %(rest)d 处从略。") % {"rest": len(reasons) - len(named)})
    changes = {"number": file.number, "instruction": file.instruction, "reasons": named}
    advance(file, "quarantine", actor=None, changes=changes, at=at)
    title = _("回单文件 %(name)s 未入账，已隔离") % {"name": file.name}
    department = department_of(file)
    whose = department.pk if department else None
    sound(Alarm(f"quarantined:{file.pk}", title, reasons[0], f"files/in/{file.pk}/", whose))
