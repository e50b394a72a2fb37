from django.urls import include, path

urlpatterns = [path("api/phone/", include("django_ding.api.urls"))]
