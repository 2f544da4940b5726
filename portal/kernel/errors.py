"""Errors that a person can act on. Every message is Chinese and says what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class DomainError(Exception):
    """The business refuses; `message` is shown to the person as it stands, `code` is for machines."""

    code = "refused"

    def __init__(self, message: str | Promise, *, code: str | None = None) -> None:
        self.message = str(message)
        if code is not None:
            self.code = code
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class NotReady(DomainError):  # noqa: N818 - reads as what it says, as its base does
    """Something is not in order yet: `head` says what cannot be done, `wrong` all that stands in the way."""

    code = "not_ready"

    def __init__(self, head: str, wrong: Iterable[str]) -> None:
        super().__init__("\n".join([head, *(f"· {one}" for one in wrong)]))


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in a file: line number from 1 as an editor counts, column heading or ""."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = _("第 %(row)d 行") % {"row": self.row}
        if self.column:
            place += _("“%(column)s”列") % {"column": self.column}
        return f"{place}：{self.message}"


class ImportRefused(DomainError):  # noqa: N818 - reads as what happened, as its base does
    """A file is refused whole: nothing was written. `errors` names each row and column."""

    code = "import_refused"
    shown = 20

    def __init__(self, errors: Iterable[RowError], *, message: str | Promise = "") -> None:
        self.errors = list(errors)
        super().__init__(message or self._summary())

    def _summary(self) -> str:
        count = len(self.errors)
        head = ngettext(
            "文件未导入：有 %(count)d 处错误，请改正后重新导入。",
            "文件未导入：有 %(count)d 处错误，请改正后重新导入。",
            count,
        ) % {"count": count}
        lines = [head, *(str(error) for error in self.errors[: self.shown])]
        if count > self.shown:
            lines.append(_("……其余 %(rest)d 处从略。") % {"rest": count - self.shown})
        return "\n".join(lines)
