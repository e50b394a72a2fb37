from django.urls import include, path

urlpatterns = [path("ding/webhooks/", include("django_ding.webhooks.urls"))]
