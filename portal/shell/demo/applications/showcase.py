"""The applications of the two firms that people of the demo sign in for: chosen, not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.enums import ApplicationState as S
from portal.shell.demo.showcase import HUBS, LESSONS

SENT: Final = ("start", "send", "accept")


@dataclass(frozen=True, slots=True)
class Shown:
    """One application of one firm: which item, how far."""

    uscc: str
    item: str
    target: str
    names: tuple[str, ...]


SHOWN: Final = (
    Shown(HUBS, "SZ-SHANGYUN", S.RETURNED, (*SENT, "give_back")),
    Shown(HUBS, "JG-JISHU", S.NOTICED, (*SENT, "consult", "hear", "propose", "notice")),
    Shown(
        HUBS,
        "ZJTX-RENDING",
        S.APPROVED,
        ("start", "send", "give_back", "amend", *SENT[2:], "propose", "notice", "approve"),
    ),
    Shown(HUBS, "ZS-ZHIYA-LPR", S.DRAFT, ("start", "half")),
    Shown(LESSONS, "JY-CHUANGYE", S.REVIEWING, SENT),
    Shown(LESSONS, "JY-XINA", S.SUBMITTED, SENT[:2]),
    Shown(LESSONS, "BZ-CHUANGXIN", S.REFUSED, (*SENT, "propose", "refuse")),
)
