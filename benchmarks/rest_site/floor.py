"""The minimum of a project's own code: no rate limits, no provider, no timeline, nothing that survives a crash."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_ding import phone


class Row(models.Model):
    """A requested code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    phone_number = models.CharField(max_length=16)
    status = models.CharField(max_length=16, default="pending")
    check_count = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "floor"

    def __str__(self) -> str:
        return self.status


class NumberSerializer(serializers.Serializer[Any]):
    phone_number = serializers.CharField(max_length=64)

    def validate_phone_number(self, typed: str) -> str:
        try:
            return phone.parse(typed)
        except phone.NotAPhoneNumber as error:
            raise ValidationError(error.reason) from None


class CodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=8)


class SendView(APIView):
    def post(self, request: Request) -> Response:
        serializer = NumberSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = Row.objects.create(**serializer.validated_data, expires_at=timezone.now() + timedelta(minutes=10))
        return Response(_body(row), status=201)


class RetrieveView(APIView):
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(_body(get_object_or_404(Row, pk=pk)))


class CheckView(APIView):
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        serializer = CodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        live = Row.objects.filter(pk=pk, status="pending", check_count__lt=5, expires_at__gt=timezone.now())
        counted = live.update(check_count=F("check_count") + 1)
        return Response({"id": str(pk), "status": "valid"}, status=200 if counted else 409)


def _body(row: Row) -> dict[str, Any]:
    return {"id": str(row.pk), "phone_number": row.phone_number, "status": row.status}
