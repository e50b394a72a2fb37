"""Users of django-phonenumber-field, in an app of their own: the package may be missing."""

from phonenumber_field.modelfields import PhoneNumberField

from tests.hosts.models import ProjectUser


class NumberFieldUser(ProjectUser):
    """Logs in with a phone number."""

    phone = PhoneNumberField(unique=True)

    USERNAME_FIELD = "phone"
