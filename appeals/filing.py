"""What an enterprise does with an appeal: file, add to it, attach, chase, withdraw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import deadlines, telling
from appeals.doorbell import ring_for_suggestions
from appeals.enums import Complexity, Secrecy, Source
from appeals.models import Appeal, Attachment, WorkOrder
from appeals.steps import cancel, hold, live_lead, record_appeal, said
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.models import NumberSeries
from portal.kernel.transitions import advance

if TYPE_CHECKING:
    from django.core.files.base import File

    from appeals.models import Category
    from enterprises.models import Enterprise
    from portal.accounts.models import Department, User

SERIES: Final = "SQ"
MOST_ATTACHMENTS: Final = 12
MOST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class Filing:
    """What an appeal says. `about` is the department complained of, `region` a town's code."""

    title: str
    text: str
    contact_name: str
    contact_phone: str
    category: Category | None = None
    place: str = ""
    region: str = ""
    urgent: bool = False
    secrecy: str = Secrecy.OPEN
    about: Department | None = None
    anonymous: bool = False

    def fields(self) -> dict[str, Any]:
        """As fields of `Appeal`, texts without blanks at their ends."""
        texts = ("title", "text", "contact_name", "contact_phone", "place", "region")
        others = ("category", "urgent", "secrecy", "about", "anonymous")
        return {name: getattr(self, name).strip() for name in texts} | {
            name: getattr(self, name) for name in others
        }


def file_appeal(
    enterprise: Enterprise, filing: Filing, *, by: User | None, source: str = Source.PORTAL, key: str = ""
) -> Appeal:
    """File an appeal: number, lead order, receive clock. The same `key` again gives the same appeal.

    Raises DomainError with what is missing or too long. A worker is asked for suggestions on commit.
    """
    now = timezone.now()
    complexity = filing.category.complexity if filing.category else Complexity.SINGLE
    appeal = Appeal(
        enterprise=enterprise,
        source=source,
        complexity=complexity,
        submitted_by=by,
        submitted_at=now,
        idempotency_key=key,
        **filing.fields(),
    )
    _check(appeal)
    with transaction.atomic():
        if key and (known := _filed(enterprise, key)):
            return known
        try:
            with transaction.atomic():
                appeal.number = NumberSeries.take(SERIES, timezone.localdate(now))
                appeal.save()
        except IntegrityError:
            if key and (known := _filed(enterprise, key)):  # filed by the same sender a moment ago
                return known
            raise
        order = WorkOrder.objects.create(appeal=appeal, created_at=now)
        deadlines.begin(order, "receive", at=now)
        event = record_appeal(appeal, "submit", by=by, public=True)
        with in_language_of_record():
            telling.tell_desk(appeal, event, _("有新诉求待受理"))
        if source != Source.PORTAL:
            with in_language_of_record():
                telling.tell_enterprise(appeal, event, _("已为您登记一件诉求，我们会尽快受理"))
        ring_for_suggestions(appeal.pk)
    return appeal


def supplement(appeal: Appeal, text: str, *, by: User | None) -> None:
    """The enterprise answers what the desk asked: the receive clock goes on. Raises DomainError."""
    text = said(text, _("请写明要补充的内容。"))
    with transaction.atomic():
        orders = hold(appeal.pk)
        event = advance(appeal, "supplement", actor=by, comment=text, public=True)
        for order in orders:
            deadlines.reckon(order)
        with in_language_of_record():
            telling.tell_desk(appeal, event, _("企业已补充材料，请受理"))


def withdraw(appeal: Appeal, reason: str, *, by: User | None) -> None:
    """The enterprise takes the appeal back while it is being worked on. Raises DomainError once answered."""
    reason = said(reason, _("请写明撤回原因。"))
    with transaction.atomic():
        orders = hold(appeal.pk)
        if live_lead(orders) is None:
            raise DomainError(_("诉求已答复或已结束，不能撤回；对答复有意见请直接评价。"), code="answered")
        holders = [order for order in orders if order.department_id or order.provider_id]
        event = advance(appeal, "withdraw", actor=by, comment=reason, public=True)
        cancel(orders, _("企业撤回诉求"), by=by, at=timezone.now())
        for order in holders:
            with in_language_of_record():
                telling.tell_holders(order, event, _("企业已撤回诉求，不用再办"))


def chase(appeal: Appeal, *, by: User | None) -> None:
    """The enterprise asks how it stands, once. Raises DomainError for a second time, or when it is over."""
    with transaction.atomic():
        orders = hold(appeal.pk)
        lead = live_lead(orders)
        if lead is None:
            raise DomainError(_("诉求已答复或已结束，不用催办。"), code="not_open")
        now = timezone.now()
        if not Appeal.objects.filter(pk=appeal.pk, chased_at=None).update(chased_at=now):
            raise DomainError(_("这件诉求已经催办过，承办单位已收到提醒，请耐心等待。"), code="chased")
        appeal.chased_at = now
        event = record_appeal(lead.appeal, "chase", by=by, public=True)
        with in_language_of_record():
            telling.tell_holders(lead, event, _("企业催办，请尽快办理"))
            telling.tell_desk(lead.appeal, event, _("企业催办，请跟进"))


def attach(appeal: Appeal, file: File[Any], *, by: User | None, public: bool = True) -> Attachment:
    """Keep a file with the appeal; its bytes say what it is. Raises DomainError for what is not taken."""
    kept = Attachment.taken_in(file, appeal=appeal, public=public, added_by=by)
    with transaction.atomic():
        Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)  # or two at once pass the limit
        if appeal.attachments.count() >= MOST_ATTACHMENTS:
            most = {"most": MOST_ATTACHMENTS}
            raise DomainError(_("一件诉求最多附 %(most)d 个文件。") % most, code="too_many_files")
        if appeal.attachments.filter(digest=kept.digest).exists():
            raise DomainError(_("同一文件已经上传过。"), code="file_known")
        kept.save()
    return kept


def _check(appeal: Appeal) -> None:
    try:
        appeal.clean_fields(
            exclude=["enterprise", "category", "about", "number", "submitted_by", "merged_into", "problem"]
        )
        if len(appeal.text) > MOST_TEXT:  # of a text field no more than the form's box is limited
            raise ValidationError({"text": _("最多 %(most)d 个字。") % {"most": MOST_TEXT}})
    except ValidationError as error:
        labels = {name: str(Appeal._meta.get_field(name).verbose_name) for name in error.message_dict}  # type: ignore[union-attr]
        lines = [f"{labels[name]}：{''.join(texts)}" for name, texts in error.message_dict.items()]
        raise DomainError("\n".join(lines), code="incomplete") from error


def _filed(enterprise: Enterprise, key: str) -> Appeal | None:
    return Appeal.objects.filter(enterprise=enterprise, idempotency_key=key).first()
