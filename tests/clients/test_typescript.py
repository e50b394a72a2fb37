"""A TypeScript client, generated from ``docs/openapi.yaml``, compiled, and run against the example on this machine.

Where Node or npm is missing the tests are skipped and say so; with ``CI=true`` that is a failure.
"""

from pathlib import Path

import pytest

from tests.clients.npm import install, run, succeed
from tests.e2e.processes import environment, free_port, manage, running
from tests.openapi import FILE

pytestmark = [pytest.mark.schema, pytest.mark.xdist_group("typescript")]

SOURCES = Path(__file__).with_name("typescript")
#: What the program writes, a line per part of the flow.
STEPS = [
    "sign-up: a proof for an anonymous caller",
    "a caller without credentials has no numbers",
    "token: log in, add a number, make it primary, remove the other",
    "session: log in with a CSRF token, add a number, remove it",
]
#: Uses a field that the document doesn't have, and a failure's code as if it were always there.
MISUSE = """\
import { app } from "./site.js";

const answer = await app("http://127.0.0.1").POST("/api/phone/authentications/", { body: { phone_number: "1" } });
console.log(answer.data?.message_sent, answer.error.code);
await app("http://127.0.0.1").POST("/api/phone/authentications/", { body: { phone: "1" } });
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A folder with the sources, the packages that npm installs, and the client generated from the document."""
    folder = tmp_path_factory.mktemp("typescript")
    install(SOURCES, folder)
    succeed(folder, "npm", "exec", "--", "openapi-typescript", str(FILE), "--output", "generated/openapi.ts")
    return folder


def test_client_takes_the_whole_flow(client, tmp_path):
    succeed(client, "npm", "exec", "--", "tsc")
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(manage("demo", "--port", str(port)), url=url, env=environment(tmp_path), output=tmp_path / "log"):
        done = run(client, "node", "build/src/main.js", url)
    assert (done.stdout.splitlines(), done.stderr, done.returncode) == (STEPS, "", 0)


def test_compiler_rejects_what_the_document_does_not_have(client):
    program = client / "src" / "misuse.ts"
    program.write_text(MISUSE)
    compiled = run(client, "npm", "exec", "--", "tsc", "--noEmit")
    program.unlink()
    errors = [line.partition(": error ")[2].partition(":")[0] for line in compiled.stdout.splitlines()]
    assert [error for error in errors if error] == ["TS2339", "TS18048", "TS2353"]
