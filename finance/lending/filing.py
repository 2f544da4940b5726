"""What the enterprise does: apply, give the bank leave to read anew, open it to all banks, take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.consents import granting
from enterprises.consents.granting import Terms
from enterprises.models import Consent, GranteeKind
from finance.lending import deadlines, telling
from finance.lending.consenting import may_read
from finance.lending.ending import end_consent
from finance.lending.grantees import grantee_of
from finance.lending.holding import hold, require_own
from finance.lending.refusals import told
from finance.models import Branch, LoanApplication, ProductVersion
from finance.models.loan_states import CONSENTED, UNANSWERED, LoanMode, LoanState
from finance.models.product import MOST_MONTHS
from finance.models.vocabulary import LoanPurpose
from portal.kernel.errors import DomainError
from portal.kernel.language import in_language_of_record
from portal.kernel.models import NumberSeries
from portal.kernel.money import format_money
from portal.kernel.transitions import adopt, advance

if TYPE_CHECKING:
    from enterprises.actors import Actor
    from finance.models import LoanEvent

PREFIX: Final = "DK"
LEAST_LEFT: Final = dt.timedelta(days=7)
"""What must be left of a consent for it to go on with another bank: time to be taken on and be read."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """What the bank may read: keys of facts, kinds of credential, until when (exclusive)."""

    facts: Collection[str]
    until: dt.datetime
    credentials: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """What is applied for. `version`: the product as the person saw it; None when it is open to all banks.

    `key` is the form's own: sent twice it is filed once.
    """

    mode: str
    amount_fen: int
    term_months: int
    purpose: str
    contact_name: str
    contact_phone: str
    sharing: Sharing
    version: ProductVersion | None = None
    branch: Branch | None = None
    purpose_note: str = ""
    key: str = ""


def file_loan(actor: Actor, filing: Filing, *, at: dt.datetime) -> LoanApplication:
    """Apply and consent in one: to the product's bank, or to whichever takes it. Raises DomainError.

    A form that is sent again, even at once, gets the application that it has become.
    """
    if (known := _known(actor, filing.key)) is not None:
        return known
    _require_manager(actor)
    _require_filing(filing)
    try:
        return _file(actor, filing, at)
    except DomainError:
        if (known := _known(actor, filing.key)) is not None:  # the same form was faster
            return known
        raise


def _known(actor: Actor, key: str) -> LoanApplication | None:
    """What the form with this key has become."""
    return LoanApplication.objects.of(actor).filter(idempotency_key=key).first() if key else None


def _file(actor: Actor, filing: Filing, at: dt.datetime) -> LoanApplication:
    with told():
        version = _as_seen(filing)
        bank = version.product.bank if version else None
        loan = LoanApplication.objects.create(
            number=NumberSeries.take(PREFIX, timezone.localdate(at)),
            enterprise=actor.enterprise,
            filed_by=actor.user,
            mode=filing.mode,
            product_version=version,
            bank=bank,
            branch=filing.branch,
            amount_fen=filing.amount_fen,
            term_months=filing.term_months,
            purpose=filing.purpose,
            purpose_note=filing.purpose_note.strip(),
            contact_name=filing.contact_name.strip(),
            contact_phone=filing.contact_phone.strip(),
            idempotency_key=filing.key,
        )
        consent = _consented(actor, loan, filing.sharing, at)
        changes = {"consent": consent, "submitted_at": at}
        event = advance(loan, "submit", actor=actor.user, changes=changes, public=True, at=at)
        deadlines.turn(loan, at=at)
        _tell_asked(loan, event)
    return loan


def open_up(actor: Actor, loan: LoanApplication, *, at: dt.datetime) -> None:
    """The same application, which nobody took on, for all banks; what was shared is shared with who takes it.

    As long as it was agreed to, and not a day more. Raises DomainError.
    """
    with told():
        held = hold(loan)
        require_own(actor, held)
        if held.state not in UNANSWERED:
            raise DomainError(_("这笔申请还在办理或已有结果，不用再面向全部银行。"), code="not_now")
        sharing = shared_still(held, at)
        with in_language_of_record():
            end_consent(held, _("改为面向全部银行"), at=at)
        before, held.bank, held.mode = held.bank, None, LoanMode.OPEN
        consent = _consented(actor, held, sharing, at)
        changes = {
            "mode": LoanMode.OPEN,
            "bank": None,
            "branch": None,
            "officer": None,
            "product_version": None,
            "consent": consent,
        }
        with in_language_of_record():
            comment = _("此前：%(bank)s") % {"bank": before} if before else ""
        event = advance(
            held, "open_up", actor=actor.user, changes=changes, comment=comment, public=True, at=at
        )
        deadlines.turn(held, at=at)
        telling.tell_banks(held, event)
    adopt(loan, held)


def withdraw(actor: Actor, loan: LoanApplication, reason: str, *, at: dt.datetime) -> None:
    """The enterprise does not want it any more; the bank reads nothing more. Raises DomainError."""
    with told():
        held = hold(loan)
        require_own(actor, held)
        event = advance(held, "withdraw", actor=actor.user, comment=reason.strip(), public=True, at=at)
        deadlines.turn(held, at=at)
        with in_language_of_record():
            telling.tell_bank(held, event, _("企业撤回了贷款申请，不用再办"))
            end_consent(held, _("申请已撤回"), at=at)
    adopt(loan, held)


def consent_anew(actor: Actor, loan: LoanApplication, sharing: Sharing, *, at: dt.datetime) -> Consent:
    """Let the bank read again, after the consent was revoked or is over. Raises DomainError.

    Not before it was revoked: whoever waited for the lock of that began earlier, and clocks go by the times.
    """
    with told():
        held = hold(loan)
        require_own(actor, held)
        if held.state not in CONSENTED:
            raise DomainError(_("这笔申请已结束，不用再授权。"), code="not_now")
        if may_read(held, at):
            raise DomainError(_("现在的授权还有效，要改范围请先撤回。"), code="live")
        if held.consent is not None and held.consent.revoked_at is not None:
            at = max(at, held.consent.revoked_at)
        consent = _consented(actor, held, sharing, at)
        LoanApplication.objects.filter(pk=held.pk).update(consent=consent)
        held.consent = consent
        held.events.create(
            actor=actor.user, at=at, name="consent", source=held.state, target=held.state, public=True
        )
        deadlines.reckon(held)
    adopt(loan, held)
    return consent


def _consented(actor: Actor, loan: LoanApplication, sharing: Sharing, at: dt.datetime) -> Consent:
    """The consent for the loan as it stands: to its bank, or to the one that takes it."""
    said = {"number": loan.number, "asked": telling.asked_words(loan)}
    with in_language_of_record():
        terms = Terms(
            facts=sharing.facts,
            credentials=sharing.credentials,
            purpose=_("办理贷款申请 %(number)s（%(asked)s）") % said,
            until=sharing.until,
            reference=loan.number,
        )
    grantee = GranteeKind.BANK if loan.bank is None else grantee_of(loan.bank)
    return granting.grant(actor, grantee, terms, at=at)


def shared_still(loan: LoanApplication, at: dt.datetime) -> Sharing:
    """What the loan's last consent was about, until when it was given: one click agrees to nothing more.

    Raises DomainError where the enterprise itself took it back, or it is over soon: then it applies anew,
    with a form that shows what is shared.
    """
    consent = loan.consent
    if consent is None:
        raise DomainError(_("这笔申请没有授权，请重新申请。"), code="no_consent")
    if consent.revoked_by_id is not None:
        raise DomainError(_("您已撤回这笔申请的授权，要面向全部银行请重新申请并授权。"), code="revoked")
    if consent.until - at < LEAST_LEFT:
        raise DomainError(
            _("这笔申请的授权已到期或即将到期，要面向全部银行请重新申请并授权。"), code="too_little"
        )
    facts = consent.fact_rows.values_list("fact__key", flat=True)
    kinds = consent.credential_rows.values_list("kind__key", flat=True)
    return Sharing(list(facts), consent.until, list(kinds))


def _require_manager(actor: Actor) -> None:
    if not actor.may_manage:
        raise DomainError(
            _("贷款申请含数据授权，由法定代表人或管理员提交，请联系他们办理。"), code="not_manager"
        )


def _require_filing(filing: Filing) -> None:
    if filing.amount_fen <= 0:
        raise DomainError(_("请填写大于零的申请金额。"), code="amount")
    if not 1 <= filing.term_months <= MOST_MONTHS:
        raise DomainError(_("期限为 1 至 %(most)d 个月。") % {"most": MOST_MONTHS}, code="term")
    if filing.purpose not in LoanPurpose.values:
        raise DomainError(_("请选择贷款用途。"), code="purpose")
    if not filing.contact_name.strip() or not filing.contact_phone.strip():
        raise DomainError(_("请填写联系人和联系电话。"), code="contact")
    if (filing.mode == LoanMode.OPEN) == (filing.version is not None):
        raise DomainError(_("请选择产品，或改为面向全部银行。"), code="no_product")


def _as_seen(filing: Filing) -> ProductVersion | None:
    """The product's version, offered still and fit for what is asked. Raises DomainError."""
    if filing.version is None:
        return None
    rows = ProductVersion.objects.select_for_update(of=("self",)).select_related("product__bank__grantee")
    version = rows.get(pk=filing.version.pk)
    if not version.is_offered or not version.product.bank.live:
        newer = ProductVersion.objects.offered().filter(product=version.product_id).exists()
        raise DomainError(
            _("“%(name)s”的内容刚刚有更新，请看过新的金额、期限和利率再提交。") % {"name": version.name}
            if newer
            else _("“%(name)s”已经下架，请另选产品，或面向全部银行。") % {"name": version.name},
            code="product_changed" if newer else "product_gone",
        )
    _require_within(filing, version)
    return version


