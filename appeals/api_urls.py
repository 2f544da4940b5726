"""Addresses of the API of appeals, below `/api/`."""

from rest_framework.routers import SimpleRouter

from appeals.api.views import AppealViewSet

router = SimpleRouter()
router.register("appeals", AppealViewSet, basename="api_appeal")
urlpatterns = router.urls
