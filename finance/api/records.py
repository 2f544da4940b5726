"""Drawdowns and repayments in bulk; facts, score and letter under an enterprise's consent."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enterprises.consents.letter import letter
from enterprises.consents.reading import Read, Reader, read
from enterprises.models import Consent
from finance.api import serializers as words
from finance.api.booking import book_rows, reverse_row
from finance.api.calls import once
from finance.api.loans import ForBanks
from finance.models import BankScope, Drawdown, LoanApplication, Repayment
from finance.scoring.consented import for_consent
from portal.kernel.api import IDEMPOTENCY, Refused
from portal.kernel.errors import DomainError
from portal.kernel.http import writes_on_get
from portal.kernel.language import in_language_of_record


class _Movements(ForBanks, APIView):
    writing = BankScope.WRITE_RECORDS
    kind: type[Drawdown] | type[Repayment]
    takes: type[Any]

    def book(self, request: Request) -> Response:
        """All rows or none."""
        given = self.takes(data=request.data)
        given.is_valid(raise_exception=True)

        def booked() -> Response:
            try:
                done = book_rows(self.kind, given.validated_data["rows"], by=self.actor, at=timezone.now())
            except DomainError as error:
                raise Refused(error) from error
            return Response({"booked": done.new, "known": done.known})

        return once(request, booked)


class _Reversals(ForBanks, APIView):
    writing = BankScope.WRITE_RECORDS
    kind: type[Drawdown] | type[Repayment]

    def set_right(self, request: Request) -> Response:
        """The row stands and counts no more."""
        given = words.ReversalSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def done() -> Response:
            try:
                loan = reverse_row(self.kind, given.validated_data, by=self.actor, at=timezone.now())
            except DomainError as error:
                raise Refused(error) from error
            return Response(words.ReversedSerializer(loan).data)

        return once(request, done)


class DrawdownsView(_Movements):
    """Money that went out."""

    kind, takes = Drawdown, words.DrawdownsSerializer

    @extend_schema(
        summary="Tell of money that went out",
        parameters=[IDEMPOTENCY],
        request=words.DrawdownsSerializer,
        responses={200: words.BookedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Up to what was approved."""
        return self.book(request)


class RepaymentsView(_Movements):
    """Money that came back."""

    kind, takes = Repayment, words.RepaymentsSerializer

    @extend_schema(
        summary="Tell of money that came back",
        parameters=[IDEMPOTENCY],
        request=words.RepaymentsSerializer,
        responses={200: words.BookedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Principal up to what is owed, interest beside it."""
        return self.book(request)


class DrawdownReversalView(_Reversals):
    """Money that did not go out."""

    kind = Drawdown

    @extend_schema(
        summary="Set a drawdown right that was booked wrong",
        parameters=[IDEMPOTENCY],
        request=words.ReversalSerializer,
        responses={200: words.ReversedSerializer},
    )
    def post(self, request: Request) -> Response:
        """409 where something was built on it. The serial may be booked again with other words."""
        return self.set_right(request)


class RepaymentReversalView(_Reversals):
    """Money that did not come back."""

    kind = Repayment

    @extend_schema(
        summary="Set a repayment right that was booked wrong",
        parameters=[IDEMPOTENCY],
        request=words.ReversalSerializer,
        responses={200: words.ReversedSerializer},
    )
    def post(self, request: Request) -> Response:
        """409 where something was built on it. The serial may be booked again with other words."""
        return self.set_right(request)


class _Consented(ForBanks, APIView):
    reading = BankScope.READ_CONSENTS

    def loan(self, number: str) -> LoanApplication:
        """The bank's own, with a consent."""
        rows = LoanApplication.objects.visible_to(self.actor).filter(consent__isnull=False)
        return get_object_or_404(rows, number=number)

    def read(self, number: str, why: Promise) -> Read:
        """What the consent hands out, written down under the client's name. Refused where it is not live."""
        loan, grantee = self.loan(number), self.actor.bank.grantee
        if loan.consent_id is None or grantee is None:
            raise Http404
        with in_language_of_record():
            said = str(why) % {"number": loan.number}
        reader = Reader(grantee, client=self.caller.client.name, why=said)
        try:
            return read(loan.consent_id, reader, at=timezone.now())
        except DomainError as error:
            raise Refused(error) from error


@method_decorator(writes_on_get, name="dispatch")
class FactsView(_Consented):
    """Facts under the consent."""

    @extend_schema(summary="What the consent allows, as of now", responses={200: words.ReadSerializer})
    def get(self, request: Request, number: str) -> Response:
        """409 once the consent is revoked or over. The enterprise sees each reading."""
        found = self.read(number, gettext_lazy("接口查阅贷款申请 %(number)s"))
        return Response(words.ReadSerializer(found).data, headers={"Cache-Control": "private, no-store"})


@method_decorator(writes_on_get, name="dispatch")
class ScoreView(_Consented):
    """The score under the consent."""

    @extend_schema(summary="The score from what the consent allows", responses={200: words.ScoreSerializer})
    def get(self, request: Request, number: str) -> Response:
        """409 once the consent is revoked or over. The enterprise sees each reading."""
        found = self.read(number, gettext_lazy("接口查询贷款申请 %(number)s 的评分"))
        try:
            score = for_consent(found)
        except DomainError as error:
            raise Refused(error) from error
        return Response(words.ScoreSerializer(score).data, headers={"Cache-Control": "private, no-store"})


class ConsentLetterView(_Consented):
    """The consent on paper."""

    @extend_schema(
        summary="The letter of the consent", responses={(200, "application/pdf"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """As it was given."""
        rows = Consent.objects.select_related("enterprise", "grantee", "given_by")
        try:
            return letter(get_object_or_404(rows, pk=self.loan(number).consent_id), timezone.now())
        except DomainError as error:
            raise Refused(error) from error
