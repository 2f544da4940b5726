"""Addresses of the API of policies, below `/api/`."""

from rest_framework.routers import SimpleRouter

from policies.api import PolicyViewSet

router = SimpleRouter()
router.register("policies", PolicyViewSet, basename="api_policy")
urlpatterns = router.urls
