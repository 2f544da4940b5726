"""A bank's applications by machine: list, read, take from the hall, and each step to a contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from finance.acting import BankActor
from finance.api import serializers as words
from finance.api.calls import ClientThrottle, once
from finance.api.tokens import BankAuthentication, BankScoped, Caller
from finance.desk.hall import wanted
from finance.lending import deciding, grabbing
from finance.lending.deciding import Approval
from finance.models import BankScope, LoanApplication, LoanState, ProductVersion
from portal.kernel.api import IDEMPOTENCY, Pages, Refused
from portal.kernel.errors import DomainError

Step = Callable[[LoanApplication, dict[str, Any], BankActor], object]
NUMBER: Final = "[A-Z0-9-]+"


class LoanPages(CursorPagination):
    """The newest first, from where the last page ended: none is missed when new ones come."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-pk"


class ForBanks(APIView):
    """What every view of the API for banks is: of tokens alone, counted, each action under its scope."""

    authentication_classes = [BankAuthentication]
    permission_classes = [BankScoped]
    throttle_classes = [ClientThrottle]
    reading: BankScope = BankScope.READ_LOANS
    writing: BankScope = BankScope.DECIDE_LOANS

    def wanted_scope(self) -> str:
        """Which scope the call wants."""
        return self.reading.value if self.request.method in ("GET", "HEAD", "OPTIONS") else self.writing.value

    @property
    def caller(self) -> Caller:
        """The client that calls."""
        return cast("Caller", self.request.auth)

    @property
    def actor(self) -> BankActor:
        """For whom of which bank the client acts."""
        return self.caller.actor


class LoanFilter(django_filters.FilterSet):
    """By state (several), the bank's own number, time of submission."""

    state = django_filters.MultipleChoiceFilter(
        choices=LoanState.choices, error_messages={"invalid_choice": gettext_lazy("没有这个状态。")}
    )
    bank_number = django_filters.CharFilter(max_length=40)
    submitted_from = django_filters.IsoDateTimeFilter(field_name="submitted_at", lookup_expr="gte")

    class Meta:
        model = LoanApplication
        fields: list[str] = []


def step(summary: str, given: type[serializers.Serializer[Any]], path: str = "") -> Callable[[Any], Any]:
    """A step by POST under an `Idempotency-Key`, answering how the application stands afterwards."""

    def decorate(view: Any) -> Any:
        plain: dict[str, Any] = {"filter_backends": [], "pagination_class": None}
        routed = action(detail=True, methods=["post"], url_path=path or None, **plain)(view)
        answers = {200: words.LoanDetailSerializer}
        said = extend_schema(summary=summary, parameters=[IDEMPOTENCY], request=given, responses=answers)
        return said(routed)

    return decorate


