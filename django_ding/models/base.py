"""What several models share: a masked phone number, and a manager that knows the database to write to."""

from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models, router
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from django_ding.models.functions import IsE164

_Model = TypeVar("_Model", bound=models.Model, covariant=True)


def write_alias() -> str:
    """Return the alias of the database that authentications are written to."""
    return router.db_for_write(_authentication_model())


@cache
def _authentication_model() -> type[models.Model]:
    """Return the model, which is defined later than this module."""
    return apps.get_model("django_ding", "Authentication")


def user_key(user_id: Any) -> str:
    """Return a user's primary key as the one text that it is counted and compared by, "" for ``None``.

    An instance keeps the value that it was given, such as the text of a UUID, until it is loaded anew. The key's field
    knows that both are the same.
    """
    if user_id is None:
        return ""
    try:
        return str(_user_pk_field().get_prep_value(user_id))
    except (TypeError, ValueError, ValidationError):  # For a user without a row, such as an API key's.
        return str(user_id)


@cache
def _user_pk_field() -> Any:
    return get_user_model()._meta.pk


def user_pk(user: Any) -> Any:
    """Return the primary key of a user, ``None`` for anything but a user of the project's model.

    REST framework's ``request.user`` may be anything. What was made of a token, such as simplejwt's ``TokenUser``, has
    the key as the token has it, often as text. A row of another model, such as an API key, is no user, whatever its own
    key is.

    :param user: a user, or the primary key.
    """
    if isinstance(user, models.Model):
        return user.pk if isinstance(user, _user_model()) else None
    field = _user_pk_field()
    try:
        key = field.to_python(getattr(user, "pk", None if hasattr(user, "is_authenticated") else user))
        # A number may be too large for the column, which databases don't take.
        field.run_validators(field.get_prep_value(key))
    except (TypeError, ValueError, ValidationError):
        return None
    return key


def load_user(user: Any) -> Any:
    """Return the row of a request's user, ``None`` if there is none: an anonymous visitor, an API key, a deleted user.

    One whom the default manager of the user model hides counts as deleted.

    The user's own instance is returned as it is.
    """
    model = _user_model()
    if isinstance(user, model):
        return user
    key = user_pk(user)
    # As Django's own get_user(): the default manager of a project may hide users, such as soft-deleted ones.
    return None if key is None else model._default_manager.using(write_alias()).filter(pk=key).first()


def _user_model() -> Any:
    return get_user_model()._meta.concrete_model  # A proxy's rows are those of its model.


def e164_constraint(*, name: str) -> models.CheckConstraint:
    """Return the constraint that ``phone_number`` is E.164."""
    return models.CheckConstraint(name=name, condition=IsE164(F("phone_number")))


class RequesterType(models.TextChoices):
    """Who requests a code, as far as they have shown it: each has limits and blocks of their own.

    What one stranger does by the hundred must not keep others from logging in (OWASP ASVS 5.0, 6.1.1).
    """

    VISITOR = "visitor", _("visitor")
    #: A visitor who wants to log in by number. Whether an account has the number makes no difference.
    LOGIN = "login", _("login by number")
    #: Has shown a password or a session.
    USER = "user", _("user")


class WriteManager(models.Manager[_Model]):
    """Rows of the database that authentications are written to.

    What was just written must be seen, so no service reads from a replica, which may lag behind. All of this app's rows
    are kept in one database, since they are changed together.
    """

    def get_queryset(self) -> Any:
        return super().get_queryset().using(write_alias())


class PhoneNumberModel(models.Model):
    """A row with a phone number, which its text and repr show masked."""

    phone_number = models.CharField(_("phone number"), max_length=16, help_text=_("E.164, such as +33612345678"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.masked_number

    @property
    def masked_number(self) -> str:
        """The number as it is logged: ``+33*******78``."""
        from django_ding.phone import mask  # Numbering plans are loaded with the first number, not with the models.

        return mask(self.phone_number)


class LocatedPhoneNumberModel(PhoneNumberModel):
    """A phone number with the country and the prefix that rows are counted by."""

    country = models.CharField(
        _("country"), max_length=4, blank=True, help_text=_("ISO 3166-1 alpha-2, or a calling code such as +870")
    )
    prefix = models.CharField(
        _("prefix"), max_length=12, blank=True, help_text=_("the number without its last four digits")
    )

    class Meta:
        abstract = True
