"""File, follow, and do what an enterprise does with its appeals, by session, token or key.

Filing wants the header `Idempotency-Key`: the same key again answers 200 with what was filed the first time,
409 when the words are others. A step that the appeal does not take as it stands is 409 with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from appeals import filing, handling, surveying
from appeals.api import serializers as words
from appeals.api.filters import AppealFilter
from appeals.enums import Source
from appeals.filing import Filing, file_appeal
from appeals.models import Appeal, Attachment
from appeals.portal.steps import check_may_add
from appeals.portal.story import Story
from enterprises.actors import Actor, get_actor
from enterprises.keys import KeyAuthentication, KeyScope, KeyThrottle
from enterprises.models import ApiKey, Enterprise
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.kernel.api import (
    IDEMPOTENCY,
    KeyReused,
    Pages,
    Refused,
    files_of_one,
    idempotency_key,
    one_file,
)
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError

Work = Callable[[Story, dict[str, Any], User], object]


def step(summary: str, given: type[serializers.Serializer[Any]]) -> Callable[[Any], Any]:
    """A step by POST: documented with what it takes, answering how the appeal stands afterwards."""

    def decorate(view: Any) -> Any:
        documented = extend_schema(
            summary=summary, request=given, responses={200: words.AppealDetailSerializer}
        )
        return documented(action(detail=True, methods=["post"], filterset_class=None)(view))

    return decorate


@extend_schema_view(
    list=extend_schema(summary="Appeals of the enterprises one acts for"),
    retrieve=extend_schema(summary="One of them, as its page tells it"),
)
class AppealViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Appeal]):
    """File and follow; another enterprise's appeal is 404."""

    queryset = Appeal.objects.none()
    serializer_class = words.AppealSerializer
    pagination_class = Pages
    lookup_field = "number"
    lookup_value_regex = "[A-Z0-9-]+"
    authentication_classes = [KeyAuthentication, SessionAuthentication, TokenAuthentication]
    permission_classes = [IsAuthenticated, KeyScope]
    throttle_classes = [KeyThrottle]
    filter_backends = [DjangoFilterBackend]
    filterset_class = AppealFilter

    def get_queryset(self) -> QuerySet[Appeal]:
        key = self.request.auth
        if isinstance(key, ApiKey):
            mine: QuerySet[Enterprise] = Enterprise.objects.filter(pk=key.enterprise_id)
        else:
            mine = Enterprise.objects.visible_to(signed_in(self.request))
        return Appeal.objects.filter(enterprise__in=mine).select_related("category").order_by("-pk")

    def get_serializer_class(self) -> type[words.AppealSerializer]:
        return words.AppealDetailSerializer if self.action == "retrieve" else words.AppealSerializer

    @extend_schema(
        summary="File an appeal",
        request=words.FilingSerializer,
        responses={200: words.AppealSerializer, 201: words.AppealSerializer},
        parameters=[IDEMPOTENCY],
    )
    def create(self, request: Request) -> Response:
        """201 with what was filed; 200 when the key was used for it before."""
        key = idempotency_key(request)
        given = words.FilingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        actor = self._actor(said.pop("enterprise", None))
        known = Appeal.objects.all().of(actor).filter(idempotency_key=key).exists()
        try:
            filed = Filing(**said)
            appeal = file_appeal(actor.enterprise, filed, by=actor.user, source=Source.API, key=key)
        except DomainError as error:
            raise ValidationError({"detail": str(error), "code": error.code}) from error
        if (appeal.title, appeal.text) != (filed.title.strip(), filed.text.strip()):
            raise KeyReused
        return Response(words.AppealSerializer(appeal).data, status=200 if known else 201)

    @extend_schema(
        summary="What happened in public, the newest first", responses=words.EventSerializer(many=True)
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def events(self, request: Request, number: str) -> Response:
        """All of it: an appeal has dozens, not thousands."""
        story = Story.of(self.get_object())
        return Response(words.EventSerializer(story.happenings, many=True).data)

    @files_of_one(words.AttachmentSerializer, words.FileSerializer)
    def attachments(self, request: Request, number: str) -> Response:
        """Those that the enterprise may open; the bytes of a new one say what it is."""
        story = Story.of(self.get_object())
        context = {"number": number}
        if request.method == "GET":
            return Response(words.AttachmentSerializer(story.attachments, many=True, context=context).data)
        given = words.FileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            check_may_add(story)
            kept = filing.attach(story.appeal, given.validated_data["file"], by=signed_in(request))
        except DomainError as error:
            raise Refused(error) from error
        kept.refresh_from_db(fields=["added_at"])
        return Response(words.AttachmentSerializer(kept, context=context).data, status=201)

    @one_file("attachments")
    def file(self, request: Request, number: str, pk: str) -> FileResponse:
        """The file itself."""
        files = Attachment.objects.filter(appeal=self.get_object(), public=True)
        kept = get_object_or_404(files, pk=pk)
        return hand_out(kept.file, kept.name)

    @step("Answer what the desk asked", words.WordsSerializer)
    def supplement(self, request: Request, number: str) -> Response:
        """The receive clock goes on."""
        return self._take(
            words.WordsSerializer, lambda s, g, by: filing.supplement(s.appeal, g["text"], by=by)
        )

    @step("Answer what the holder asked", words.WordsSerializer)
    def reply(self, request: Request, number: str) -> Response:
        """The holder's clock goes on."""
        return self._take(words.WordsSerializer, lambda s, g, by: handling.reply(_lead(s), g["text"], by=by))

    @step("Chase, once", words.NothingSerializer)
    def chase(self, request: Request, number: str) -> Response:
        """The holder and the desk are told."""
        return self._take(words.NothingSerializer, lambda s, g, by: filing.chase(s.appeal, by=by))

    @step("Rate the answer", words.RatingSerializer)
    def rate(self, request: Request, number: str) -> Response:
        """Dissatisfied once: a second handling; twice: supervision."""
        return self._take(words.RatingSerializer, _rate)

    @step("Ask for it to be taken up again", words.WordsSerializer)
    def reopen(self, request: Request, number: str) -> Response:
        """A closed appeal, in a new round."""
        return self._take(
            words.WordsSerializer, lambda s, g, by: surveying.reopen(s.appeal, g["text"], by=by)
        )

    @step("Take it back", words.WordsSerializer)
    def withdraw(self, request: Request, number: str) -> Response:
        """As long as it is not answered."""
        return self._take(words.WordsSerializer, lambda s, g, by: filing.withdraw(s.appeal, g["text"], by=by))

    def _take(self, takes: type[serializers.Serializer[Any]], work: Work) -> Response:
        appeal = self.get_object()
        given = takes(data=self.request.data)
        given.is_valid(raise_exception=True)
        try:
            work(Story.of(appeal), given.validated_data, signed_in(self.request))
        except DomainError as error:
            raise Refused(error) from error
        return Response(words.AppealDetailSerializer(self.get_object()).data)

    def _actor(self, enterprise: int | None) -> Actor:
        """Whom one files for: the key's enterprise, or the one named. 404 for another's."""
        key = self.request.auth
        if isinstance(key, ApiKey):
            enterprise = key.enterprise_id if enterprise in (None, key.enterprise_id) else 0
        elif enterprise is None:
            raise ValidationError({"enterprise": ["该字段是必填项。"]})
        return get_actor(signed_in(self.request), enterprise or 0)


def _lead(story: Story) -> Any:
    if story.lead is None:
        raise DomainError("诉求状态已变化，请重新查询。", code="changed")
    return story.lead


def _rate(story: Story, given: dict[str, Any], by: User) -> None:
    surveying.survey(_lead(story), given["satisfaction"], given["solved"], given["comment"], by=by)
