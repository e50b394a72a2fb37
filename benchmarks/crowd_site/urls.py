"""This app's REST API, the same service in a project's own asynchronous view, and a view without anything."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from django_ding.services import asend


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare")


async def send(request: HttpRequest) -> HttpResponse:
    body = json.loads(request.body)
    result = await asend(body["phone_number"], purpose=body["purpose"], request=request)
    return JsonResponse({"id": str(result.authentication.public_id)}, status=201)


urlpatterns = [
    path("bare/", bare),
    path("asend/", send),
    path("api/phone/", include("django_ding.api.urls")),
]
