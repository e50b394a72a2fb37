import pytest
from rest_framework.test import APIClient

from tests.api.helpers import URL


@pytest.fixture
def client() -> APIClient:
    """Somebody who is not signed in."""
    return APIClient()


@pytest.fixture
def member(user) -> APIClient:
    """Alice, signed in."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def stranger(other_user) -> APIClient:
    """Bob, signed in."""
    client = APIClient()
    client.force_authenticate(other_user)
    return client


@pytest.fixture
def start(member, phone):
    """Let Alice start; returns the answer's body."""
    return lambda number=phone: member.post(URL, {"phone_number": number}, format="json").json()
