"""The decision letter (决定书): what was decided, on what grounds, by whom, and how it may be contested."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.applying.grounds import grounds_of
from policies.enums import DECIDED, Outcome
from policies.models import Application, Evidence
from portal.kernel.capitals import capital_money
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.money import exact_money
from portal.kernel.typesetting import pdf

TEMPLATE: Final = Path(__file__).with_name("letter.typ")


@in_language_of_record()
def letter_pdf(application: Application, now: dt.datetime) -> bytes:
    """The letter of a decided application. Raises DomainError before the decision.

    The application comes with its enterprise, version, item's department, and who proposed and decided.
    """
    return pdf(TEMPLATE, content_of(application), now)


def content_of(application: Application) -> dict[str, Any]:
    """What the template sets, all of it words. Raises DomainError before the decision."""
    if application.state not in DECIDED:
        raise DomainError(_("这件申报还没有作出决定，没有决定书。"), code="undecided")
    evidence = application.evidence.latest("number")
    enterprise = application.enterprise
    return {
        "issuer": application.item.department.name,
        "title": _("惠企政策申报决定书"),
        "number": application.number,
        "numbered": _("编号：%(number)s") % {"number": application.number},
        "to": _("%(name)s：") % {"name": enterprise.name},
        "code": _("统一社会信用代码 %(code)s") % {"code": enterprise.uscc} if enterprise.uscc else "",
        "opening": _opening(application),
        "decision": _decision(application),
        "grounds": _grounds(application),
        "contest": contest_words(),
        "seal": _("（章）"),
        "day": _day(application.decided_at),
        "small": _small(application, evidence),
        "page": _("第 {page} 页，共 {pages} 页"),
    }


def contest_words() -> list[str]:
    """How a decision may be contested: 行政复议法 (2023) article 20, 行政诉讼法 article 46."""
    return [
        _(
            "如不服本决定，可以自收到本决定书之日起六十日内，依照《中华人民共和国行政复议法》第二十条"
            "向%(county)s人民政府申请行政复议；也可以自收到之日起六个月内，依照《中华人民共和国行政诉讼法》"
            "第四十六条向人民法院提起行政诉讼。"
        )
        % {"county": settings.COUNTY_NAME}
    ]


def _opening(application: Application) -> str:
    """By the day of the first sending: what was amended since is told by the evidence."""
    return _("你单位于 %(day)s提交的“%(title)s”（%(period)s 年度）申报，经审核，现决定如下：") % {
        "day": _day(application.submitted_at),
        "title": application.version.title,
        "period": application.period,
    }


def _decision(application: Application) -> str:
    if application.outcome == Outcome.REFUSE:
        return _("不予支持。")
    if application.amount_fen is None:
        return _("同意。")
    amount = {"figures": exact_money(application.amount_fen), "words": capital_money(application.amount_fen)}
    return _("同意，核定金额 %(figures)s（%(words)s）。") % amount


def _grounds(application: Application) -> list[tuple[str, str]]:
    """Clause, with its document, and reason, as far as they are known: a refusal has both."""
    clause = grounds_of(application.version, application.clause)
    grounds = ((_("依据："), clause), (_("理由："), application.reason))
    return [(label, words) for label, words in grounds if words]


def _small(application: Application, evidence: Evidence) -> list[str]:
    """Who decided, and the evidence by which the decision can be checked."""
    who = {"proposed": application.proposed_by, "decided": application.decided_by}
    kept = {
        "number": evidence.number,
        "day": _day(evidence.at),
        "version": application.version.number,
        "digest": " ".join(re.findall(".{16}", evidence.digest)),  # as people compare it
    }
    return [
        _("拟定：%(proposed)s　审定：%(decided)s") % who,
        _("本决定依据第 %(number)d 次提交（%(day)s，政策第 %(version)d 版）的存证作出。") % kept,
        _("存证 SHA-256：%(digest)s") % kept,
    ]


def _day(moment: dt.datetime | None) -> str:
    if moment is None:
        return ""
    day = timezone.localdate(moment)
    return _("%(year)d 年 %(month)d 月 %(day)d 日") % {"year": day.year, "month": day.month, "day": day.day}
