"""The endpoints, from the OpenAPI schema."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from drf_spectacular.generators import SchemaGenerator

from ding_reference.markdown import bullets, code

_CODE = re.compile(r"^- `(\w+)`:", re.MULTILINE)
_LINK = re.compile(r"\]\(#(\w+)\)")
_SCHEMA = Path(__file__).parents[2] / "openapi.yaml"


@cache
def read_schema() -> dict[str, Any]:
    """Return the schema that is checked in or, where none is, the one that a project's drf-spectacular makes."""
    if _SCHEMA.exists():
        return yaml.safe_load(_SCHEMA.read_text())
    return SchemaGenerator().get_schema(request=None, public=True)


def all_operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return the operations of the app by method and path, paths without what the project puts before them."""
    return {
        (method.upper(), path): operation
        for path, operations in read_schema()["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


@cache
def documented_codes() -> frozenset[str]:
    """Return the codes of failures that the endpoints answer with."""
    responses = (response for operation in all_operations().values() for response in operation["responses"].values())
    return frozenset(name for response in responses for name in _CODE.findall(response.get("description", "")))


def markdown() -> str:
    """Return a section for each operation, then one for each object."""
    operations = "\n".join(_operation(*key, value) for key, value in all_operations().items())
    return f"{operations}\n## Objects\n\n{_objects(operations)}"


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"## {operation.get('summary') or operation['operationId']}", ""]
    parts += [f"```http\n{method} {path} HTTP/1.1\n```", "", f"{_prose(operation.get('description', ''))}", ""]
    parts += [f"The operation's ID is `{operation['operationId']}`.", ""]
    inputs = [item for item in operation.get("parameters", ()) if item["in"] != "cookie"]
    if inputs:
        about = ((_parameter(item), _prose(item.get("description", ""))) for item in inputs)
        parts += ["**Parameters**", "", bullets(about)]
    parts += list(_body(operation))
    parts += ["**Responses**", "", *_responses(operation)]
    return "\n".join(parts)


def _prose(text: str) -> str:
    """Return a description. drf-spectacular appends the values of an enumeration to it, which are in its type."""
    return re.sub(r"\n*^\* `.*", "", text.strip(), flags=re.MULTILINE | re.DOTALL).strip()


def _parameter(item: dict[str, Any]) -> str:
    return f"{code(item['name'])} ({item['in']}, {_kind(item.get('schema', {}))})"


def _body(operation: dict[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content:
        yield "**Body**\n"
        yield _fields(content["schema"])
        yield "".join(_examples(content))


def _responses(operation: dict[str, Any]) -> Iterator[str]:
    for status, response in operation["responses"].items():
        media = response.get("content", {}).get("application/json", {})
        yield f"`{status}`: {_kind(media['schema']) if media.get('schema') else 'no body'}\n"
        # That of a failure lists its codes and what they mean, so that one of them is example enough.
        yield f"{_prose(response.get('description', ''))}\n"
        examples = _examples(media)
        yield "".join(examples[:1] if int(status) >= 400 else examples)


def _examples(media: dict[str, Any]) -> list[str]:
    """Return the examples that differ."""
    values = [example["value"] for example in media.get("examples", {}).values()]
    return list(dict.fromkeys(map(_json, values)))


def _json(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n\n"


def _objects(text: str) -> str:
    """Return a section for each object that the text, or such a section, links to."""
    names = {name.lower(): name for name in _components()}
    written: dict[str, str] = {}
    while missing := {names[anchor] for anchor in _LINK.findall(text) if anchor in names} - written.keys():
        written |= {name: _object(name, _components()[name]) for name in missing}
        text = "".join(written.values())
    return "\n".join(written[name] for name in sorted(written))


def _object(name: str, schema: dict[str, Any]) -> str:
    is_object = bool(_properties(schema))
    body = _fields(schema) if is_object else f"{_kind(schema)}\n"
    return f"### {name}\n\n{_prose(schema.get('description', ''))}\n\n{body}"


def _components() -> dict[str, Any]:
    schemas: dict[str, Any] = read_schema()["components"]["schemas"]
    return schemas


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    return _components()[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object, those of what it is composed of included."""
    schema = _resolve(schema)
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found |= _properties(part)
    return found | schema.get("properties", {})


def _required(schema: dict[str, Any]) -> set[str]:
    schema = _resolve(schema)
    return set(schema.get("required", ())).union(*(_required(part) for part in schema.get("allOf", ())))


def _fields(schema: dict[str, Any]) -> str:
    required = _required(schema)
    return bullets(
        (
            f"{code(name)} ({_kind(field)}{', required' if name in required else ''})",
            _prose(field.get("description", "")),
        )
        for name, field in _properties(schema).items()
    )


def _kind(schema: dict[str, Any]) -> str:
    """Return the type of a value in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if name in _components() else name
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(filter(None, map(_kind, schema[key]))))
    types = schema.get("type", "any")
    names = types if isinstance(types, list) else [types]
    if "array" in names:
        return f"list of {_kind(schema.get('items', {}))}"
    words = [_word(name, schema) for name in names] + (["null"] if schema.get("nullable") else [])
    if "enum" in schema:
        words = [code(value) for value in schema["enum"] if value is not None]
    return " or ".join(words) + _bounds(schema)


def _word(name: str, schema: dict[str, Any]) -> str:
    return schema.get("format", name) if name == "string" else name


def _bounds(schema: dict[str, Any]) -> str:
    length = schema.get("maxLength")
    return f", at most {length} characters" if length else ""
