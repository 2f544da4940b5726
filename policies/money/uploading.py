"""Return files that an official brings: looked at before they are kept, and believed of two people.

A file says what it wants; that one lay in the treasury's folder proves where it is from, that somebody
uploaded it does not. "Returned" makes an award payable again, so one person alone must not say it.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from policies.models import ReturnFile
from policies.money import intake
from policies.money.duties import PAYING
from policies.money.exchange.reading import read
from policies.money.signing import require_outsider
from portal.accounts.duties import require_duty
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from portal.accounts.models import Department


def take(name: str, content: bytes, *, to: Department, by: Any, at: dt.datetime) -> ReturnFile:
    """Keep and judge a file that answers a batch of the department `to`; it waits for a second person.

    What is no whole return file, or answers nobody or another department, is not kept: raises DomainError,
    as Unreadable with every reason. What came before in the same bytes is left as it is.
    """
    require_duty(by, to, *PAYING)
    known = ReturnFile.objects.filter(sha256=sha256(content).hexdigest()).first()
    if known is not None and intake.department_of(known) in (to, None):
        return known
    _require_ours(content, to)
    return intake.judge(intake.receive(name, content, by=by, at=at).pk, at=at)


def confirm(file: ReturnFile, *, by: Any, at: dt.datetime) -> ReturnFile:
    """A second person asked the treasury and lets an upload be booked. Raises DomainError."""
    require_duty(by, intake.department_of(file), *PAYING)
    if file.by == by:
        words = _("这份回单是您上传的，须由本部门另一位拨付岗位的同事复核。")
        raise DomainError(words, code="four_eyes")
    if file.instruction is not None:
        require_outsider(by, file.instruction.batch)
    advance(file, "confirm", actor=by, changes={"confirmed_by": by, "confirmed_at": at}, at=at)
    return intake.judge(file.pk, at=at)


def _require_ours(content: bytes, to: Department) -> None:
    returned = read(content)
    instruction = intake.answered_by(returned)
    if instruction is None:
        raise intake.unknown(returned.instruction)
    if instruction.batch.line.department != to:
        words = _("它答的是“%(department)s”的批次，请由那个部门上传。")
        raise DomainError(
            words % {"department": instruction.batch.line.department.name}, code="other_department"
        )
