"""API to file an appeal and to follow one's own, for the systems of an enterprise.

Filing wants the header `Idempotency-Key`: the same key again answers 200 with what was filed the first time,
409 when the words are others.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from appeals.enums import Secrecy, Source
from appeals.filing import MOST_TEXT, Filing, file_appeal
from appeals.models import Appeal, Category
from appeals.portal.story import Story
from enterprises.actors import get_actor
from enterprises.models import Enterprise
from portal.accounts.models import Department
from portal.accounts.requests import signed_in
from portal.kernel.errors import DomainError

LONGEST_KEY: Final = 60


class KeyReused(APIException):
    """The same key with other words: two things that were meant to be one, or one key too few."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "Idempotency-Key 已用于另一件诉求。"
    default_code = "key_reused"


class FilingSerializer(serializers.Serializer[Appeal]):
    """What is filed; `about` (code of the department complained of) makes it a complaint."""

    enterprise = serializers.IntegerField()
    title = serializers.CharField(max_length=80)
    text = serializers.CharField(max_length=MOST_TEXT)
    contact_name = serializers.CharField(max_length=50)
    contact_phone = serializers.CharField(max_length=30)
    category = serializers.SlugRelatedField(
        slug_field="key", queryset=Category.objects.filter(active=True), required=False
    )
    place = serializers.CharField(max_length=100, required=False)
    urgent = serializers.BooleanField(required=False)
    secrecy = serializers.ChoiceField(choices=Secrecy.choices, required=False)
    about = serializers.SlugRelatedField(slug_field="code", queryset=Department.objects.all(), required=False)
    anonymous = serializers.BooleanField(required=False)


class AppealSerializer(serializers.ModelSerializer[Appeal]):
    """How an appeal stands, in a word and as the database's key."""

    category = serializers.SlugRelatedField[Category](slug_field="key", read_only=True)
    status_words = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Appeal
        fields = [
            "number",
            "enterprise",
            "title",
            "category",
            "urgent",
            "source",
            "status",
            "status_words",
            "round",
            "submitted_at",
        ]


class AppealDetailSerializer(AppealSerializer):
    """With its words, who holds it, its answers and what happened in public."""

    story = serializers.SerializerMethodField()

    class Meta(AppealSerializer.Meta):
        fields = [*AppealSerializer.Meta.fields, "text", "contact_name", "contact_phone", "place", "story"]

    def get_story(self, appeal: Appeal) -> dict[str, Any]:
        """As the enterprise's own page tells it."""
        story = Story.of(appeal)
        holder = story.holder
        return {
            "words": story.words,
            "holder": holder.holder if holder else None,
            "question": story.asked,
            "deadlines": [
                {
                    "for": what,
                    "due_at": clock.due_at,
                    "paused": clock.paused_at is not None,
                    "provisional": clock.provisional,
                }
                for clock, what in story.clocks
            ],
            "answers": [
                {
                    "outcome": order.outcome,
                    "text": order.answer,
                    "promise": order.promise,
                    "due_on": order.due_on,
                }
                for order, _outcome, _colour in story.answered
            ],
            "events": [{"at": one.at, "what": one.label, "comment": one.comment} for one in story.happenings],
        }


class Pages(PageNumberPagination):
    """Pages of 20, up to 100 on request."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


@extend_schema_view(
    list=extend_schema(summary="Appeals of the enterprises one acts for"),
    retrieve=extend_schema(summary="One of them, as its page tells it"),
)
class AppealViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Appeal]):
    """File and follow; another enterprise's appeal is 404."""

    queryset = Appeal.objects.none()
    serializer_class = AppealSerializer
    pagination_class = Pages
    lookup_field = "number"
    lookup_value_regex = "[A-Z0-9-]+"
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Appeal]:
        mine = Enterprise.objects.visible_to(signed_in(self.request))
        return Appeal.objects.filter(enterprise__in=mine).select_related("category").order_by("-pk")

    def get_serializer_class(self) -> type[AppealSerializer]:
        return AppealDetailSerializer if self.action == "retrieve" else AppealSerializer

    @extend_schema(
        summary="File an appeal",
        request=FilingSerializer,
        responses={200: AppealSerializer, 201: AppealSerializer},
        parameters=[
            OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True)
        ],
    )
    def create(self, request: Request) -> Response:
        """201 with what was filed; 200 when the key was used for it before."""
        key = request.headers.get("Idempotency-Key", "").strip()
        if not 0 < len(key) <= LONGEST_KEY:
            raise ValidationError({"Idempotency-Key": f"必填，最多 {LONGEST_KEY} 个字符。"})
        given = FilingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        words = dict(given.validated_data)
        actor = get_actor(signed_in(request), words.pop("enterprise"))
        known = Appeal.objects.all().of(actor).filter(idempotency_key=f"api:{key}").exists()
        try:
            filing = Filing(**words)
            appeal = file_appeal(actor.enterprise, filing, by=actor.user, source=Source.API, key=f"api:{key}")
        except DomainError as error:
            raise ValidationError({"detail": str(error), "code": error.code}) from error
        if (appeal.title, appeal.text) != (filing.title.strip(), filing.text.strip()):
            raise KeyReused
        return Response(AppealSerializer(appeal).data, status=200 if known else 201)
