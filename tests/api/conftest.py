import pytest
from rest_framework.test import APIClient

from tests.api.helpers import URL, signed_in


@pytest.fixture
def client() -> APIClient:
    """Somebody who is not signed in."""
    return APIClient()


@pytest.fixture
def member(user) -> APIClient:
    """Alice, signed in."""
    return signed_in(user)


@pytest.fixture
def stranger(other_user) -> APIClient:
    """Bob, signed in."""
    return signed_in(other_user)


@pytest.fixture
def start(member, phone):
    """Let Alice start; returns the answer's body."""
    return lambda number=phone: member.post(URL, {"phone_number": number}, format="json").json()
