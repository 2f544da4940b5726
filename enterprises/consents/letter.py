"""The letter of a consent (授权书): its words as given, and the paper that the grantee files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from enterprises.actors import Actor
from enterprises.consents.groups import groups_of
from enterprises.consents.wording import end, moment, whoever
from enterprises.models import Consent, MemberRole
from enterprises.services.catalogue import load_catalogue
from portal.kernel.digests import digest_of
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.typesetting import pdf

TEMPLATE: Final = Path(__file__).with_name("letter.typ")


def content_of(
    consent: Consent, actor: Actor, facts: Collection[str], credentials: Collection[str]
) -> dict[str, Any]:
    """What the enterprise agrees to, in words and times: kept with the consent, so that names may change."""
    grantee = consent.grantee
    return {
        "number": consent.number,
        "enterprise": {"name": actor.enterprise.name, "uscc": actor.enterprise.uscc},
        "grantee": {"name": grantee.name, "uscc": grantee.uscc} if grantee else None,
        "open_to": str(consent.open_to),
        "purpose": consent.purpose,
        "reference": consent.reference,
        "groups": [
            {"key": group.key, "labels": group.labels}
            for group in groups_of(load_catalogue(), set(facts), set(credentials))
        ],
        "given_by": actor.user.get_full_name(),
        "role": str(actor.role.value),
        "given_at": consent.given_at.astimezone(dt.UTC).isoformat(),
        "until": consent.until.astimezone(dt.UTC).isoformat(),
    }


@in_language_of_record()
def letter(consent: Consent, now: dt.datetime) -> HttpResponse:
    """The paper as a download for whoever may see the consent; the caller has checked that.

    It says how the consent stood when printed. Raises DomainError when it cannot be printed.
    """
    answer = HttpResponse(pdf(TEMPLATE, _printed(consent, now), now), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{consent.number}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _printed(consent: Consent, now: dt.datetime) -> dict[str, Any]:
    given = consent.content
    if digest_of(given) != consent.digest:
        raise DomainError(_("授权书内容与摘要不符，请联系系统管理员。"), code="digest")
    return {
        "county": settings.COUNTY_NAME,
        "words": _words(),
        "number": consent.number,
        "title": _("企业数据查阅授权书"),
        "opening": _opening(consent),
        "pairs": _pairs(consent),
        "groups": [{"name": group["key"], "text": "、".join(group["labels"])} for group in given["groups"]],
        "signed": [
            (_("授权企业"), given["enterprise"]["name"]),
            (_("授权人"), f"{given['given_by']}（{MemberRole(given['role']).label}）"),
            (_("授权时间"), moment(consent.given_at)),
        ],
        "state": _state(consent, now),
        "digest": consent.digest,
        "printed": _("%(at)s 打印") % {"at": moment(now)},
    }


def _words() -> dict[str, str]:
    return {
        "service": _("企业服务云平台"),
        "page": _("第 {page} 页 共 {pages} 页"),
        "content": _("授权查阅的数据"),
        "rights": _("约定"),
        "terms": _(
            "被授权方只能为上述用途查阅上列数据，不得转给他人。每次查阅由平台记录，授权企业随时可见。"
            "授权企业可随时在平台撤回，撤回即刻生效；到期自动失效。撤回和到期不影响此前已完成的查阅。"
        ),
        "state": _("打印时的状态"),
        "digest": _("内容摘要（SHA-256）"),
        "electronic": _("本授权由授权人在平台实名登录后作出，电子记录与本件一致。"),
    }


def _opening(consent: Consent) -> str:
    given = consent.content
    who = given["grantee"]["name"] if given["grantee"] else whoever(given["open_to"])
    return _("%(firm)s授权%(grantee)s查阅平台掌握的下列企业数据，用于%(purpose)s。") % {
        "firm": given["enterprise"]["name"],
        "grantee": who,
        "purpose": given["purpose"],
    }


def _pairs(consent: Consent) -> list[tuple[str, str]]:
    given, grantee = consent.content, consent.grantee
    named = given["grantee"] or (grantee and {"name": grantee.name, "uscc": grantee.uscc})
    found = [
        (_("授权企业"), given["enterprise"]["name"]),
        (_("统一社会信用代码"), given["enterprise"]["uscc"]),
        (_("被授权方"), named["name"] if named else _("接单后确定")),
        (_("统一社会信用代码"), named["uscc"] if named else "—"),
        (_("用途"), given["purpose"]),
        (_("事项编号"), given["reference"] or "—"),
        (_("生效"), moment(consent.given_at)),
        (_("失效"), end(consent.until)),
    ]
    if consent.assigned_at:
        found += [(_("接单时间"), moment(consent.assigned_at)), ("", "")]
    return found


def _state(consent: Consent, now: dt.datetime) -> str:
    if consent.revoked_at:
        return _("已于 %(at)s 撤回") % {"at": moment(consent.revoked_at)}
    if now >= consent.until:
        return _("已于 %(at)s 到期") % {"at": end(consent.until)}
    return _("有效")
