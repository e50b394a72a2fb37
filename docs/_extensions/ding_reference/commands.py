"""The management commands: what their parsers accept."""

from argparse import Action, ArgumentParser
from collections.abc import Iterator

from django.core.management import BaseCommand, get_commands, load_command_class

from ding_reference.markdown import code, definitions, prose

#: Arguments that a usage line has at most.
_SHOWN = 12


def all_commands() -> list[str]:
    """Return the names of the app's commands."""
    return sorted(name for name, app in get_commands().items() if app == "django_ding")


def make_parser(name: str) -> ArgumentParser:
    """Return the parser of a command."""
    return load_command_class("django_ding", name).create_parser("manage.py", name)


def own_actions(parser: ArgumentParser) -> list[Action]:
    """Return the arguments that a command adds to those that all of Django's have."""
    django = BaseCommand().create_parser("manage.py", "command")
    known = {option for action in django._actions for option in action.option_strings}
    return [action for action in parser._actions if not known.intersection(action.option_strings)]


def markdown() -> str:
    """Return a section for each command."""
    return "\n".join(map(_section, all_commands()))


def _section(name: str) -> str:
    parser = make_parser(name)
    actions = own_actions(parser)
    options = map(_usage, _positionals_first(actions)) if len(actions) <= _SHOWN else ["[options]"]
    usage = " ".join([name, *options])
    arguments = definitions((_term(action), _meaning(action)) for action in actions)
    return "\n".join([f"## `{name}`", "", prose(parser.description or ""), "", f"```text\n{usage}\n```", "", arguments])


def _positionals_first(actions: list[Action]) -> Iterator[Action]:
    yield from (action for action in actions if not action.option_strings)
    yield from (action for action in actions if action.option_strings)


def _usage(action: Action) -> str:
    if action.option_strings:
        text = " ".join([action.option_strings[0], *_value(action)])
        return text if action.required else f"[{text}]"
    return f"[{_value(action)[0]}]" if action.nargs == "?" else _value(action)[0]


def _value(action: Action) -> list[str]:
    """Return what is given for an argument, nothing for a switch."""
    if action.nargs == 0:
        return []
    if action.choices:
        return ["{" + ",".join(map(str, action.choices)) + "}"]
    value = str(action.metavar or action.dest.upper())
    return [f"{value} [{value} …]" if action.nargs == "+" else value]


def _term(action: Action) -> str:
    names = action.option_strings or [""]
    return ", ".join(code(" ".join([*([name] if name else []), *_value(action)])) for name in names)


def _meaning(action: Action) -> str:
    text = ((action.help or "") % {**vars(action), "prog": "manage.py"}).replace(" (default: )", "")
    required = " Required." if action.option_strings and action.required else ""
    return f"{prose(text[:1].upper() + text[1:]).rstrip('.')}.{required}"
