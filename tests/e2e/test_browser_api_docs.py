"""The REST API in Swagger UI, in a process of its own: drf-spectacular reads its settings once."""

import json

import pytest

from tests.e2e.person import Person
from tests.e2e.processes import free_port, manage, running
from tests.e2e.site import Visitor

pytestmark = pytest.mark.browser

PHONE = "+12025550105"


@pytest.fixture
def url(env, tmp_path):
    address = f"http://127.0.0.1:{(port := free_port())}"
    with running(manage("demo", "--port", str(port)), url=address, env=env, output=tmp_path / "log"):
        yield address


@pytest.fixture
def person(url, new_page):
    someone = Person(new_page(), url)
    yield someone
    assert someone.console_errors == []


@pytest.fixture
def inbox(url):
    visitor = Visitor(url)
    yield visitor
    visitor.close()


def execute(person, operation, body=None, **path):
    """Try an operation out; return the status and the body that Swagger UI shows."""
    block = person.page.locator(f"#operations-phone_verification-{operation}")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    for name, value in path.items():
        block.locator(f'[data-param-name="{name}"] input').fill(value)
    if body is not None:
        block.locator("textarea.body-param__text").fill(json.dumps(body))
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table")
    answer.wait_for()
    return int(answer.locator(".response-col_status").last.inner_text().split()[0]), json.loads(
        answer.locator(".response-col_description code").first.inner_text()
    )


def test_user_of_the_site_tries_the_api_with_their_session(person, inbox):
    person.log_in()
    person.follow("The REST API")
    assert person.path == "/api/docs/"
    status, sent = execute(person, "send_code", {"phone_number": PHONE})
    assert (status, sent["purpose"]) == (201, "link")
    [code] = inbox.codes(PHONE)
    status, checked = execute(person, "check_code", {"code": code}, public_id=sent["id"])
    assert (status, checked["status"]) == (200, "valid")
    status, numbers = execute(person, "list_phone_numbers")
    assert (status, [number["phone_number"] for number in numbers]) == (200, [PHONE])
    status, _number = execute(person, "make_phone_number_primary", public_id=numbers[0]["id"])
    assert status == 200


def test_page_needs_no_other_site(person, url):
    asked = []
    person.page.on("request", lambda request: asked.append(request.url))
    person.open("/api/docs/")
    person.page.locator(".opblock").first.wait_for()
    assert [address for address in asked if not address.startswith((url, "data:"))] == []
