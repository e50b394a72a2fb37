"""The examples of ``docs/beside-other-packages.md``, which are the settings and modules of host projects.

An example begins with the name of its file. ``settings.py`` is executed in the project's settings; the others are
modules that can be imported, and templates.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PAGE = Path(__file__).parents[2] / "docs" / "beside-other-packages.md"

_EXAMPLE = re.compile(r"^```\w+\n(?:#|\{#) (\S+\.(?:py|html)).*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Removed when the process ends.
_modules = TemporaryDirectory()
#: Where the templates of the examples are.
TEMPLATES = Path(_modules.name, "templates")


def examples(section: str) -> dict[str, str]:
    """Return the examples below a heading by the names of their files."""
    _before, _heading, rest = PAGE.read_text().partition(f"\n## {section}\n")
    return dict(_EXAMPLE.findall(rest.partition("\n## ")[0]))


def use(section: str, settings: dict[str, object]) -> None:
    """Execute the settings below a heading in a project's, and let it import the other examples."""
    files = examples(section)
    exec(compile(files.pop("settings.py"), f"{PAGE.name}: {section}", "exec"), settings)  # noqa: S102
    for name, text in files.items():
        path = Path(_modules.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    sys.path.append(_modules.name)
