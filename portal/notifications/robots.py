"""Robots of work-chat groups by apprise's plugins, with what these leave open; imported in workers only.

apprise 2.2.0 takes every answer 200 for success, while DingTalk and WeCom answer 200 with an `errcode` to a
wrong token or signature; and it quotes DingTalk's signature twice, so that no signed message passes. Hence
`send` is our own here: it goes by `portal.kernel.outbound` (deadline, no redirects, fixed hosts) and reads
the answer. Sources: open.dingtalk.com/document/robots/custom-robot-access,
developer.work.weixin.qq.com/document/path/91770.
"""

import json
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.outbound import Unreachable, post
from portal.kernel.sending import NotSent
from portal.notifications.addresses import ROBOTS, Address
from portal.notifications.models import Channel
from portal.notifications.wording import Letter

MARK: Final = "【垫小二】"
"""Begins every message: a robot that is protected by a keyword lets pass what bears it."""
HOPELESS: Final = {
    300005: gettext_lazy("机器人不存在或已被移除，请换新的 Webhook 地址。"),  # DingTalk: token is not exist
    93000: gettext_lazy("机器人不存在或已被移除，请换新的 Webhook 地址。"),  # WeCom: invalid webhook url
}
"""Errors that trying again does not heal."""


class _Answering:
    """A plugin that keeps why the robot did not take the message."""

    trouble: NotSent | None = None

    def ask(self, kind: Channel.Kind, path: str, payload: dict[str, Any]) -> bool:
        """Post the payload; False, and the reason in `trouble`, unless the robot says that all is well."""
        host, _name, _form = ROBOTS[kind]
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "dianxiaoer"}
        try:
            answer = post(f"https://{host}{path}", body, headers, allowed={(host, 443)})
            self.trouble = _complaint(answer.status, answer.body)
        except Unreachable as error:
            self.trouble = NotSent(str(error))
        return self.trouble is None


class DingTalk(_Answering, NotifyDingTalk):
    """A custom robot of a DingTalk group."""

    def send(self, body: str, title: str = "", *args: Any, **kwargs: Any) -> bool:
        """One text message, signed when there is a secret."""
        query = {"access_token": self.token}
        if self.secret:
            timestamp, signature = self.get_signature()
            query |= {"timestamp": timestamp, "sign": unquote(signature)}
        content = f"{title}\n{body}" if title else body
        payload = {"msgtype": "text", "text": {"content": content}}
        return self.ask(Channel.Kind.DINGTALK, f"/robot/send?{urlencode(query)}", payload)


class WeCom(_Answering, NotifyWeComBot):
    """A robot of a WeCom group."""

    def send(self, body: str, title: str = "", *args: Any, **kwargs: Any) -> bool:
        """One text message."""
        payload = {"msgtype": "text", "text": {"content": body}}
        return self.ask(Channel.Kind.WECOM, f"/cgi-bin/webhook/send?key={quote(self.key)}", payload)


def carry(kind: str, address: Address, letter: Letter) -> None:
    """Send a letter to a robot. Raises NotSent with the reason."""
    robot: DingTalk | WeCom
    if kind == Channel.Kind.DINGTALK:
        robot = DingTalk(token=address.value, secret=address.secret or None)
    else:
        robot = WeCom(key=address.value)
    if not robot.notify(title=f"{MARK}{letter.title}", body=letter.text):
        raise robot.trouble or NotSent(_("消息未能发出。"))


def _complaint(status: int, body: bytes) -> NotSent | None:
    """What a robot's answer complains of; None when it took the message."""
    try:
        said = json.loads(body)
        code, words = int(said["errcode"]), str(said.get("errmsg", ""))[:100]
    except (ValueError, KeyError, TypeError):
        return NotSent(_("对方答复 HTTP %(status)d，没有说明结果。") % {"status": status})
    if status == 200 and code == 0:
        return None
    refused = _("对方拒收：%(words)s（%(code)d）") % {"words": words, "code": code}
    return NotSent(str(HOPELESS.get(code, refused)), hopeless=code in HOPELESS)
