"""Those who follow the tutorial notice where it lets them down."""

import os
import sys
from pathlib import Path

import pytest

from tests.hosts.walkthrough.shown import Shown
from tests.hosts.walkthrough.steps import Command, Snippet, Visit, steps
from tests.hosts.walkthrough.terminal import Terminal
from tests.hosts.walkthrough.visitor import Visitor, text

PAGE = """\
# A page

```python
# site/settings.py, at the end
DEBUG = True
```

1. Open <http://127.0.0.1:8000/>. You see
   “Welcome”.
2. Select **Log in**.

```console
$ cd site
$ echo one \\
    two
one two
```

```{toctree}
site
```
"""
SENT = '{"id": "5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11", "at": "2026-11-30T12:00:00Z", "code": "290176"}\n'
PRINTED = '{"id": "1b2a9143-b68d-4c64-83cf-2aa77a054939", "at": "2027-01-02T03:04:05.678Z", "code": "012345"}\n'


def test_steps_are_in_order():
    assert list(steps(PAGE)) == [
        Snippet("site/settings.py", "at the end", "# site/settings.py, at the end\nDEBUG = True\n"),
        Visit("Open <http://127.0.0.1:8000/>. You see “Welcome”."),
        Visit("Select **Log in**."),
        Command("cd site", ""),
        Command("echo one \\\n    two", "one two\n"),
    ]


@pytest.mark.parametrize(
    "example",
    [
        "```python\nDEBUG = True\n```\n",
        "```python\n# site/settings.py\nDEBUG = True\n```\n",
        "```console\nls\n```\n",
        "```js\nalert()\n```\n",
    ],
)
def test_an_example_that_no_reader_could_follow(example):
    with pytest.raises(ValueError, match=r"DEBUG|ls|alert"):
        list(steps(example))


def test_values_that_differ_each_time_are_kept_for_later():
    shown = Shown()
    shown.compare(SENT, PRINTED)
    assert shown.fill_in("curl /5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11/ -d code=290176 -d other=000000") == (
        "curl /1b2a9143-b68d-4c64-83cf-2aa77a054939/ -d code=012345 -d other=000000"
    )
    shown.compare("Code: 290176\n", "Code: 012345\n")
    with pytest.raises(AssertionError):
        shown.compare("Code: 290176\n", "Code: 290176\n")


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("One\n…\nFour\n", "One\nTwo\nThree\nFour\n"),
        ("One\n…\nFour\n", "One\nFour\n"),
        ("a … z\n", "a b y z\n"),
        ("Django version 6.1.3\n", "Django version 5.2.19\n"),
        ("Password: \n", "Password:\n"),
    ],
)
def test_an_output_is_as_shown(shown, printed):
    Shown().compare(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("OK\n", ""),
        ("", "Warning\n"),
        ("OK\n", "OK\nWarning\n"),
        ("a … z\n", "a b\ny z\n"),
        ("+12025550101\n", "+12025550102\n"),
        ("290176 and 290176\n", "012345 and 543210\n"),
    ],
)
def test_an_output_that_differs(shown, printed):
    with pytest.raises(AssertionError, match="The page shows"):
        Shown().compare(shown, printed)


@pytest.fixture
def terminal(tmp_path) -> Terminal:
    folder = tmp_path / "home"
    (folder / "site").mkdir(parents=True)
    return Terminal(folder, dict(os.environ), password="correct horse")


def test_a_terminal_stays_in_its_folder_and_keeps_variables(terminal):
    assert terminal.run("cd site") == ""
    assert terminal.run("greeting='good morning'") == ""
    assert Path(terminal.run("pwd").strip()).name == "site"
    assert terminal.run('echo "$greeting"') == "good morning\n"


@pytest.mark.parametrize("command", ["false", "false | cat", "no-such-command"])
def test_a_command_fails(terminal, command):
    with pytest.raises(AssertionError, match=command.split()[0]):
        terminal.run(command)


def test_a_password_is_typed(terminal):
    ask = "from getpass import getpass; print(getpass() + getpass('Password (again): '))"
    assert "correct horsecorrect horse" in terminal.run(f'{sys.executable} -c "{ask}"')


def test_a_sentence_that_says_nothing_to_do():
    with pytest.raises(AssertionError, match="nothing to do"):
        Visitor("http://127.0.0.1:8000", password="").do("Look around.")


def test_text_of_a_page():
    page = "<head><title>T</title></head><body><script>x</script><p>We&nbsp;sent</p><p>a <b>code</b></p></body>"
    assert text(page) == "We sent a code"
