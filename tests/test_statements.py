"""The statements that the ORM compiled once: what is in their text, and how a user's key is spelled."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from django_ding import statements
from django_ding.flows._events import build_event, update_with_event
from django_ding.models import Authentication, Event
from django_ding.models.base import user_key
from django_ding.services import send

pytestmark = pytest.mark.django_db

ODD = [" VALUES (%s)", "%(name)s", ")", "'; --", '"', "\\", "é 🙂"]


@pytest.mark.parametrize("model", [Authentication, Event])
@pytest.mark.parametrize("source", ["", "changed"])
def test_insert_has_a_placeholder_for_each_column(model, source):
    names = tuple(field.attname for field in model._meta.concrete_fields if not field.primary_key)
    statement = statements.compile_insert(model, names, connection.alias, source=source)
    assert tuple(parameter.name for parameter in statement.parameters) == names
    assert statement.text.count("%s") == len(names)
    row = ", ".join(["%s"] * len(names))
    before, after = ("SELECT ", " FROM changed") if source else ("VALUES (", ")")
    assert statement.text.endswith(f" {before}{row}{after}")


@pytest.mark.parametrize("odd", ODD)
def test_values_never_become_text(user, phone, odd):
    authentication = send(phone, user=user).authentication
    event = build_event(authentication, Event.Type.CHECK, odd, data={odd: [odd, None]})
    assert update_with_event(authentication, event, channel="rcs", error_code=odd)
    row = authentication.events.get(type="check")
    assert (row.status, row.data) == (odd, {odd: [odd, None]})
    assert Authentication.objects.get().error_code == odd


def test_key_is_one_text_however_it_is_spelled(user):
    assert user_key(user.pk) == user_key(str(user.pk)) == str(user.pk)
    assert user_key(None) == ""
    assert user_key("service-1") == "service-1"


def test_user_who_is_not_saved_gets_no_code(phone, outbox):
    with pytest.raises(ValueError, match="saved"):
        send(phone, user=get_user_model()(username="carol"))
    assert not outbox
    assert not Authentication.objects.exists()


def test_user_of_another_spelling_gets_the_live_authentication(user, phone, outbox):
    first = send(phone, user=user).authentication
    assert send(phone, user=get_user_model()(pk=str(user.pk))).authentication == first
    assert len(outbox) == 1


def test_choice_reaches_the_database_as_plain_text():
    """The drivers would look up how to write each class of choices."""
    update = statements.compile_update(Authentication.objects.all, (("status", None),), connection.alias)
    (status,) = update.bind({"new_status": Authentication.Status.PENDING}, connection)
    assert (type(status), status) == (str, "pending")
