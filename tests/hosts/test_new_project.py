"""A project that ``startproject`` has just made, with this app and without a template of its own, over HTTP."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import TIMEOUT, environment, free_port, running
from tests.hosts.plain_browser import Browser

pytestmark = pytest.mark.hosts

FIRST = "+33612345678"
PHONE = "+447400123456"

# What the docs tell a newcomer to write. The sandbox is the provider, inside the same process.
SETTINGS = """
INSTALLED_APPS += ["django_ding"]
DING = {
    "BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}},
    "DEFAULT_REGION": "FR",
    "RATE_LIMITS": {},
    "SANDBOX": {"enabled": True},
}
"""
URLS = """
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import include

from django_ding.login.decorators import phone_verified_required
from django_ding.login.mixins import PhoneVerificationLoginMixin


class CodeLoginView(PhoneVerificationLoginMixin, LoginView):
    def handle_no_phone_number(self, form, user):
        return self.log_in(form)


@phone_verified_required
def members(request):
    return HttpResponse(f"members and {request.user}")


urlpatterns = [
    path("password/", CodeLoginView.as_view(), name="password"),
    path("phone/", include("django_ding.login.urls")),
    path("members/", members),
    path("sandbox/", include("django_ding.sandbox.urls")),
]
"""
PAGES = """
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "django_ding.login.backends.PhoneBackend",
]
LOGIN_URL = "password"
LOGIN_REDIRECT_URL = "django_ding_login:numbers"
"""
# Every session is as if its login were long ago.
AGE = """
from django.contrib.sessions.models import Session
for row in Session.objects.all():
    session = Session.get_session_store_class()(row.session_key)
    session["django_ding.stepped_up_at"] = 0
    session.save()
"""
USER = "from django.contrib.auth.models import User; User.objects.create_user('alice', password='secret')"


class Project:
    """A new project in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = environment(folder)
        self._run(sys.executable, "-m", "django", "startproject", "fresh", str(folder))
        self.extend("settings", SETTINGS)
        self.extend("urls", URLS)

    def extend(self, module: str, text: str) -> None:
        with (self.folder / "fresh" / f"{module}.py").open("a") as file:
            file.write(text)

    def manage(self, *arguments: str) -> str:
        return self._run(sys.executable, str(self.folder / "manage.py"), *arguments)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=4 * TIMEOUT, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def site(project):
    """The URL of the project's development server, once its settings name the pages."""
    warnings = re.findall(r"\(django_ding\.([EW]\d+)\)", project.manage("check"))
    assert sorted(warnings) == ["W035", "W038", "W039"]
    project.extend("settings", PAGES)
    assert "no issues" in project.manage("check")
    project.manage("migrate", "--verbosity", "0")
    project.manage("shell", "-c", USER)
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, str(project.folder / "manage.py"), "runserver", "--noreload", url.partition("//")[2]]
    with running(command, url=url, env=project.env, output=project.folder / "server.log"):
        yield url


def test_pages_work_without_a_template_of_the_project(project, site):
    """Log in with a password, verify a number, change numbers, log in with a code and by phone, confirm who it is."""
    _verify_a_number(Browser(site))
    _log_in_with_a_code(Browser(site))
    browser = Browser(site)
    _log_in_by_phone(browser)
    project.manage("shell", "-c", AGE)
    _confirm_who_it_is(browser)


def _verify_a_number(browser):
    page = browser.open("/members/")
    assert browser.path(page) == "/password/?next=/members/"
    page = browser.submit(page, username="alice", password="secret")
    assert browser.path(page) == "/phone/numbers/add/?next=/members/"
    assert "Verify a phone number to open the page you requested." in page.text
    page = browser.submit(page, phone_number=FIRST)
    assert browser.path(page) == "/phone/numbers/code/"
    assert browser.submit(page, code=browser.code(FIRST)).text == "members and alice"

    page = browser.submit(browser.open("/phone/numbers/add/"), phone_number=PHONE)
    page = browser.submit(page, code=browser.code(PHONE))
    assert browser.path(page) == "/phone/numbers/"
    assert "Phone number verified." in page.text
    # Those of the first number, which is the primary one.
    change, remove = (re.search(rf'href="(/phone/[^"]+/{name}/)"', page.text)[1] for name in ("change", "remove"))
    assert "Current number:" in browser.open(change).text
    assert "Number removed." in browser.submit(browser.open(remove)).text
    assert "--ding-accent" in browser.open("/static/django_ding/login.css").text


def _log_in_with_a_code(browser):
    page = browser.submit(browser.open("/password/"), username="alice", password="wrong")
    assert "Please enter a correct username and password." in page.text
    page = browser.submit(page, username="alice", password="secret")
    assert browser.path(page) == "/phone/second-factor/"
    page = browser.submit(page, code=browser.code(PHONE), remember="on")
    assert browser.path(page) == "/phone/numbers/"
    assert "This device" in browser.open("/phone/devices/").text


def _log_in_by_phone(browser):
    page = browser.submit(browser.open("/phone/login/"), phone_number=PHONE)
    page = browser.submit(page, code=browser.code(PHONE))
    assert browser.path(page) == "/phone/numbers/"


def _confirm_who_it_is(browser):
    page = browser.open("/phone/numbers/add/")
    assert browser.path(page) == "/phone/step-up/?next=/phone/numbers/add/"
    page = browser.submit(page, password="secret")
    assert browser.path(page) == "/phone/numbers/add/"
