"""Serializers that make their fields once, and those of a request alone."""

from functools import cache, lru_cache
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

_PACKAGE = f"{__package__}."


class SharedFieldsSerializer(serializers.Serializer[Any]):
    """Validates, and a subclass serializes, with the fields of one instance per class.

    REST framework copies the fields for each new serializer, which takes longer than all the rest of a request here.
    """

    def run_validation(self, data: Any = empty) -> Any:
        """Validate with those fields alone that are in the data, required or have a default: no other has a value."""
        if not self._has_shared_fields():
            return super().run_validation(data)
        cls = type(self)
        # The absent field of a form means something: that a box isn't ticked.
        given = _optional_fields(cls).intersection(data) if type(data) is dict else None
        return _shared_instance(cls, given).run_validation(data)

    def _has_shared_fields(self) -> bool:
        # The fields of a project's subclass may need its context. And fields that have been accessed may have been
        # changed. (``fields`` is a cached property, so it is in ``vars`` from then on. The shared instance has it.)
        return type(self).__module__.startswith(_PACKAGE) and "fields" not in vars(self) and not self.partial


class SharedFieldsModelSerializer(SharedFieldsSerializer, serializers.ModelSerializer[Any]):
    """Serializes the attributes of a row."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return what REST framework would, without looking for what else a field's source might be."""
        if not self._has_shared_fields():
            return super().to_representation(instance)
        fields: Any = _shared_instance(type(self)).fields.values()
        values = ((field, getattr(instance, field.source)) for field in fields)
        return {field.field_name: None if value is None else field.to_representation(value) for field, value in values}


@lru_cache(maxsize=64)
def _shared_instance(cls: type[SharedFieldsSerializer], given: frozenset[str] | None = None) -> SharedFieldsSerializer:
    """Return the instance with all fields or, of the optional ones, with those that are given."""
    serializer = cls()
    for name in () if given is None else _optional_fields(cls) - given:
        serializer.fields.pop(name)
    serializer.fields  # noqa: B018 - they are made on first access
    return serializer


@cache
def _optional_fields(cls: type[SharedFieldsSerializer]) -> frozenset[str]:
    fields = cls().fields.items()
    return frozenset(name for name, field in fields if not field.required and field.default is empty)
