"""What the API of appeals takes and gives."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from appeals.enums import Satisfaction, Secrecy
from appeals.filing import MOST_TEXT
from appeals.models import Appeal, Attachment, Category
from appeals.portal.story import Story
from portal.accounts.models import Department


class FilingSerializer(serializers.Serializer[Appeal]):
    """What is filed; `about` (code of the department complained of) makes it a complaint.

    `enterprise` may be left out by those who use a key, which is of one enterprise.
    """

    enterprise = serializers.IntegerField(required=False)
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

    category = serializers.SlugRelatedField[Category](slug_field="key", read_only=True, allow_null=True)
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


class AnswerSerializer(serializers.Serializer[Any]):
    """What was answered, with what was promised by when."""

    outcome = serializers.CharField()
    text = serializers.CharField(source="answer")
    promise = serializers.CharField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)


class EventSerializer(serializers.Serializer[Any]):
    """Something that happened in public."""

    at = serializers.DateTimeField()
    what = serializers.CharField(source="label")
    comment = serializers.CharField()


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file with the appeal; `url` hands it out."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ["id", "name", "added_at", "url"]

    def get_url(self, attachment: Attachment) -> str:
        """Path of the file below this site."""
        return reverse("api_appeal-file", args=[self.context["number"], attachment.pk])


class StorySerializer(serializers.Serializer[Story]):
    """As the enterprise's own page tells it."""

    words = serializers.CharField()
    holder = serializers.CharField(source="holder.holder", default=None, allow_null=True)
    question = serializers.CharField(source="asked")
    advice = serializers.CharField()
    deadlines = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()
    events = EventSerializer(source="happenings", many=True)
    attachments = serializers.SerializerMethodField()

    def get_deadlines(self, story: Story) -> list[dict[str, Any]]:
        """What waits to be done until when."""
        return [
            {
                "for": what,
                "due_at": clock.due_at,
                "paused": clock.paused_at is not None,
                "provisional": clock.provisional,
            }
            for clock, what in story.clocks
        ]

    def get_answers(self, story: Story) -> list[dict[str, Any]]:
        """The newest first."""
        return list(AnswerSerializer([order for order, *_rest in story.answered], many=True).data)

    def get_attachments(self, story: Story) -> list[dict[str, Any]]:
        """What the enterprise may open."""
        context = {"number": story.appeal.number}
        return list(AttachmentSerializer(story.attachments, many=True, context=context).data)


class AppealDetailSerializer(AppealSerializer):
    """With its words, who holds it, its answers and what happened in public."""

    story = serializers.SerializerMethodField()

    class Meta(AppealSerializer.Meta):
        fields = [*AppealSerializer.Meta.fields, "text", "contact_name", "contact_phone", "place", "story"]

    def get_story(self, appeal: Appeal) -> dict[str, Any]:
        """As the enterprise's own page tells it."""
        return dict(StorySerializer(Story.of(appeal)).data)


class WordsSerializer(serializers.Serializer[Any]):
    """A text: what is supplemented, replied, or why."""

    text = serializers.CharField(max_length=1000)


class RatingSerializer(serializers.Serializer[Any]):
    """What the enterprise says of the answer; dissatisfied opens another round."""

    satisfaction = serializers.ChoiceField(
        choices=Satisfaction.choices, error_messages={"invalid_choice": _("请选择满意度。")}
    )
    solved = serializers.BooleanField()
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class FileSerializer(serializers.Serializer[Any]):
    """A photograph or document: JPEG, PNG, PDF, OFD, DOCX, XLSX up to 20 MB."""

    file = serializers.FileField()


class NothingSerializer(serializers.Serializer[Any]):
    """Nothing needs to be said."""