@extend_schema_view(
    list=extend_schema(summary="Applications at the bank"),
    retrieve=extend_schema(summary="One of them", responses=words.LoanDetailSerializer),
)
class BankLoanViewSet(
    ForBanks, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[LoanApplication]
):
    """Those of the client's bank; another bank's application is 404."""

    queryset = LoanApplication.objects.none()
    serializer_class = words.LoanSerializer
    pagination_class = LoanPages
    lookup_field = "number"
    lookup_value_regex = NUMBER
    filter_backends = [DjangoFilterBackend]
    filterset_class = LoanFilter

    def get_queryset(self) -> QuerySet[LoanApplication]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return LoanApplication.objects.visible_to(self.actor).for_lists().select_related("consent")

    def get_object(self) -> LoanApplication:
        try:
            return super().get_object()
        except Http404 as error:
            raise NotFound(_("没有这笔申请。")) from error

    def get_serializer_class(self) -> type[words.LoanSerializer]:
        return words.LoanDetailSerializer if self.action == "retrieve" else words.LoanSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How it stands now."""
        return _detail(self.get_object())

    @step("Take it on", words.NothingSerializer)
    def accept(self, request: Request, number: str) -> Response:
        """The person behind the client is whom the enterprise talks to."""
        return self._take(
            words.NothingSerializer, lambda s, g, by: deciding.accept(s, by=by, at=timezone.now())
        )

    @step("Not take it on", words.WhyNotSerializer)
    def decline(self, request: Request, number: str) -> Response:
        """The enterprise may open it to all banks then."""
        return self._take(
            words.WhyNotSerializer,
            lambda s, g, by: deciding.decline(s, g["reason"], by=by, at=timezone.now()),
        )

    @step("Begin with due diligence", words.NothingSerializer)
    def investigate(self, request: Request, number: str) -> Response:
        """Before a decision."""
        return self._take(
            words.NothingSerializer, lambda s, g, by: deciding.investigate(s, by=by, at=timezone.now())
        )

    @step("Approve it", words.ApprovalSerializer)
    def approve(self, request: Request, number: str) -> Response:
        """Up to what was asked. 409 (`consent_ended`) until the enterprise consents anew."""
        return self._take(words.ApprovalSerializer, _approve)

    @step("Refuse it", words.WhyNotSerializer)
    def refuse(self, request: Request, number: str) -> Response:
        """With the reason that the enterprise reads."""
        return self._take(
            words.WhyNotSerializer, lambda s, g, by: deciding.refuse(s, g["reason"], by=by, at=timezone.now())
        )

    @step("The contract, under the bank's own number", words.SigningSerializer)
    def sign(self, request: Request, number: str) -> Response:
        """Money is told of under that number. 409 (`consent_ended`) until the enterprise consents anew."""
        return self._take(words.SigningSerializer, _sign)

    @step("Take an approval back before the contract", words.WhyNotSerializer, "take-back")
    def take_back(self, request: Request, number: str) -> Response:
        """By a manager, for good, with the reason that the enterprise reads; a pool lets go of the loan."""
        return self._take(
            words.WhyNotSerializer,
            lambda s, g, by: deciding.take_back(s, g["reason"], by=by, at=timezone.now()),
        )

    @step("End a contract under which nothing has gone out", words.WhyNotSerializer, "call-off")
    def call_off(self, request: Request, number: str) -> Response:
        """By a manager, for good, with the reason that the enterprise reads; a pool lets go of the loan."""
        return self._take(
            words.WhyNotSerializer,
            lambda s, g, by: deciding.call_off(s, g["reason"], by=by, at=timezone.now()),
        )

    def _take(self, takes: type[serializers.Serializer[Any]], work: Step) -> Response:
        loan = self.get_object()
        given = takes(data=self.request.data)
        given.is_valid(raise_exception=True)

        def shown() -> Response:
            return _detail(self.get_object())

        def taken() -> Response:
            try:
                work(loan, given.validated_data, self.actor)
            except DomainError as error:
                raise Refused(error) from error
            return shown()

        return once(self.request, taken, again=shown)


class HallViewSet(ForBanks, viewsets.GenericViewSet[LoanApplication]):
    """What is open to all banks, and taking it."""

    queryset = LoanApplication.objects.none()
    serializer_class = words.WantedSerializer
    pagination_class = Pages
    lookup_field = "number"
    lookup_value_regex = NUMBER
    filter_backends: list[Any] = []

    @extend_schema(summary="Open to all banks, what ends soonest first")
    def list(self, request: Request) -> Response:
        """Amount, term, purpose and section of industry: who asks and where is told to whoever takes it."""
        page = self.paginate_queryset(wanted(self.actor.bank, timezone.now()))
        return self.get_paginated_response(words.WantedSerializer(page, many=True).data)

    @step("Take it for the bank, with the consent that comes with it", words.NothingSerializer)
    def take(self, request: Request, number: str) -> Response:
        """The first bank has it; 409 tells the others by whom and since when it is taken."""

        def shown() -> Response:
            mine = LoanApplication.objects.visible_to(self.actor).for_lists().select_related("consent")
            return _detail(get_object_or_404(mine, number=number))

        def taken() -> Response:
            loan = get_object_or_404(LoanApplication, number=number, mode="open")
            try:
                outcome = grabbing.take(loan, by=self.actor, at=timezone.now())
            except DomainError as error:
                raise Refused(error) from error
            if not outcome.won:
                said = {"bank": outcome.holder, "at": f"{timezone.localtime(outcome.at):%Y-%m-%d %H:%M}"}
                words_said = _("这笔申请已由%(bank)s于 %(at)s 接单。") % said
                raise Refused(DomainError(words_said, code="taken"))
            return shown()

        return once(request, taken, again=shown)


def _detail(loan: LoanApplication) -> Response:
    """One application; with the contact in it no cache keeps it past the consent."""
    said = words.LoanDetailSerializer(loan).data
    return Response(said, headers={"Cache-Control": "private, no-store"})


def _approve(loan: LoanApplication, given: dict[str, Any], by: BankActor) -> None:
    version = None
    asked = loan.product_version
    if (code := given.get("product")) and asked is not None:
        if code != asked.product.code:
            said = _("企业申请的是“%(name)s”（%(code)s），不能按其他产品批准。")
            raise DomainError(said % {"name": asked.name, "code": asked.product.code}, code="other_product")
    elif code:
        offered = ProductVersion.objects.offered().filter(product__bank=by.bank, product__code=code)
        version = offered.select_related("product").first()
        if version is None:
            raise ValidationError({"product": [_("本行没有在售的这款产品。")]})
    approval = Approval(
        *(given["amount_fen"], given["rate"], given["months"], version, given.get("method", "")),
        sure=given["sure"],
    )
    deciding.approve(loan, approval, by=by, at=timezone.now())


def _sign(loan: LoanApplication, given: dict[str, Any], by: BankActor) -> None:
    renews = None
    if number := given.get("renews"):
        renews = LoanApplication.objects.visible_to(by).filter(number=number).first()
        if renews is None:
            raise ValidationError({"renews": [_("没有这笔贷款。")]})
    deciding.sign(loan, given["bank_number"], given["on"], by=by, at=timezone.now(), renews=renews)
