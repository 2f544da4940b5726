"""Addresses for the tests of requests."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View

from portal.kernel.http import writes_on_get
from tests.kernel.papers.models import Note


@login_not_required
def write(request):
    Note.objects.create(text="written")
    return HttpResponse("ok")


@login_not_required
def read(request):
    return HttpResponse(Note.objects.count())


@method_decorator([login_not_required, writes_on_get], name="dispatch")
class RecordedReading(View):
    def get(self, request):
        return write(request)


def private(request):
    return HttpResponse("private")


urlpatterns = [
    path("write/", write),
    path("read/", read),
    path("record/", writes_on_get(write)),
    path("recorded/", RecordedReading.as_view()),
    path("private/", private),
    path("", include("portal.urls")),
]
