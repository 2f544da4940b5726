"""What a message about a version says: the item, the amount, how many questions are left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import matching.services
from enterprises.services import load_catalogue
from matching.batch.results import Match
from matching.claims import claim_facts
from policies.enums import Benefit
from policies.models import ItemVersion
from portal.kernel.money import format_money, money_range

KIND = "policy"
"""The kind of every message about policies."""
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """The messages about one version. `questions`: how many claim facts its rule asks for."""

    version: ItemVersion
    is_money: bool
    questions: int

    @classmethod
    def of(cls, version: ItemVersion) -> Wording:
        """The wording for a version, whose rule is read once for all messages."""
        tree = matching.services.rule_tree(version.rule_version)
        questions = len(claim_facts(tree, load_catalogue()))
        return cls(version, version.benefit == Benefit.MONEY, questions)

    def match(self, match: Match) -> dict[str, Any]:
        """Fields of the message that tells an enterprise it fits, or what it still has to answer."""
        title = _("您符合“%(item)s”") if match.eligible else _("“%(item)s”对您开放")
        parts = [self._amount(match)]
        if not match.eligible:
            parts.append(
                ngettext("再答 %(count)d 题即可确认。", "再答 %(count)d 题即可确认。", self.questions)
                % {"count": self.questions}
            )
        parts.append(self._until())
        return {
            "kind": KIND,
            "title": (title % {"item": self.version.title})[:_LONGEST_TITLE],
            "body": "".join(part for part in parts if part),
            "url": self._url(match.enterprise_id),
            "payload": {
                "version": self.version.pk,
                "eligible": match.eligible,
                "low": match.low,
                "high": match.high,
                "questions": 0 if match.eligible else self.questions,
            },
        }

    def withdrawal(self, enterprise_id: int) -> dict[str, Any]:
        """Fields of the message that tells an enterprise that the version was withdrawn."""
        return {
            "kind": KIND,
            "title": (_("“%(item)s”已撤回") % {"item": self.version.title})[:_LONGEST_TITLE],
            "body": _("此前推送给您的这项政策已撤回，请以最新公布为准。原因：%(reason)s")
            % {"reason": self.version.withdrawal_reason},
            "url": self._url(enterprise_id),
            "payload": {"version": self.version.pk, "withdrawn": True},
        }

    def _amount(self, match: Match) -> str:
        if not self.is_money:
            return self.version.gain.rstrip("。") + "。"
        if match.low is None or not match.computable:
            return _("金额按规定核定。")
        if match.high is None:
            if not match.low:
                return _("金额按您填报的数据计算。")
            return _("至少可得 %(amount)s。") % {"amount": format_money(match.low)}
        if match.upto or not match.low:
            return _("最高可得 %(amount)s。") % {"amount": format_money(match.high)}
        return _("可得约 %(amount)s。") % {"amount": money_range(match.low, match.high)}

    def _until(self) -> str:
        if self.version.window_to is None:
            return ""
        return _("申报截止 %(day)s。") % {"day": self.version.window_to.strftime("%Y-%m-%d")}

    def _url(self, enterprise_id: int) -> str:
        return f"/e/{enterprise_id}/policies/{self.version.item.code}/"
