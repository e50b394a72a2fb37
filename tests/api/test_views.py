"""What a project may override, and which settings of Django and REST framework leave the endpoints as they are."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory, force_authenticate

from django_ding.api import views
from django_ding.api.serializers import (
    CheckCodeSerializer,
    PhoneAuthenticationSerializer,
    SendCodeSerializer,
    format_utc,
)
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import send

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
WRONG = "000000"


@pytest.fixture
def call(user):
    """Call a view as Alice; ``user=None`` for an anonymous caller."""

    def call(view_class, body=None, *, method="post", user=user, **kwargs):
        request = getattr(APIRequestFactory(), method)("/", body, format="json")
        force_authenticate(request, user)
        return view_class.as_view()(request, **kwargs)

    return call


# Overriding


class Captcha(SendCodeSerializer):
    captcha = serializers.CharField()
    caller = serializers.HiddenField(default=serializers.CurrentUserDefault())

    def validate(self, attrs):
        if attrs["captcha"] != f"{attrs['caller']} is no robot":
            raise serializers.ValidationError({"captcha": "Try again."})
        return super().validate(attrs)


class CaptchaSendView(views.SendView):
    serializer_class = Captcha


def test_serializer_class_is_honoured(call, user, other_user, phone):
    for caller in (user, other_user):
        body = {"phone_number": phone, "captcha": "alice is no robot"}
        response = call(CaptchaSendView, body, user=caller)
        assert response.status_code == (201 if caller == user else 400)
    assert response.data["errors"] == {"captcha": ["Try again."]}
    assert "captcha" in call(CaptchaSendView, {"phone_number": phone}).data["errors"]


class Country(PhoneAuthenticationSerializer):
    class Meta(PhoneAuthenticationSerializer.Meta):
        fields = [*PhoneAuthenticationSerializer.Meta.fields, "country"]


class CountrySendView(views.SendView):
    response_serializer_class = Country


class CountryView(views.AuthenticationView):
    serializer_class = Country


def test_response_may_say_more(call, phone):
    response = call(CountrySendView, {"phone_number": phone})
    assert response.data["country"] == "FR"
    assert call(CountryView, method="get", public_id=response.data["id"]).data["country"] == "FR"


class BritishSendView(views.SendView):
    def get_send_kwargs(self, validated_data):
        return {**super().get_send_kwargs(validated_data), "region": "GB"}


def test_arguments_of_send_may_be_changed(call):
    assert call(BritishSendView, {"phone_number": "07400 123456"}).data["phone_number"] == "+447400123456"


class IsBob(BasePermission):
    message = "Bob only."

    def has_object_permission(self, request, view, obj):
        return request.user.username == "bob"


class BobsCheckView(views.CheckView):
    permission_classes = [IsBob]


def test_permissions_are_added_to_who_has_access(call, user, other_user, phone):
    """A project that sets its own doesn't open the authentications of others by it."""
    alices, bobs = (
        send(phone, user=user).authentication.public_id,
        send("+447400123456", user=other_user).authentication.public_id,
    )
    asked = [(user, alices), (user, bobs), (other_user, alices), (other_user, bobs)]
    answers = [call(BobsCheckView, {"code": WRONG}, user=who, public_id=str(which)) for who, which in asked]
    assert [answer.status_code for answer in answers] == [403, 404, 404, 400]
    assert answers[0].data["detail"] == "Bob only."


class SupportView(views.AuthenticationView):
    def has_access(self, authentication):
        return self.request.user.is_staff or super().has_access(authentication)


def test_access_may_be_widened(call, user, other_user, phone):
    public_id = str(send(phone, user=user).authentication.public_id)
    assert call(SupportView, method="get", user=other_user, public_id=public_id).status_code == 404
    other_user.is_staff = True
    assert call(SupportView, method="get", user=other_user, public_id=public_id).status_code == 200


class PatientSendView(views.SendView):
    def get_serializer(self, *args, **kwargs):
        serializer = super().get_serializer(*args, **kwargs)
        serializer.fields["phone_number"].required = False
        serializer.fields.pop("locale")
        return serializer


def test_fields_of_a_serializer_are_its_own(call, phone):
    """One that a view changes is not the one that another view gets."""
    assert call(PatientSendView, {"phone_number": phone, "locale": 7}).status_code == 201
    response = call(views.SendView, {"locale": 7})
    assert set(response.data["errors"]) == {"phone_number", "locale"}


def test_partial_serializers_are_partial():
    serializer = CheckCodeSerializer(data={}, partial=True)
    assert serializer.is_valid()
    assert not CheckCodeSerializer(data={}).is_valid()


# Settings of the project


