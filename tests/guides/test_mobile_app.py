"""The guide to a mobile app: its curl commands are typed, its Swift and Kotlin parsed, its table of errors compared."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.e2e.processes import environment
from tests.guides.mobile_app import PAGE, files, make_project
from tests.hosts.walkthrough.walk import walking

pytestmark = pytest.mark.hosts

#: The packages of their grammars.
LANGUAGES = {".swift": "tree_sitter_swift", ".kt": "tree_sitter_kotlin"}
#: Of the host project and of REST framework: the endpoints' own schema doesn't list them.
OTHER_CODES = {"method_not_allowed", "phone_not_verified", "throttled", "too_many_tokens"}
#: What a reader types, and what the test types.
REPLACED = {
    "source .venv/bin/activate": "true",
    "python manage.py startapp accounts": "true",  # It was done.
    "sleep 30": "sleep 5",
}
CONSOLE = re.compile(r"^```console\n.*?^```\n", re.MULTILINE | re.DOTALL)


def schema_codes() -> set[str]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"].values()
    answers = [answer for path in paths for operation in path.values() for answer in operation["responses"].values()]
    return {code for answer in answers for code in re.findall(r"^- `(\w+)`:", answer["description"], re.MULTILINE)}


def test_every_code_has_an_action():
    cells = re.findall(r"^\| (`[^|]+) \| [\d, ]+ \| ", PAGE.read_text(), re.MULTILINE)
    codes = [code for cell in cells for code in re.findall(r"`(\w+)`", cell)]
    assert sorted(codes) == sorted(schema_codes() | OTHER_CODES)


def has_syntax_errors(name: str, text: str) -> bool:
    # Imported here, since other environments collect these tests, too, and then deselect them.
    from tree_sitter import Language, Parser

    grammar = Language(import_module(LANGUAGES[Path(name).suffix]).language())
    return Parser(grammar).parse(text.encode()).root_node.has_error


@pytest.mark.parametrize("name", files(*LANGUAGES))
def test_snippet_parses(name):
    text = files(*LANGUAGES)[name]
    assert not has_syntax_errors(name, text)
    assert has_syntax_errors(name, text.rstrip().removesuffix("}") + "]")


def test_hash_of_an_android_app(tmp_path):
    certificate = bytes(range(256)) * 3
    (tmp_path / "deployment_cert.der").write_bytes(certificate)
    command = re.search(r"^ +\$ (printf .*\\\n.*)", PAGE.read_text(), re.MULTILINE)[1]
    printed = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S607
    # As Android's own helper: the first nine bytes of the digest, of which eleven characters are kept.
    digest = hashlib.sha256(f"com.example.app {certificate.hex()}".encode()).digest()
    assert printed.stdout == f"{base64.b64encode(digest[:9]).decode()[:11]}\n"


def test_curl(tmp_path):
    folder = tmp_path / "home"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = environment(folder, PATH=path, NO_PROXY="127.0.0.1")
    with walking(folder, env=env, replaced=REPLACED) as walk:
        make_project(folder, cooldown=5)
        walk.follow("".join(CONSOLE.findall(PAGE.read_text())), shows_all=False)
