"""User models as projects have them. ``AUTH_USER_MODEL`` picks one; the others are swapped out and have no table."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager):
    def create_user(self, name, password=None, **columns):
        if self.model.keys and "pk" not in columns:
            used = set(self.values_list("pk", flat=True))
            columns["pk"] = next(key for key in self.model.keys if key not in used)
        user = self.model(**{self.model.USERNAME_FIELD: name}, **columns)
        user.set_password(password)
        user.save()
        return user

    create_superuser = create_user


class ProjectUser(AbstractBaseUser):
    """What all of them have. ``keys`` are primary keys to assign, none where the database gives them."""

    is_active = models.BooleanField(default=True)

    objects = UserManager()
    keys = ()
    is_staff = True

    class Meta:
        abstract = True

    def has_perm(self, permission, row=None):
        return True

    def has_module_perms(self, app):
        return True


class HostUser(ProjectUser):
    """Has an unusual key."""

    username = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"

    class Meta:
        abstract = True

    @staticmethod
    def respell(key):
        """Return another value that the key's field takes for the same key: as of a form or a URL, if nothing else."""
        return str(key)


class UUIDUser(HostUser):
    """Has a UUID, which SQLite and older MariaDB keep as text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        swappable = "AUTH_USER_MODEL"

    @staticmethod
    def respell(key):
        return str(key).upper()


class ULIDField(models.CharField):
    """26 characters of Crockford's base 32, in upper case however they are written."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"max_length": 26})

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value and value.upper()


class ULIDUser(HostUser):
    """Has a ULID in a column whose name must be quoted."""

    ulid = ULIDField(primary_key=True, db_column="userULID")

    keys = ("01J9ZQ4V8F6S7D3K2M1N0PABCD", "01J9ZQ4V8F6S7D3K2M1N0PABCE", "01J9ZQ4V8F6S7D3K2M1N0PABCF")

    class Meta:
        swappable = "AUTH_USER_MODEL"

    @staticmethod
    def respell(key):
        return key.lower()


class TextUser(HostUser):
    """Has any text, longer than the columns of this app, in a table whose name is a reserved word."""

    id = models.CharField(primary_key=True, max_length=150)

    keys = ('o\'brien, "%s" %(a)s \\ é 🙂', "b" * 150, "b" * 149 + "c")

    class Meta:
        swappable = "AUTH_USER_MODEL"
        db_table = "order"


class RenamedUser(HostUser):
    """Has a number whose field and column have other names than usual, in a table in mixed case."""

    account = models.BigAutoField(primary_key=True, db_column="Account No")

    class Meta:
        swappable = "AUTH_USER_MODEL"
        db_table = "Host Users"


class CodeField(models.IntegerField):
    """A number in the database, ``"U-17"`` in Python."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else f"U-{value}"

    def to_python(self, value):
        return value if value is None or str(value).startswith("U-") else f"U-{value}"

    def get_prep_value(self, value):
        return super().get_prep_value(value.removeprefix("U-") if isinstance(value, str) else value)


class CodeUser(HostUser):
    """Has a key that Python sees otherwise than the database."""

    code = CodeField(primary_key=True)

    keys = ("U-17", "U-18", "U-19")

    class Meta:
        swappable = "AUTH_USER_MODEL"

    @staticmethod
    def respell(key):
        return int(key.removeprefix("U-"))


class Person(models.Model):  # noqa: DJ008
    """What :class:`PersonUser` belongs to."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, db_column="Uid")


class PersonUser(HostUser):
    """Has the key of a row of another model."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)

    class Meta:
        swappable = "AUTH_USER_MODEL"

    @staticmethod
    def respell(key):
        return str(key).upper()

    def save(self, *args, **kwargs):
        if self.person_id is None:
            self.person = Person.objects.create()
        super().save(*args, **kwargs)


class Contact(models.Model):  # noqa: DJ008
    """What :class:`InheritedUser` is a kind of."""

    number = CodeField(primary_key=True, db_column="select")

    class Meta:
        db_table = "contacts"


class InheritedUser(HostUser, Contact):  # noqa: DJ008
    """Has the key of the model that it inherits from, in another table."""

    keys = ("U-27", "U-28", "U-29")

    class Meta:
        swappable = "AUTH_USER_MODEL"

    @staticmethod
    def respell(key):
        return int(key.removeprefix("U-"))


class EmailUser(ProjectUser):
    """Logs in with an email address."""

    email = models.EmailField(unique=True)

    USERNAME_FIELD = EMAIL_FIELD = "email"

    class Meta:
        swappable = "AUTH_USER_MODEL"


class UniqueEmailUser(ProjectUser):
    """Has an email address that no other user has, beside the name."""

    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "username"

    class Meta:
        swappable = "AUTH_USER_MODEL"


class PhoneUser(ProjectUser):
    """Logs in with a phone number."""

    phone = models.CharField(max_length=16, unique=True)

    USERNAME_FIELD = "phone"

    class Meta:
        swappable = "AUTH_USER_MODEL"


class MobileUser(ProjectUser):
    """Has the phone number in a field."""

    username = models.CharField(max_length=150, unique=True)
    mobile = models.CharField(max_length=16, unique=True, null=True, blank=True)

    USERNAME_FIELD = "username"

    class Meta:
        swappable = "AUTH_USER_MODEL"


class ManagedUser(ProjectUser):
    """Has no manager ``objects``."""

    username = models.CharField(max_length=150, unique=True)

    USERNAME_FIELD = "username"
    objects = None
    people = UserManager()

    class Meta:
        swappable = "AUTH_USER_MODEL"


class PresentManager(UserManager):
    def get_queryset(self):
        return super().get_queryset().filter(is_deleted=False)


class DeletedUser(ProjectUser):
    """Is hidden by the default manager once deleted."""

    username = models.CharField(max_length=150, unique=True)
    is_deleted = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    objects = PresentManager()

    class Meta:
        swappable = "AUTH_USER_MODEL"
