"""The examples of the documentation run: Python in a project, commands by their parsers, JSON by its grammar."""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.core.management import get_commands, load_command_class
from django.dispatch import Signal
from django.test import override_settings

from django_ding import signals
from django_ding.backends import get_backend
from django_ding.models import Authentication
from tests.guides.pages import guides
from tests.hosts import snippets

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "example_project/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
#: Where the site of the pages is.
SITE = "https://django-ding.readthedocs.io/en/latest/"
#: Pages whose Python is run elsewhere: in the projects of other packages, and in those of the guides.
RUN_ELSEWHERE = [snippets.PAGE, *guides()]

#: Where the arguments of a command end.
SHELL = {"|", "||", "&&", ";", "&", ">", ">>", "<", "2>"}
#: Commands of the example, which the pages name.
OTHER_COMMANDS = {"demo", "demo_data"}

#: Of a key that nobody has.
PUBLIC_KEY = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0C5IXihfElLEv6Xu5BjO
fno8WyQZL4c3KwhHTfIzSw1AApangj2Sv6B+xm3Jg20t/c3GdoFcclb+BZXCv2dd
JRXXE3QUZYp7Rzn6jU78mds0CLf2m8w3O1oUAtpXeUOKK1CoHhsHbdF7yFKoQBjA
44n5fGIV1EZdVDiaPPAo1HasrBQz6o0bc1lFT8ju5J7076J9NpOASI1uTlFwmqk2
Y9VYDTtkXVgnAwjuCbgFFv2JYrQtyRaC97h8YrNkIlogOYEHhlUGDacbA1eaG2oc
YLbJ4t4kFbHQJNt9lWz6k9VZQjRRgHRx/MQQcMxilIe8vV7ULoLaUXdY/jERRT8u
aQIDAQAB
-----END PUBLIC KEY-----
"""

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
JSON = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: What somebody types at a prompt, with the lines that a backslash continues.
TYPED = re.compile(r"^\$ ((?:.*\\\n)*.*)", re.MULTILINE)
ANCHOR = re.compile(r"\]\(((?:[\w./-]+\.md)?)#([\w-]+)\)")
REFERENCE = re.compile(r"^```\{reference\} (\w+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(autouse=True)
def receivers(monkeypatch):
    """Forget the receivers that the examples connect."""
    for signal in filter(lambda named: isinstance(named, Signal), vars(signals).values()):
        monkeypatch.setattr(signal, "receivers", [])


@pytest.fixture
def names(user, rf, monkeypatch):
    """What the examples take for granted."""
    monkeypatch.setenv("DING_CUSTOMER_UUID", "00000000-0000-4000-8000-000000000000")
    for name in (
        "DING_API_KEY",
        "PRELUDE_API_KEY",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "VONAGE_API_KEY",
        "VONAGE_API_SECRET",
    ):
        monkeypatch.setenv(name, "key")
    monkeypatch.setenv("PRELUDE_WEBHOOK_KEY", PUBLIC_KEY)
    # Its models need it among INSTALLED_APPS.
    monkeypatch.setitem(sys.modules, "reversion", ModuleType("reversion"))
    monkeypatch.setitem(sys.modules, "reversion.middleware", SimpleNamespace(RevisionMiddleware=object))
    request = rf.get("/")
    request.user = user
    return {
        "INSTALLED_APPS": [],
        "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"],
        "User": get_user_model(),
        "request": request,
        "urlpatterns": [],
        "user": user,
        "__name__": "example",
    }


def name_of(page):
    return str(page.relative_to(ROOT))


def pages_with(pattern):
    """Return the pages that have examples of a kind, as parameters."""
    return pytest.mark.parametrize("page", [page for page in PAGES if pattern.search(page.read_text())], ids=name_of)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page not in RUN_ELSEWHERE and BLOCK.search(page.read_text())], ids=name_of
)
def test_examples_run(page, names):
    for block in BLOCK.findall(page.read_text()):
        names["DING"] = {}
        exec(compile(block, page.name, "exec"), names)  # noqa: S102
        make_backends(names["DING"])


def test_examples_with_other_packages_are_those_of_host_projects():
    text = snippets.PAGE.read_text()
    examples = {section: snippets.examples(section) for section in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    python = [name for files in examples.values() for name in files if name.endswith(".py")]
    assert len(python) == len(BLOCK.findall(text))
    projects = "".join(path.read_text() for path in (ROOT / "tests" / "hosts" / "projects").glob("*.py"))
    used = re.findall(r'^snippets\.use\("(.+)", globals\(\)\)$', projects, re.MULTILINE)
    assert sorted(used) == sorted(filter(examples.get, examples))


def make_backends(ding):
    """Make the backends that an example configures."""
    with override_settings(DING=ding):
        for alias in ding.get("BACKENDS", {}):
            get_backend(alias)


@pages_with(JSON)
def test_json_is_json(page):
    for block in JSON.findall(page.read_text()):
        # A log has a document a line.
        for document in re.split(r"\n(?=\{)", block):
            json.loads(document)


def typed(page):
    """Return the commands that a page has its readers type, one a line, without comments."""
    return [command for block in CONSOLE.findall(page.read_text()) for command in TYPED.findall(block)]


@pages_with(CONSOLE)
def test_commands_can_be_typed(page):
    subprocess.run(["bash", "-n"], input="\n".join(typed(page)), text=True, check=True)  # noqa: S607


@pages_with(CONSOLE)
def test_commands_of_the_project_have_these_arguments(page):
    for command in typed(page):
        words = shlex.split(command, comments=True)
        if "manage.py" not in words:
            continue
        name, *arguments = takewhile(lambda word: word not in SHELL, words[words.index("manage.py") + 1 :])
        if get_commands().get(name) == "django_ding" and "--help" not in arguments:
            load_command_class("django_ding", name).create_parser("manage.py", name).parse_args(arguments)
        else:
            own = re.findall(r"/management/commands/(\w+)\.py", page.read_text())
            assert name in {*OTHER_COMMANDS, *own, *get_commands()}, command


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def anchors(page):
    """Return the anchors that GitHub gives to the headings of a page, and the site to generated ones."""
    text = page.read_text()
    generated = [import_module(f"ding_reference.{name}").markdown() for name in REFERENCE.findall(text)]
    headings = re.findall(r"^#+ (.*)$", "\n".join([text, *generated]), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_a_heading(page):
    for target, anchor in ANCHOR.findall(page.read_text()):
        other = (page.parent / target).resolve() if target else page
        assert anchor in anchors(other), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_to_the_site_lead_to_a_page(page):
    for target, anchor in re.findall(rf"{SITE}([\w./-]*)#?([\w-]*)", page.read_text()):
        other = ROOT / "docs" / re.sub(r"\.html$", ".md", target or "index.html")
        assert other.is_file(), target
        assert not anchor or anchor in anchors(other), f"{target}#{anchor}"


def test_readme_has_no_link_that_works_on_github_only():
    assert LINK.findall((ROOT / "README.md").read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_plus_is_sent_as_a_space(page):
    assert re.findall(r"curl .*(?:-d|--data) \S*=\+", page.read_text()) == []


def test_every_attack_is_listed():
    modules = {path.name for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert modules <= set(re.findall(r"`(test_\w+\.py)`", (ROOT / "docs" / "security.md").read_text()))


def test_every_test_that_is_named_exists():
    for page in PAGES:
        for name in re.findall(r"`(tests/[\w/]+\.py)`", page.read_text()):
            assert (ROOT / name).exists(), f"{name_of(page)}: {name}"


@pytest.mark.parametrize("source", sorted((ROOT / "docs" / "_pictures").glob("*.dot")), ids=lambda path: path.name)
def test_diagrams_are_those_of_their_sources(source):
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    picture = ROOT / "docs" / "_static" / "pictures" / f"{source.stem}.svg"
    assert picture.read_text().startswith(f"<!-- {source.name} {digest} -->"), "Run tox run -e diagrams."


def test_the_diagram_of_states_has_all_of_them():
    diagram = (ROOT / "docs" / "_pictures" / "verification.dot").read_text()
    assert set(re.findall(r"\w+", diagram)) >= set(Authentication.Status.values)