def _require_within(filing: Filing, version: ProductVersion) -> None:
    low, high = version.amount_min_fen, version.amount_max_fen
    if high is not None and filing.amount_fen > high:
        raise DomainError(
            _("这款产品最高 %(high)s，请减少金额或另选产品。") % {"high": format_money(high)}, code="amount"
        )
    if low is not None and filing.amount_fen < low:
        raise DomainError(
            _("这款产品最低 %(low)s，请增加金额或另选产品。") % {"low": format_money(low)}, code="amount"
        )
    if version.term_max is not None and filing.term_months > version.term_max:
        raise DomainError(
            _("这款产品最长 %(most)d 个月，请缩短期限或另选产品。") % {"most": version.term_max}, code="term"
        )
    if version.term_min is not None and filing.term_months < version.term_min:
        raise DomainError(
            _("这款产品最短 %(least)d 个月，请延长期限或另选产品。") % {"least": version.term_min},
            code="term",
        )


def _tell_asked(loan: LoanApplication, event: LoanEvent) -> None:
    if loan.bank_id is None:
        telling.tell_banks(loan, event)
    else:
        with in_language_of_record():
            telling.tell_bank(loan, event, _("有新的贷款申请，请在时限内受理"))


def duplicates_of(actor: Actor) -> list[LoanApplication]:
    """What the enterprise has under way: shown before it asks once more."""
    underway = Q(state__in=(LoanState.SUBMITTED, LoanState.ACCEPTED, LoanState.DUE_DILIGENCE))
    rows = LoanApplication.objects.of(actor).filter(underway | Q(state=LoanState.APPROVED)).for_lists()
    return list(rows.order_by("-pk"))
