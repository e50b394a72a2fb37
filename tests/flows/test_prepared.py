"""What docs/databases.md advises for PostgreSQL: values bound by the server, and statements that it prepares."""

import pytest
from django.db import connection

from django_ding.models import Authentication
from django_ding.services import CheckStatus, RetryStatus, check, retry, send
from django_ding.testing import sandbox
from tests.helpers import wrong_code
from tests.test_docs import BLOCK, ROOT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL prepares"),
]
#: More than the times after which psycopg has a statement prepared.
MANY = 8


@pytest.fixture
def preparing():
    """Connect as the guide says."""
    guide = {}
    exec(BLOCK.search((ROOT / "docs" / "databases.md").read_text())[1], guide)  # noqa: S102
    usual = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["OPTIONS"] = usual | guide["DATABASES"]["default"]["OPTIONS"]
    yield
    connection.close()
    connection.settings_dict["OPTIONS"] = usual


@pytest.mark.parametrize("cache", ["default", None])
def test_every_step_may_be_prepared(preparing, clock, user, cache):
    with sandbox(RATE_LIMIT_CACHE=cache, MIN_CONVERSION="1%/4/d/prefix") as outbox:
        for index in range(MANY):
            authentication = send(f"+336123456{index:02}", user=user).authentication
            assert check(authentication, wrong_code(outbox[-1].code)).status is CheckStatus.INVALID
            clock.shift(31)
            assert retry(authentication).status is RetryStatus.APPROVED
            assert check(authentication, outbox[-1].code).status is CheckStatus.VALID
            clock.shift(300)
    rows = Authentication.objects.values_list("status", "check_count", "retry_count")
    assert list(rows) == [("validated", 2, 1)] * MANY
    statements = " ".join(prepared())
    for beginning in ("INSERT INTO", "UPDATE", "WITH changed AS (UPDATE"):
        assert f'{beginning} "django_ding_auth' in statements


def prepared():
    """Return the statements that the server has prepared for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]
