from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from rest_framework.test import APIClient

from django_ding.api import account_views, views
from django_ding.api.base import DingView
from tests.api.helpers import URL, signed_in
from tests.openapi import FILE
from tests.openapi.document import codes, operations

#: The operations of ``docs/openapi.yaml`` by the classes of the views.
OPERATIONS = {
    views.SendView: "send_code",
    views.AuthenticationView: "get_phone_authentication",
    views.CheckView: "check_code",
    views.RetryView: "retry_code",
    views.LoginSendView: "send_login_code",
    views.LoginCheckView: "log_in",
    views.LoginRetryView: "retry_login_code",
    account_views.StepUpView: "step_up",
    account_views.PhoneNumberListView: "list_phone_numbers",
    account_views.PhoneNumberView: "remove_phone_number",
    account_views.MakePrimaryView: "make_phone_number_primary",
    account_views.DeviceListView: "list_devices",
    account_views.DeviceView: "forget_device",
}
#: Codes of any endpoint: of another method than its own, a project's throttles, its versions, and logins that are off.
ANYWHERE = {"method_not_allowed", "throttled", "not_found"}


@cache
def documented() -> dict[str, set[str]]:
    """Return the codes that ``docs/openapi.yaml`` lists, by operation."""
    document = yaml.load(FILE.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - it is safe
    return {
        name: {
            code for status, response in operation["responses"].items() if status >= "400" for code in codes(response)
        }
        for name, operation in operations(document).items()
    }


@pytest.fixture(autouse=True)
def nothing_undocumented(monkeypatch) -> Iterator[None]:
    """No endpoint may fail with a code that ``docs/openapi.yaml`` doesn't list for it."""
    found: set[tuple[str, Any]] = set()
    finalize = DingView.finalize_response

    def finalize_response(view: Any, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        # Not of a project's own views, and not in a format of its own.
        if type(view) in OPERATIONS and response.status_code >= 400 and "code" in (response.data or {}):
            found.add((OPERATIONS[type(view)], response.data["code"]))
        return finalize(view, request, response, *args, **kwargs)

    monkeypatch.setattr(DingView, "finalize_response", finalize_response)
    yield
    assert not {(name, code) for name, code in found if code not in documented()[name] | ANYWHERE}


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
