"""Country names in libphonenumber's data, for the languages that this app's catalogues lack."""

from collections.abc import Mapping
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, module_from_spec
from pathlib import Path


def country_name(region: str, language: str) -> str:
    """Return the name of a country in a language (ISO 639-1, such as ``"fr"``), ``""`` where the data has none."""
    names = _country_names().get(region, {})
    name = names.get(language, "")
    return names[name[1:]] if name.startswith("*") else name


@cache
def _country_names() -> Mapping[str, Mapping[str, str]]:
    """Return country → language → name, or ``*`` and the language that it is written as in.

    The file is run by itself: importing it by its name would load the geocoding of the whole world, too, which takes
    100 MB and half a second.
    """
    name = "phonenumbers.geodata.locale"
    package = find_spec("phonenumbers")
    loader = SourceFileLoader(name, str(Path(package.origin).with_name("geodata") / "locale.py"))  # type: ignore
    module = module_from_spec(ModuleSpec(name, loader, origin=loader.path))
    loader.exec_module(module)
    names: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return names
