"""The enterprise's pages of appeals: addresses, what is sent to them, what they say."""

import datetime as dt
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from appeals.enums import Outcome, Satisfaction, Status
from appeals.filing import withdraw
from appeals.handling import answer
from appeals.intake import accept_appeal, ask_back, merge, refuse
from appeals.surveying import supervise, survey
from tests.appeals.factories import (
    answered,
    dispatched,
    file,
    handling,
)


def picture(name="现场.png", colour="red"):
    content = BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def base(firm):
    return f"/e/{firm.pk}/appeals/"


def page(appeal):
    return f"{base(appeal.enterprise)}{appeal.number}/"


def text(answer):
    return answer.content.decode()


def written(**fields):
    return {
        "title": "厂区频繁停电",
        "text": "本周停了三次，机床停摆，请协调。",
        "contact_name": "张三",
        "contact_phone": "13800000000",
        "key": "a" * 32,
    } | fields


def as_status(status, firm):
    """An appeal of the firm that has come to the status the real way."""
    if status == Status.RECEIVED:
        return file(firm)
    if status == Status.ASKED:
        appeal = file(firm)
        ask_back(appeal, "停电从哪天开始？", by=None)
    elif status == Status.REFUSED:
        appeal = file(firm)
        refuse(appeal, "请拨 12368。", by=None)
    elif status == Status.MERGED:
        appeal = file(firm)
        merge(appeal, file(firm, title="合并到的"), by=None)
    elif status == Status.WITHDRAWN:
        appeal = file(firm)
        withdraw(appeal, "已自行解决", by=None)
    elif status == Status.ROUTING:
        appeal = file(firm)
        accept_appeal(appeal, by=None)
    elif status == Status.OFFERED:
        appeal = dispatched(enterprise=firm).appeal
    elif status == Status.HANDLING:
        appeal = handling(enterprise=firm).appeal
    elif status == Status.PROMISED:
        order = handling(enterprise=firm)
        due = timezone.localdate() + dt.timedelta(days=10)
        answer(order, Outcome.PROMISED, "月底前修好。", by=None, promise=("更换路灯", due))
        appeal = order.appeal
    elif status == Status.ANSWERED:
        appeal = answered(enterprise=firm).appeal
    else:
        order = answered(enterprise=firm)
        survey(order, Satisfaction.SATISFIED, True, "很快", by=None)
        appeal = order.appeal
        if status == Status.SUPERVISED:
            supervise(appeal, "群众反映强烈", by=None)
    appeal.refresh_from_db()
    return appeal
