"""The checks of what the project's users are: can they be created, and are they where this app's rows refer to them?"""

import uuid

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connections, models
from django.db.models.functions import Lower
from django.test import override_settings
from django.test.utils import isolate_apps

from django_ding.checks import users
from django_ding.checks.users import check_user_database, check_user_factory
from django_ding.models import user_fields

WITH_NUMBER = "django_ding.services.create_user_with_number"


@pytest.fixture
def check(monkeypatch):
    """Return what the check says of a model with a name and these fields."""

    def check(*, bases=(AbstractBaseUser,), meta=None, ding=None, **attributes):
        with isolate_apps("tests"):
            name = (
                {}
                if "USERNAME_FIELD" in attributes
                else {"username": models.CharField(max_length=150, unique=True), "USERNAME_FIELD": "username"}
            )
            meta = type("Meta", (), {"app_label": "tests", **(meta or {})})
            model = type("Person", bases, {"__module__": __name__, "Meta": meta, **name, **attributes})
            for module in (users, user_fields):
                monkeypatch.setattr(module, "get_user_model", lambda: model)
            with override_settings(DING={"LOGIN_CREATES_USER": True, **(ding or {})}):
                return check_user_factory(None)

    return check


def reasons(found):
    """Return the ids and what is in the way."""
    return [(message.id, message.msg.partition("auth.User: ")[2]) for message in found]


def test_user_of_the_docs(check):
    assert check() == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"email": models.EmailField(unique=True)}, "email is unique, and each new user would get the same value."),
        ({"code": models.CharField(max_length=9, unique=True, default="x")}, "code is unique, and each new"),
        ({"born_on": models.DateField()}, "born_on needs a value."),
        ({"points": models.IntegerField()}, "points needs a value."),
        ({"tenant": models.ForeignKey("auth.Group", models.CASCADE)}, "tenant needs a value."),
        ({"id": models.CharField(max_length=26, primary_key=True)}, "id needs a value."),
        ({"phone": models.CharField(max_length=20, unique=True), "USERNAME_FIELD": "phone"}, "phone is a phone number"),
        ({"email": models.CharField(max_length=99), "USERNAME_FIELD": "email"}, "email is an email address."),
        ({"mail": models.EmailField(), "USERNAME_FIELD": "mail"}, "mail is an email address."),
        ({"number": models.IntegerField(), "USERNAME_FIELD": "number"}, "number doesn't accept a made-up name"),
        ({"short": models.CharField(max_length=9), "USERNAME_FIELD": "short"}, "short doesn't accept a made-up name"),
    ],
)
def test_field_in_the_way(check, fields, reason):
    [message] = check(**fields)
    assert message.id == "django_ding.E020"
    assert reason in message.msg


@pytest.mark.parametrize(
    "fields",
    [
        {"email": models.EmailField(unique=True, null=True)},
        {"token": models.CharField(max_length=36, unique=True, default=uuid.uuid4)},
        {"id": models.UUIDField(primary_key=True, default=uuid.uuid4)},
        {"number": models.IntegerField(db_default=1)},
        {"joined": models.DateTimeField(auto_now_add=True)},
        {"email": models.EmailField(blank=True)},
        {"points": models.IntegerField(default=0)},
    ],
)
def test_field_that_gets_a_value(check, fields):
    assert check(**fields) == []


@pytest.mark.parametrize(
    ("constraint", "count"),
    [
        (models.UniqueConstraint(fields=["email"], name="one"), 1),
        (models.UniqueConstraint(Lower("email"), name="one"), 1),
        (models.UniqueConstraint(fields=["email"], condition=~models.Q(email=""), name="one"), 0),
        (models.UniqueConstraint(fields=["email", "username"], name="one"), 0),
    ],
)
def test_unique_constraint_in_the_way(check, constraint, count):
    found = check(email=models.EmailField(blank=True), meta={"constraints": [constraint]})
    assert len(found) == count


def test_own_save_may_set_it(check):
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)

    [message] = check(born_on=models.DateField(), save=save)
    assert message.id == "django_ding.W020"
    assert "silence" in message.hint.lower() or "SILENCED" in message.hint


def test_required_text_that_stays_empty(check):
    [message] = check(city=models.CharField(max_length=9), REQUIRED_FIELDS=["city"])
    assert message.id == "django_ding.W021"
    assert message.msg.endswith("empty: city.")


def test_number_as_the_name(check):
    phone = {"phone": models.CharField(max_length=16, unique=True), "USERNAME_FIELD": "phone"}
    [message] = check(**phone)
    assert WITH_NUMBER in message.hint
    assert check(**phone, ding={"USER_FACTORY": WITH_NUMBER}) == []


@pytest.mark.parametrize(
    ("field", "fields", "reason"),
    [
        ("mobile", {}, 'mobile, which DING["USER_PHONE_FIELD"] names, doesn\'t exist.'),
        ("mobile", {"mobile": models.CharField(max_length=10)}, "mobile has room for 10 characters"),
        ("mobile", {"mobile": models.BigIntegerField()}, "mobile isn't text."),
        ("email", {"email": models.EmailField()}, "email is an email address."),
        (
            "mobile",
            {"mobile": models.CharField(max_length=16), "mail": models.EmailField(), "USERNAME_FIELD": "mail"},
            "mail is an email address.",
        ),
        (None, {"username": models.CharField(max_length=12)}, "username has room for 12 characters"),
    ],
)
def test_field_for_the_number(check, field, fields, reason):
    [message] = check(**fields, ding={"USER_FACTORY": WITH_NUMBER, "USER_PHONE_FIELD": field})
    assert message.id == "django_ding.E020"
    assert reason in message.msg


@pytest.mark.parametrize("ding", [{"LOGIN_CREATES_USER": False}, {"USER_FACTORY": "people.create"}])
def test_own_factory_or_none_is_not_checked(check, ding):
    assert check(born_on=models.DateField(), ding=ding) == []


class Router:
    """Keeps this app's tables apart from the users."""

    def db_for_write(self, model, **hints):
        return "phones" if model._meta.app_label == "django_ding" else "default"

    db_for_read = db_for_write


@pytest.mark.parametrize(("name", "ids"), [("another", ["django_ding.E021"]), (None, [])])
def test_users_in_another_database(monkeypatch, settings, name, ids):
    other = {**connections.settings["default"]}
    monkeypatch.setitem(connections.settings, "phones", other | ({"NAME": name} if name else {}))
    settings.DATABASE_ROUTERS = [Router()]
    found = check_user_database(None)
    assert [message.id for message in found] == ids
    assert all("'phones'" in message.msg for message in found)
