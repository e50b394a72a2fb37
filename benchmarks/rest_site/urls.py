"""Both sites in one, so that everything else is the same."""

from django.urls import include, path

from benchmarks.rest_site import floor

urlpatterns = [
    path("floor/", floor.SendView.as_view()),
    path("floor/<uuid:pk>/", floor.RetrieveView.as_view()),
    path("floor/<uuid:pk>/check/", floor.CheckView.as_view()),
    path("api/phone/", include("django_ding.api.urls")),
    path("phone/", include("django_ding.login.urls")),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
]
