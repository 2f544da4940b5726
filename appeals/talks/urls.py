"""Addresses of talks."""

from django.urls import path

from appeals.talks import firm, views

urlpatterns = [
    path("desk/<int:department>/talks/", views.listing, name="desk_talks"),
    path("desk/<int:department>/talks/follow/", views.follow_up, name="desk_talks_follow"),
    path("desk/<int:department>/talks/new/", views.edit, name="desk_talk_new"),
    path("desk/<int:department>/talks/<int:pk>/", views.talk, name="desk_talk"),
    path("desk/<int:department>/talks/<int:pk>/edit/", views.edit, name="desk_talk_edit"),
    path("desk/<int:department>/talks/<int:pk>/all/", views.hand_over_all, name="desk_talk_all"),
    path("desk/<int:department>/talks/<int:pk>/<slug:name>/", views.step, name="desk_talk_step"),
    path("desk/<int:department>/talks/<int:pk>/topics/<int:topic>/note/", views.note, name="desk_topic_note"),
    path(
        "desk/<int:department>/talks/<int:pk>/topics/<int:topic>/over/",
        views.hand_over,
        name="desk_topic_over",
    ),
    path("e/<int:enterprise>/talks/", firm.listing, name="enterprise_talks"),
    path("e/<int:enterprise>/talks/<int:pk>/", firm.talk, name="enterprise_talk"),
    path("e/<int:enterprise>/talks/<int:pk>/answer/", firm.answer, name="enterprise_talk_answer"),
    path("e/<int:enterprise>/talks/<int:pk>/topic/", firm.topic, name="enterprise_talk_topic"),
    path(
        "e/<int:enterprise>/talks/<int:pk>/topics/<int:topic>/back/",
        firm.take_back,
        name="enterprise_topic_back",
    ),
]
