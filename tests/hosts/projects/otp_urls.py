from django.http import HttpResponse
from django.urls import include, path
from django_otp.decorators import otp_required

from tests.hosts.project_urls import urlpatterns


@otp_required
def vault(request):
    return HttpResponse("for verified users")


urlpatterns = [
    path("", include("accounts.urls")),
    path("vault/", vault),
    *(pattern for pattern in urlpatterns if not str(pattern.pattern).startswith("admin/")),
]