@pytest.fixture
def rest_framework(monkeypatch):
    """Set REST framework's defaults as a project does; its views read them when they are defined."""

    def rest_framework(**defaults):
        with override_settings(REST_FRAMEWORK=defaults):
            class_defaults = {
                "pagination_class": "DEFAULT_PAGINATION_CLASS",
                "filter_backends": "DEFAULT_FILTER_BACKENDS",
            }
            for attribute, name in class_defaults.items():
                monkeypatch.setattr("rest_framework.generics.GenericAPIView." + attribute, getattr(api_settings, name))

    return rest_framework


class Nothing:
    def filter_queryset(self, request, queryset, view):
        return queryset.none()


class OneAtATime(PageNumberPagination):
    page_size = 1


def test_lists_are_not_paginated_or_filtered(rest_framework, member, user):
    rest_framework(DEFAULT_PAGINATION_CLASS=f"{__name__}.OneAtATime", DEFAULT_FILTER_BACKENDS=[f"{__name__}.Nothing"])
    for n in range(2):
        PhoneNumber.objects.create(user=user, phone_number=f"+1202555010{n}")
    assert len(member.get("/api/phone/phone-numbers/").json()) == 2


urlpatterns = [path("<slug:tenant>/api/", include("django_ding.api.urls"))]


@pytest.mark.urls(__name__)
def test_urls_may_have_arguments(clock, member, phone, outbox):
    url = "/acme/api/authentications/"
    public_id = member.post(url, {"phone_number": phone}).json()["id"]
    assert member.get(f"{url}{public_id}/").status_code == 200
    clock.shift(30)
    assert member.post(f"{url}{public_id}/retry/").status_code == 200
    assert member.post(f"{url}{public_id}/check/", {"code": outbox[-1].code}).status_code == 200
    (number,) = member.get("/acme/api/phone-numbers/").json()
    assert member.post(f"/acme/api/phone-numbers/{number['id']}/make-primary/").status_code == 200
    assert member.delete(f"/acme/api/phone-numbers/{number['id']}/").status_code == 204


@pytest.mark.parametrize("output_format", ["%d.%m.%Y", None])
def test_times_do_not_depend_on_a_format(clock, member, phone, outbox, output_format):
    with override_settings(REST_FRAMEWORK={"DATETIME_FORMAT": output_format}, TIME_ZONE="Asia/Kolkata"):
        body = member.post(URL, {"phone_number": phone}).json()
        clock.shift(30)
        retried = member.post(f"{URL}{body['id']}/retry/").json()
        checked = member.post(f"{URL}{body['id']}/check/", {"code": outbox[-1].code}).json()
        (number,) = member.get("/api/phone/phone-numbers/").json()
    assert [body[name] for name in ("created_at", "expires_at", "next_retry_at")] == [
        "2026-06-01T12:00:00Z",
        "2026-06-01T12:10:00Z",
        "2026-06-01T12:00:30Z",
    ]
    assert retried["next_retry_at"] == "2026-06-01T12:01:00Z"
    assert checked["validated_at"] == number["verified_at"] == "2026-06-01T12:00:30Z"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC),
        datetime(2026, 6, 1, 17, 30, 0, 250_000, tzinfo=ZoneInfo("Asia/Kolkata")),
        datetime(2026, 6, 1, 17, 30, 0, 250_000),
    ],
)
def test_times_are_utc(moment):
    """Also where the project has no time zones, and the times are of its ``TIME_ZONE``."""
    with override_settings(USE_TZ=False, TIME_ZONE="Asia/Kolkata"):
        assert format_utc(moment) == "2026-06-01T12:00:00.250000Z"


def test_times_are_utc_without_time_zones(clock, member, user, phone):
    with override_settings(USE_TZ=False, TIME_ZONE="Asia/Kolkata"):
        row = Authentication.objects.create(user=user, phone_number=phone, expires_at=datetime(2026, 6, 1, 17, 40))
        body = member.get(f"{URL}{row.public_id}/").json()
    assert (body["created_at"], body["expires_at"]) == ("2026-06-01T12:00:00Z", "2026-06-01T12:10:00Z")


def test_channel_is_null_when_unknown(member, phone):
    url = f"{URL}{member.post(URL, {'phone_number': phone}).json()['id']}/"
    for channel, shown in {"": None, "unknown": None, "sms": "sms"}.items():
        Authentication.objects.update(channel=channel)
        assert member.get(url).json()["channel"] == shown


def test_browsable_api_shows_the_endpoints(member, phone, settings):
    for method, path_, body in [
        ("post", URL, {"phone_number": phone}),
        ("post", URL, {}),
        ("get", "/api/phone/phone-numbers/", None),
        ("get", URL, None),
    ]:
        response = getattr(member, method)(path_, body, headers={"Accept": "text/html"})
        assert response["Content-Type"].startswith("text/html")
        assert response.status_code in (201, 200, 400, 405)
