"""The React Native code of the guide to a mobile app: compiled, and run against the project of the guide.

Where Node or npm is missing the tests are skipped and say so; with ``CI=true`` that is a failure.
"""

from pathlib import Path

import pytest

from tests.clients.npm import install, run, succeed
from tests.e2e.processes import free_port, python, running
from tests.guides.mobile_app import files, make_project

pytestmark = [pytest.mark.schema, pytest.mark.xdist_group("typescript")]

SOURCES = Path(__file__).with_name("react_native")
STEPS = """\
send: +12025550100 true
wrong code: message
too early: wait
resend: voice
log in: 1 enterNumber
restart: true true
add a number: confirmIdentity
numbers: 2 1
sign up: true
stale token: logIn
a page of a proxy: message
offline: message
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A folder with the code of the guide, compiled."""
    folder = tmp_path_factory.mktemp("react_native")
    install(SOURCES, folder)
    (folder / "src").mkdir()
    for name, text in files(".ts", ".tsx").items():
        (folder / "src" / name).write_text(text)
    succeed(folder, "npm", "exec", "--", "tsc")
    for stub in (folder / "stubs").glob("*.js"):
        package = folder / "build" / "node_modules" / stub.stem
        package.mkdir(parents=True)
        stub.rename(package / "index.js")
    return folder


def test_app_takes_the_whole_flow(app, tmp_path):
    project = make_project(tmp_path / "site", cooldown=2)
    url = f"http://127.0.0.1:{(port := free_port())}"
    server = python(str(project.folder / "manage.py"), "runserver", "--noreload", str(port))
    with running(server, url=url, env=project.environment, output=tmp_path / "log"):
        done = run(app, "node", "flow.js", url)
    assert (done.stdout, done.stderr, done.returncode) == (STEPS, "", 0)
