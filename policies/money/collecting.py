"""Return files out of the treasury's folder: each is stored, judged, and only then moved aside."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from policies.money.alarms import Alarm, sound
from policies.money.exchange import folders
from policies.money.exchange.formats import Unreadable
from policies.money.intake import judge_waiting, take_from_folder

logger = logging.getLogger(__name__)


def collect(at: dt.datetime) -> int:
    """Sweeper: take up what lies in the folder, then judge what was left lying; returns how many files.

    A file that fails holds up no other, and lies there until a later sweep. Safe for two at once.
    """
    taken = 0
    try:
        waiting = list(folders.waiting(settings.TREASURY_INBOX))
    except OSError as error:
        _say_closed(error, at)
        waiting = []
    for path in waiting:
        try:
            taken += _take_up(path, at)
        except FileNotFoundError:  # another sweeper was faster
            continue
        except Exception:
            logger.exception("money: return file %s stays in the folder", path.name)
    return taken + judge_waiting(at)


def _take_up(path: Path, at: dt.datetime) -> int:
    name = folders.shown_name(path)
    try:
        content = folders.take(path)
    except Unreadable as refusal:
        folders.refuse(path)
        title = _("回单文件 %(name)s 未读取") % {"name": name}
        sound(Alarm(f"refused:{name}:{at:%Y-%m-%d}", title, refusal.message, "files/"))
        return 0
    take_from_folder(name, content, at=at)
    folders.put_aside(path, content)
    return 1


def _say_closed(error: OSError, at: dt.datetime) -> None:
    title = _("无法读取国库回单目录")
    body = _("系统会继续重试。请联系系统管理员检查目录：%(why)s") % {
        "why": error.strerror or type(error).__name__
    }
    sound(Alarm(f"inbox:{at:%Y-%m-%d}", title, body, "files/"))
