"""The endpoints of a signed-in user: their numbers, their devices, and to confirm that it is them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from django_ding import services
from django_ding.api.base import DingView, SerializerClass
from django_ding.api.responses import send_response
from django_ding.api.serializers import (
    RememberedDeviceSerializer,
    StepUpSerializer,
    VerifiedPhoneNumberSerializer,
)
from django_ding.api.views import SendView
from django_ding.models import Authentication, PhoneNumber, RememberedDevice


class StepUpView(SendView):
    """Confirm that it is still the user, before their numbers change."""

    permission_classes = [IsAuthenticated]
    serializer_class: SerializerClass = StepUpSerializer

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Check the password and return a `proof`, or send a code to one of the user's numbers. Its check returns it.

        Send the proof in the header `Step-Up-Proof` when you add, remove or change a number. With a session cookie it
        isn't needed: the session remembers the confirmation.
        """
        data = self.get_validated_data()
        if "password" in data:
            return Response({"proof": services.step_up_by_password(request, data["password"])})
        return send_response(services.send(**self.get_send_kwargs(data)), self.response_serializer_class)

    def get_send_kwargs(self, validated_data: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of ``services.send`` for a code to the user's own number."""
        number = self.get_phone_number(validated_data.get("phone_number_id"))
        return super().get_send_kwargs({**validated_data, "phone_number": number.phone_number})

    def get_purpose(self, purpose: str | None) -> str:
        """Return the only purpose."""
        return Authentication.Purpose.STEP_UP

    def get_phone_number(self, public_id: Any) -> PhoneNumber:
        """Return the number of this id, by default the primary one.

        :raises NotFound: when the user has no such number.
        """
        if public_id is None:
            number = services.primary_number(self.user)
        else:
            number = PhoneNumber.write_db.of_user(self.user).filter(public_id=public_id).first()
        if number is None:
            raise NotFound
        return number


class SinglePhoneNumberView(DingView):
    """Base class of the endpoints of the signed-in user's numbers."""

    permission_classes = [IsAuthenticated]
    lookup_field = "public_id"
    serializer_class: SerializerClass = VerifiedPhoneNumberSerializer

    def get_queryset(self) -> QuerySet[PhoneNumber]:
        """Return the numbers of the user."""
        return PhoneNumber.write_db.of_user(self.user)


class PhoneNumberListView(SinglePhoneNumberView):
    """List the user's verified numbers."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the user's verified numbers, the primary one first."""
        return Response(self.get_serializer(self.filter_queryset(self.get_queryset()), many=True).data)


class PhoneNumberView(SinglePhoneNumberView):
    """Remove a number."""

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove the number from the account. The oldest remaining number becomes the primary one, if it was."""
        number = self.get_object()
        self.check_step_up()
        services.remove_number(number, by_owner=True)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MakePrimaryView(SinglePhoneNumberView):
    """Make a number the primary one."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make the number the primary one, in place of the former one."""
        number = self.get_object()
        self.check_step_up()
        return Response(self.get_serializer(services.make_primary(number)).data)


class SingleDeviceView(DingView):
    """Base class of the endpoints of the signed-in user's remembered devices."""

    permission_classes = [IsAuthenticated]
    lookup_field = "public_id"
    serializer_class: SerializerClass = RememberedDeviceSerializer

    def get_queryset(self) -> QuerySet[RememberedDevice]:
        """Return the valid devices of the user."""
        return services.get_devices(self.user)


class DeviceListView(SingleDeviceView):
    """List the user's remembered devices."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the devices that need no second factor, the newest first."""
        return Response(self.get_serializer(self.filter_queryset(self.get_queryset()), many=True).data)


class DeviceView(SingleDeviceView):
    """Forget a device."""

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Forget the device. Its next login needs a code."""
        services.forget_device(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
