"""What only the source says: the comments above names, the parts of a module in their order."""

import ast
import inspect
import re
from types import ModuleType
from typing import Any

_COMMENTED = re.compile(r"((?:^[ ]*#:.*\n)+)^[ ]*(\w+)(?::[^=\n]*)?(?: =.*)?$", re.MULTILINE)


def comments(documented: ModuleType | type) -> dict[str, str]:
    """Return the ``#:`` comment above each name, in the order of the source."""
    text = inspect.getsource(documented)
    return {name: re.sub(r"^[ ]*#: ?", "", lines, flags=re.MULTILINE) for lines, name in _COMMENTED.findall(text)}


def calls(function: Any, name: str) -> list[ast.Call]:
    """Return the calls of a function in another one's body."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name]


def text_of(node: ast.expr) -> str:
    """Return a string in the source, with … for what is known only when it runs."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""
