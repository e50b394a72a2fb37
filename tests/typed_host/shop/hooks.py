"""What the keys of ``DING`` name."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User
from django.http import HttpRequest
from rest_framework.request import Request

from django_ding import services
from django_ding.api.tokens import authtoken
from django_ding.backends.types import LookupResponse
from django_ding.models import Authentication
from django_ding.services import get_device_signals, make_step_up_proof


def create_user(authentication: Authentication) -> User:
    return User.objects.create_user(f"guest-{authentication.public_id.hex}", password="set by the shop")


def issue(request: Request, user: User) -> dict[str, Any]:
    return authtoken(request, user) | {"name": user.get_username(), "proof": make_step_up_proof(user)}


def device_signals(request: HttpRequest | Request) -> Mapping[str, str]:
    return {**get_device_signals(request), "ja4_fingerprint": request.headers.get("X-JA4-Fingerprint", "")}


def only_known_networks(lookup: LookupResponse, purpose: str) -> bool:
    return purpose == "signup" or lookup.carrier is not None


def has_stepped_up(request: HttpRequest | Request) -> bool:
    return is_staff(request.user) or services.has_stepped_up(request)


def is_staff(user: AbstractBaseUser | Any) -> bool:
    return isinstance(user, User) and user.is_staff
