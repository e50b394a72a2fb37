"""Ids are in the order of time, and nothing else can be told from them."""

from datetime import UTC, datetime
from uuid import RFC_4122

from django_ding.uuids import uuid7
from tests.helpers import NOON


def test_id_is_of_version_7():
    ids = {uuid7() for _ in range(1000)}
    assert len(ids) == 1000
    assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}


def test_id_begins_with_the_time(clock):
    assert datetime.fromtimestamp((uuid7().int >> 80) / 1000, UTC) == datetime.fromisoformat(NOON)


def test_ids_are_in_the_order_of_time(clock):
    ids = []
    for _ in range(20):
        ids.append(uuid7())
        clock.shift(0.001)
    assert ids == sorted(ids)


def test_the_rest_is_random(clock):
    varying = [uuid7().int & ((1 << 80) - 1) for _ in range(200)]
    ones = [sum(value >> bit & 1 for value in varying) for bit in range(80)]
    fixed = [bit for bit, count in enumerate(ones) if count in (0, 200)]
    assert fixed == [62, 63, 76, 77, 78, 79]  # The variant and the version.
