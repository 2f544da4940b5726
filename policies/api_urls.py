"""Addresses of the API of policies and of applying for them, below `/api/`."""

from rest_framework.routers import SimpleRouter

from policies.api import PolicyViewSet
from policies.applying.api.views import ApplicationViewSet

router = SimpleRouter()
router.register("policies", PolicyViewSet, basename="api_policy")
router.register(r"e/(?P<enterprise>[0-9]{1,18})/applications", ApplicationViewSet, basename="api_application")
urlpatterns = router.urls
