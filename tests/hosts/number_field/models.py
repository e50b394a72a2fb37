"""Users of django-phonenumber-field, in an app of their own: the package may be missing."""

from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from tests.hosts.models import ProjectUser


class NumberFieldUser(ProjectUser):
    """Logs in with a phone number."""

    phone = PhoneNumberField(unique=True)

    USERNAME_FIELD = "phone"

    class Meta:
        swappable = "AUTH_USER_MODEL"


class MobileNumberFieldUser(ProjectUser):
    """Has the phone number in a field."""

    username = models.CharField(max_length=150, unique=True)
    mobile = PhoneNumberField(unique=True, null=True, blank=True)

    USERNAME_FIELD = "username"

    class Meta:
        swappable = "AUTH_USER_MODEL"
