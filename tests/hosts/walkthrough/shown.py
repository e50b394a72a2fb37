"""What a page shows of an output, compared with what was printed."""

import re

#: What differs each time, by its kind. A page shows an example of it.
_KINDS = {
    "uuid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT[\d:.]+Z",
    "date": r"[A-Z][a-z]+ \d{1,2}, \d{4} - [\d:]{8}",
    "token": r"\b[0-9a-f]{40}\b",
    "code": r"(?<![\w+.])\d{6}(?![\w.])",
    "version": r"(?<![\d.])\d+\.\d+\.\d+(?![\d.])",
    "duration": r"\b\d+\.\d{3}s",
}
#: What later commands use: a reader puts in their own.
_KEPT = {"uuid", "token", "code"}
_CHANGING = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()) + "|(?P<any>…)")


class Shown:
    """Knows which value a reader got where the page shows an example."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def fill_in(self, text: str) -> str:
        """Return a text of the page with the reader's values."""
        return _CHANGING.sub(lambda found: self._values.get(found[0], found[0]), text)

    def compare(self, shown: str, printed: str) -> None:
        """Compare an output with the page's, in which ``…`` is any text of a line or, alone, any lines.

        :raises AssertionError: when they differ, with both.
        """
        examples: list[str] = []
        pattern = "".join(self._line(line.rstrip(), examples) for line in shown.splitlines())
        found = re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed.splitlines()))
        assert found, f"The page shows:\n{self.fill_in(shown)}\nPrinted was:\n{printed}"
        self._values |= {example: found[f"_{index}"] for index, example in enumerate(examples)}

    def _line(self, line: str, examples: list[str]) -> str:
        """Return the pattern of a line, and add the values that are new to ``examples``."""
        if line.strip() == "…":
            return r"(?:.*\n)*?"
        pattern, end = "", 0
        for found in _CHANGING.finditer(line):
            pattern += re.escape(line[end : found.start()]) + self._value(str(found.lastgroup), found[0], examples)
            end = found.end()
        return f"{pattern}{re.escape(line[end:])}\n"

    def _value(self, kind: str, example: str, examples: list[str]) -> str:
        if kind == "any":
            return ".*?"
        if kind not in _KEPT:
            return _KINDS[kind]
        if example in self._values:
            return re.escape(self._values[example])
        if example in examples:
            return f"(?P=_{examples.index(example)})"
        examples.append(example)
        return f"(?P<_{len(examples) - 1}>{_KINDS[kind]})"
