"""Whether the project's users can be created, and are where this app looks for them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, router
from django.db.models import AutoField, F, UniqueConstraint
from django.db.models.fields import NOT_PROVIDED
from django.db.models.signals import pre_save

from django_ding.checks import messages
from django_ding.conf import ding_settings
from django_ding.models.base import write_alias
from django_ding.models.user_fields import is_phone_field, make_up_name, refuse_made_up_name, refuse_number

_RANDOM_NAME = "django_ding.services.create_user"
_WITH_NUMBER = "django_ding.services.create_user_with_number"


def check_user_factory(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the app's own factories can create more than one user of the project's model."""
    factory = ding_settings.USER_FACTORY
    if not ding_settings.LOGIN_CREATES_USER or factory not in (_RANDOM_NAME, _WITH_NUMBER):
        return []
    model: Any = get_user_model()
    reasons = list(_find_obstacles(model, factory))
    if reasons:
        takes_number = factory == _RANDOM_NAME and is_phone_field(model._meta.get_field(model.USERNAME_FIELD))
        is_certain = _saves_as_django_does(model)
        message = messages.unusable_user_factory if is_certain else messages.doubtful_user_factory
        return [message(factory, reasons, instead=_WITH_NUMBER if takes_number else "")]
    empty = [name for name in model.REQUIRED_FIELDS if _is_left_empty(model._meta.get_field(name))]
    return [messages.empty_user_fields(factory, empty)] if empty else []


def check_user_database(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that users are in the database of this app's tables, whose foreign keys refer to them."""
    users, ours = router.db_for_write(get_user_model()), write_alias()
    return [] if _is_same_database(users, ours) else [messages.users_elsewhere(users, ours)]


def _find_obstacles(model: Any, factory: str) -> Iterator[str]:
    """Yield what keeps a factory from creating users, each as a sentence's beginning: "email is unique, and …"."""
    number = (ding_settings.USER_PHONE_FIELD or model.USERNAME_FIELD) if factory == _WITH_NUMBER else None
    if number and not _has_field(model, number):
        yield f'{number}, which DING["USER_PHONE_FIELD"] names, doesn\'t exist'
        return
    yield from _find_refused_values(model, number)
    left = _find_unset_fields(model, {model.USERNAME_FIELD, number})
    yield from (f"{field.name} needs a value" for field in left if _needs_value(field))
    yield from _find_repeated_values(model, {field.name: field for field in left if not _needs_value(field)})


def _has_field(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _find_refused_values(model: Any, number: str | None) -> Iterator[str]:
    """Yield the fields that don't take what the factory writes: the number, and a made-up name for lack of another.

    :param number: the field that gets the number, if one does.
    """
    if number and (reason := refuse_number(model._meta.get_field(number))):
        yield f"{number} {reason}"
    if number != model.USERNAME_FIELD and (reason := refuse_made_up_name(make_up_name())):
        yield f"{model.USERNAME_FIELD} {reason}"


def _find_unset_fields(model: Any, filled: Collection[str | None]) -> list[Any]:
    return [each for each in model._meta.concrete_fields if not (each.name in filled or _is_set_by_itself(each))]


def _find_repeated_values(model: Any, constant: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields whose values have to differ, all of which are constant: the second user can't be saved."""
    for names in _unique_sets(model):
        if constant.keys() >= set(names) and not any(_is_null(constant[name]) for name in names):
            verb = "is" if len(names) == 1 else "are together"
            yield f"{' and '.join(names)} {verb} unique, and each new user would get the same value"


def _is_set_by_itself(field: Any) -> bool:
    """Return whether a field gets a value of each row's own, from the database, a function or code of its own."""
    return (
        isinstance(field, AutoField)
        or field.generated
        or field.db_default is not NOT_PROVIDED
        or (field.has_default() and callable(field.default))
        or getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or getattr(field.remote_field, "parent_link", False)
        or not type(field).pre_save.__module__.startswith("django.db.models.")
    )


def _needs_value(field: Any) -> bool:
    """Return whether the database refuses a row that was given no value, or every row has the same key."""
    return field.primary_key or (not field.null and _value(field) is None)


def _value(field: Any) -> Any:
    """Return the value of a row that was given none, as Django's ``get_default``."""
    if field.has_default():
        return field.default
    return "" if field.empty_strings_allowed and not field.null else None


def _is_null(field: Any) -> bool:
    return _value(field) is None  # Databases let any number of rows have none.


def _unique_sets(model: Any) -> Iterator[Collection[str]]:
    """Yield the fields of each unique constraint without a condition, which could leave out an empty value."""
    yield from ((field.name,) for field in model._meta.concrete_fields if field.unique)
    for parent in (model, *model._meta.all_parents):
        yield from parent._meta.unique_together
        for constraint in parent._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
                yield constraint.fields or _names_in(constraint.expressions)


def _names_in(expressions: Any) -> Collection[str]:
    """Return the fields that expressions such as ``Lower("email")`` are made of."""
    nodes = chain.from_iterable(expression.flatten() for expression in expressions)
    return [node.name for node in nodes if isinstance(node, F)]  # type: ignore[attr-defined]


def _is_left_empty(field: Any) -> bool:
    return not field.blank and not _is_set_by_itself(field) and _value(field) == ""


def _saves_as_django_does(model: Any) -> bool:
    """Return whether no code of the project's runs before a user is saved, which could set what is missing."""
    return model.save.__module__.startswith("django.") and not pre_save.has_listeners(model)


def _is_same_database(alias: str, other: str) -> bool:
    """Return whether two aliases are of one database, as those of a connection pool or of another user's are."""
    place = ("ENGINE", "HOST", "PORT", "NAME")
    first, second = (connections.settings[name] for name in (alias, other))
    is_same_place = all(str(first[key]) == str(second[key]) for key in place)
    return alias == other or (is_same_place and ":memory:" not in str(first["NAME"]))
