"""The table of statistics as it is written to a file: of each figure its part, its whole and the share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from appeals.statistics.figures import FIGURES, Share
from portal.kernel.spreadsheets import Cell, Percent, Table


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: `first` heads the names, `notes` say what was counted."""

    first: str
    lines: Sequence[tuple[str, Sequence[Share]]]
    notes: Sequence[str]

    @property
    def table(self) -> Table:
        """As the kernel writes it; what the figures mean stands below the notes."""
        lines = [_line(name, shares) for name, shares in self.lines]
        return Table(_("统计"), self.head, lines, [*self.notes, *self.meanings])

    @property
    def head(self) -> list[str]:
        """Of each figure its part, its whole and the share; of the received only how many."""
        cells = [self.first, _("收到（件）")]
        for figure in FIGURES[1:]:
            cells += [
                _("%(label)s（件）") % {"label": figure.label},
                _("其分母：%(of)s（件）") % {"of": figure.of},
                _("%(label)s占比") % {"label": figure.label},
            ]
        return cells

    @property
    def meanings(self) -> list[str]:
        """The figures in words."""
        return [
            _("%(label)s：%(of)s诉求中，%(did)s的。")
            % {"label": figure.label, "of": figure.of, "did": figure.did}
            for figure in FIGURES[1:]
        ]


def _line(name: str, shares: Sequence[Share]) -> list[Cell]:
    cells: list[Cell] = [name, shares[0].part]
    for share in shares[1:]:
        cells += [share.part, share.whole, Percent(share.part, share.whole, share.words)]
    return cells
