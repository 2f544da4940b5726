"""Loans as the API for banks says them, and what it takes. Money in fen, rates in percent a year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from rest_framework import serializers

from finance.lending.consenting import waits
from finance.lending.story import story_of
from finance.models import LoanApplication
from finance.models.client import CONTACT
from finance.models.product import MOST_MONTHS
from finance.models.vocabulary import Repayment
from finance.rates import parse_rate
from portal.kernel.errors import DomainError

MOST_ROWS: Final = 500
MOST_FEN: Final = 10**15
SERIAL: Final = 40


class LoanSerializer(serializers.ModelSerializer[LoanApplication]):
    """How an application stands, and who asks for how much."""

    enterprise = serializers.CharField(source="enterprise.name", read_only=True)
    uscc = serializers.CharField(source="enterprise.uscc", read_only=True)
    product = serializers.CharField(
        source="product_version.product.code", read_only=True, default=None, allow_null=True
    )
    state_words = serializers.CharField(read_only=True)
    method = serializers.CharField(read_only=True, help_text="How it is repaid; empty until that is agreed.")
    waits_for_consent = serializers.SerializerMethodField(
        help_text="Nothing is approved or signed until the enterprise consents anew; deadlines stand still."
    )

    class Meta:
        model = LoanApplication
        fields = [
            *("number", "enterprise", "uscc", "mode", "product", "amount_fen", "term_months", "purpose"),
            *("state", "state_words", "waits_for_consent", "submitted_at", "due_at", "bank_number"),
            *("approved_fen", "approved_rate", "approved_months", "method", "drawn_fen", "repaid_fen"),
        ]
        read_only_fields = fields

    def get_waits_for_consent(self, loan: LoanApplication) -> bool:
        """As the bank's page says it."""
        return waits(loan, timezone.now())


class EventSerializer(serializers.Serializer[Any]):
    """Something that happened."""

    at = serializers.DateTimeField()
    what = serializers.CharField(source="label")
    who = serializers.CharField()
    comment = serializers.CharField()


class LoanDetailSerializer(LoanSerializer):
    """With whom to talk to, the contract, and what happened. `mark` is empty until money has gone out.

    The contact is empty unless the consent is live now.
    """

    mark = serializers.CharField(read_only=True)
    events = serializers.SerializerMethodField()

    class Meta(LoanSerializer.Meta):
        fields = [
            *LoanSerializer.Meta.fields,
            *("purpose_note", *CONTACT, "signed_on", "drawn_on", "matures_on", "mark"),
            "events",
        ]
        read_only_fields = fields

    def to_representation(self, loan: LoanApplication) -> dict[str, Any]:
        """Personal data goes out under the consent alone, as on the bank's page."""
        shown = super().to_representation(loan)
        if loan.consent is None or not loan.consent.is_live(timezone.now()):
            shown |= dict.fromkeys(CONTACT, "")
        return shown

    def get_events(self, loan: LoanApplication) -> list[dict[str, Any]]:
        """The newest first."""
        return list(EventSerializer(many=True, instance=story_of(loan, internal=True)).data)


class WantedSerializer(serializers.Serializer[Any]):
    """What lies in the hall, without a word of who asks."""

    number = serializers.CharField()
    amount_fen = serializers.IntegerField()
    term_months = serializers.IntegerField(source="months")
    purpose = serializers.CharField()
    industry = serializers.CharField(help_text="The section of GB/T 4754 in words; no more is told.")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class NothingSerializer(serializers.Serializer[Any]):
    """Nothing needs to be said."""


class WhyNotSerializer(serializers.Serializer[Any]):
    """Why; the enterprise reads it."""

    reason = serializers.CharField(max_length=500)


class ApprovalSerializer(serializers.Serializer[Any]):
    """How much at what rate for how long; `product` (a code) for what was taken from the hall."""

    amount_fen = serializers.IntegerField(min_value=1, max_value=MOST_FEN)
    rate = serializers.CharField(max_length=12, help_text="Percent a year, as in 4.35.")
    months = serializers.IntegerField(min_value=1, max_value=MOST_MONTHS)
    method = serializers.ChoiceField(
        choices=Repayment.choices,
        required=False,
        help_text="There is no plan of repayment where it is not told.",
    )
    product = serializers.CharField(max_length=40, required=False)
    sure = serializers.BooleanField(
        default=False, help_text="That a rate beyond the product's or a term beyond what was asked is meant."
    )

    def validate_rate(self, text: str) -> Decimal:
        """By the parser of the whole portal: 435 and 4,35 are refused in words."""
        try:
            return parse_rate(text)
        except DomainError as error:
            raise serializers.ValidationError(str(error), code=error.code) from error


class SigningSerializer(serializers.Serializer[Any]):
    """The contract, under the bank's own number; `renews`: the number here of the loan that it renews."""

    bank_number = serializers.CharField(max_length=SERIAL)
    on = serializers.DateField()
    renews = serializers.CharField(max_length=20, required=False)


class MovementSerializer(serializers.Serializer[Any]):
    """What rows of money share: the loan by the bank's own number, the bank's serial of it, the day."""

    bank_number = serializers.CharField(max_length=SERIAL)
    serial = serializers.CharField(max_length=SERIAL)
    on = serializers.DateField()


class DrawdownSerializer(MovementSerializer):
    """Money that went out."""

    amount_fen = serializers.IntegerField(min_value=1, max_value=MOST_FEN)


class RepaymentSerializer(MovementSerializer):
    """Money that came back."""

    principal_fen = serializers.IntegerField(min_value=0, max_value=MOST_FEN)
    interest_fen = serializers.IntegerField(min_value=0, max_value=MOST_FEN, required=False, default=0)


class DrawdownsSerializer(serializers.Serializer[Any]):
    """All are booked, or none."""

    rows = serializers.ListField(child=DrawdownSerializer(), min_length=1, max_length=MOST_ROWS)


class RepaymentsSerializer(serializers.Serializer[Any]):
    """All are booked, or none."""

    rows = serializers.ListField(child=RepaymentSerializer(), min_length=1, max_length=MOST_ROWS)


class ReversalSerializer(serializers.Serializer[Any]):
    """What counts no more: a serial, of the loan by the bank's own number; the enterprise reads why."""

    bank_number = serializers.CharField(max_length=SERIAL)
    serial = serializers.CharField(max_length=SERIAL)
    reason = serializers.CharField(max_length=300)


class ReversedSerializer(serializers.Serializer[Any]):
    """How the loan stands afterwards."""

    number = serializers.CharField()
    state = serializers.CharField()
    drawn_fen = serializers.IntegerField()
    repaid_fen = serializers.IntegerField()


class BookedSerializer(serializers.Serializer[Any]):
    """How many rows were booked now, and how many stood in the books before, word for word."""

    booked = serializers.IntegerField()
    known = serializers.IntegerField()


class FactSerializer(serializers.Serializer[Any]):
    """A fact (of a year) or credential; `value` is empty where nobody knows it."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    period = serializers.IntegerField(allow_null=True)
    value = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    tier = serializers.CharField()
    as_of = serializers.DateField(allow_null=True)


class ReadSerializer(serializers.Serializer[Any]):
    """What the consent allows, as of now; the enterprise sees that it was read, and by which system."""

    consent = serializers.CharField(source="consent.number")
    until = serializers.DateTimeField(source="consent.until")
    read_at = serializers.DateTimeField(source="reading.at")
    facts = FactSerializer(source="rows", many=True)


class ScoreSerializer(serializers.Serializer[Any]):
    """Advice, never a decision. Points in hundredths; what may not be known widens the range."""

    as_of = serializers.DateField()
    points = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
