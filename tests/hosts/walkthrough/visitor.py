"""A person at a browser, who does what numbered sentences of a page say."""

import html
import re

import requests

from tests.hosts.plain_browser import Browser

#: In a sentence: an address, a value and the label of its field, a button or a link, and what is on the page.
_PART = re.compile(
    r"<(?P<url>http[^>]+)>|(?:`(?P<typed>[^`]+)`|(?P<known>the code|your password)) as \*(?P<label>[^*]+)\*"
    r"|\*\*(?P<selected>[^*]+)\*\*|“(?P<seen>[^”]+)”"
)


class Visitor:
    """Reads pages as text, fills in fields by their labels, and selects buttons and links by what is on them.

    :param url: the server's.
    :param password: of the user whom the page had its reader create.
    """

    def __init__(self, url: str, *, password: str) -> None:
        self._browser = Browser(url)
        self._known = {"your password": password}
        self._page = requests.Response()

    def do(self, sentence: str) -> None:
        """Do what a sentence says.

        :raises AssertionError: when something isn't there, or the sentence names nothing to do or to see.
        """
        parts = list(_PART.finditer(sentence))
        assert parts, f"There is nothing to do or to see: {sentence}"
        before, fields = self._page, {}
        for part in parts:
            if part["label"]:
                fields[self._field(part["label"])] = part["typed"] or self._known[part["known"]]
            else:
                self._do(part, fields)
        self._read_code()
        if "another tab" in sentence:
            self._page = before

    def _do(self, part: re.Match[str], fields: dict[str, str]) -> None:
        if part["url"]:
            self._page = self._browser.open(part["url"].removeprefix(self._browser.url))
        elif part["seen"]:
            assert part["seen"] in text(self._page.text), f"“{part['seen']}” is not in: {text(self._page.text)}"
        elif fields:
            assert part["selected"] in _buttons(self._page.text), f"{part['selected']} is none of the buttons"
            self._page = self._browser.submit(self._page, **fields)
        else:
            self._page = self._browser.open(_link(self._page.text, part["selected"]))

    def _field(self, label: str) -> str:
        """Return the name of the field with a label."""
        labels = re.findall(r'<label[^>]* for="(\w+)"[^>]*>(.*?)</label>', self._page.text)
        ids = {text(shown): name for name, shown in labels}
        field = next(tag for tag in re.findall(r"<input[^>]*>", self._page.text) if f'id="{ids[label]}"' in tag)
        return re.search(r'name="(\w+)"', field)[1]

    def _read_code(self) -> None:
        if found := re.search(r"code is: (\d+)", text(self._page.text)):
            self._known["the code"] = found[1]


def text(source: str) -> str:
    """Return what is written on a page or an element of it."""
    shown = re.sub(r"<(head|script|style|option)\b.*?</\1>", " ", source, flags=re.DOTALL)
    apart = re.sub(r"</(?:p|li|h\d|td|th|div)>", " ", shown)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", apart)).split())


def _buttons(source: str) -> list[str]:
    buttons = [text(shown) for shown in re.findall(r"<button[^>]*>(.*?)</button>", source, re.DOTALL)]
    return [*buttons, *map(html.unescape, re.findall(r'<input type="submit" value="([^"]*)"', source))]


def _link(source: str, selected: str) -> str:
    """Return where the first link with a text leads."""
    links = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', source, re.DOTALL)
    return next(html.unescape(target) for target, shown in links if selected in text(shown))
