"""REST framework: the endpoints as the project changes them, and permissions."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from django_ding.api.account_views import PhoneNumberListView, StepUpView
from django_ding.api.permissions import IsPhoneVerified
from django_ding.api.serializers import PhoneAuthenticationSerializer, SendCodeSerializer
from django_ding.api.views import CheckView, LoginCheckView, SendView
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import claim, verify_proof


class CaptchaSerializer(SendCodeSerializer):
    captcha = serializers.CharField(write_only=True)

    def validate_captcha(self, value: str) -> str:
        if value != "passed":
            raise serializers.ValidationError("Try again.")
        return value


class ShopAuthenticationSerializer(PhoneAuthenticationSerializer):
    country = serializers.CharField(read_only=True)

    class Meta(PhoneAuthenticationSerializer.Meta):
        fields = [*PhoneAuthenticationSerializer.Meta.fields, "country"]


class CaptchaSendView(SendView):
    serializer_class = CaptchaSerializer
    response_serializer_class = ShopAuthenticationSerializer
    throttle_classes = [UserRateThrottle]

    def get_send_kwargs(self, validated_data: dict[str, Any]) -> dict[str, Any]:
        return super().get_send_kwargs(validated_data) | {"region": "GB"}


class ShopCheckView(CheckView):
    permission_classes = [IsAuthenticated]

    def has_access(self, authentication: Authentication) -> bool:
        return super().has_access(authentication) and authentication.country == "FR"

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().post(request, *args, **kwargs)
        response["X-Shop"] = "open"
        return response


class ShopLoginCheckView(LoginCheckView):
    max_body_bytes = 1024


class NumberSerializer(serializers.Serializer[PhoneNumber]):
    phone_number = serializers.CharField()


class NumbersView(PhoneNumberListView):
    permission_classes = [IsAuthenticated]
    serializer_class = NumberSerializer


class LaxStepUpView(StepUpView):
    throttle_classes = []


class TransferView(APIView):
    permission_classes = [IsAuthenticated, IsPhoneVerified]

    def post(self, request: Request) -> Response:
        return Response({"status": "done"})


class LimitsView(APIView):
    permission_classes = [IsAuthenticated, IsPhoneVerified.within(timedelta(days=90))]


class RecentlyVerified(IsPhoneVerified):
    max_age = timedelta(days=1)

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view)


class ProofSerializer(serializers.Serializer[Any]):
    proof = serializers.CharField()


class SignUpView(APIView):
    """Link the number that an anonymous visitor has verified before."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        serializer = ProofSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        authentication = verify_proof(serializer.validated_data["proof"])
        number = claim(authentication, user=request.user)
        return Response({"phone_number": number.phone_number})
