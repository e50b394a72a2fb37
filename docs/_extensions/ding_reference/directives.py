"""The directives that put what is read from the code into a page."""

from importlib import import_module
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from ding_reference import checks, services, settings, templates


class _Generated(SphinxDirective):
    """Parses the Markdown that ``markdown`` returns in place of the directive."""

    def run(self) -> list[nodes.Node]:
        # A build after the code has changed has to read the page again.
        self.env.note_reread()
        return self.parse(self.markdown())

    def markdown(self) -> str:
        raise NotImplementedError

    def parse(self, text: str) -> list[nodes.Node]:
        # MyST puts sections into the page by itself: a text with headings has to begin with one.
        container = nodes.Element()
        lines = StringList(text.splitlines(), source=self.env.doc2path(self.env.docname))
        self.state.nested_parse(lines, self.content_offset, container, match_titles=True)
        return container.children


class Reference(_Generated):
    """All of one subject: ``{reference} signals`` is what ``ding_reference.signals.markdown()`` returns."""

    required_arguments = 1

    def markdown(self) -> str:
        return import_module(f"ding_reference.{self.arguments[0]}").markdown()


class Setting(_Generated):
    """Type, default and example of a key of ``DING``; the content is the example, a value that the key accepts."""

    required_arguments = 1
    has_content = True

    def markdown(self) -> str:
        return settings.markdown(self.arguments[0], "\n".join(self.content))


class Check(_Generated):
    """Level, message and hint of a system check, by its id without the app's name."""

    required_arguments = 1

    def markdown(self) -> str:
        return checks.markdown(self.arguments[0])


class Services(_Generated):
    """Signatures and descriptions of the services and classes that the content names."""

    has_content = True

    def markdown(self) -> str:
        return services.markdown(" ".join(self.content).split())


class Template(_Generated):
    """Blocks and users of a template of the pages, by its name."""

    required_arguments = 1

    def markdown(self) -> str:
        return templates.markdown(self.arguments[0])


def setup(app: Any) -> dict[str, bool]:
    app.add_directive("reference", Reference)
    app.add_directive("setting", Setting)
    app.add_directive("check", Check)
    app.add_directive("services", Services)
    app.add_directive("template", Template)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
