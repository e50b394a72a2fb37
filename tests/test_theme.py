"""The colors are in one file, and people can read what is written in them."""

import re
from pathlib import Path

import pytest

import django_ding

ROOT = Path(django_ding.__file__).parent
EXAMPLE = Path(__file__).parent.parent / "example_project"
THEME = ROOT / "static" / "django_ding" / "theme.css"
SHEETS = sorted({*ROOT.rglob("*.css"), *EXAMPLE.rglob("*.css")} - {THEME})
TEMPLATES = sorted([*ROOT.rglob("*.html"), *EXAMPLE.rglob("*.html")])

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PROPERTY = re.compile(r"(--[\w-]+):\s*([^;]+);")
_PAIR = re.compile(r"light-dark\((#\w+), (#\w+)\)")
#: Also names of colors, but none of those that mean no color of their own: transparent, currentcolor, inherit.
_COLOR = re.compile(
    r"#[0-9a-f]{3,8}\b(?=[^{]*;)|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|light-dark)\("
    r"|(?<![\w-])(?:white|black|red|green|blue|gr[ae]y|silver|orange|yellow|purple|navy|teal)(?![\w-])",
    re.IGNORECASE,
)

PAGES = ("page", "surface")
#: What is written in a color, and what is behind it: WCAG 2.2, 1.4.3 Contrast (Minimum).
TEXTS = [
    *[(text, page) for text in ("text", "muted", "accent", "bad", "good", "waiting", "quiet") for page in PAGES],
    *[(tone, f"{tone}-soft") for tone in ("accent", "good", "bad", "waiting", "quiet")],
    *[("text", f"{tone}-soft") for tone in ("accent", "good", "bad", "waiting", "quiet")],
    ("muted", "quiet-soft"),
    ("on-accent", "accent"),
    ("on-bad", "bad"),
]
#: Borders of what can be used, the focus and the series of a chart: 1.4.11 Non-text Contrast.
SHAPES = [(shape, page) for shape in ("edge", "accent", "delivered", "verified") for page in PAGES]


def rules(path: Path) -> str:
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def properties(text: str) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in _PROPERTY.findall(text)}


def palette(theme: int) -> dict[str, str]:
    """Return the colors of a theme by name: 0 is the light one, 1 the dark one."""
    pairs = {name: _PAIR.fullmatch(value) for name, value in properties(rules(THEME).partition("@supports")[0]).items()}
    return {name.removeprefix("--ding-"): pair[theme + 1] for name, pair in pairs.items() if pair}


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rgb`` or ``#rrggbb`` as WCAG 2.2 defines it."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_known_pairs():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "ratio"), [(TEXTS, 4.5), (SHAPES, 3)], ids=["texts", "shapes"])
def test_contrast(theme, pairs, ratio):
    colors = palette(theme)
    low = {pair: contrast(*(colors[name] for name in pair)) for pair in pairs}
    assert {pair: found for pair, found in low.items() if found < ratio} == {}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_other_file_has_a_color(path):
    assert _COLOR.findall(rules(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_color(path):
    assert re.findall(r'\b(?:fill|stroke|color|bgcolor|style)="', path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_what_is_used_is_defined(path):
    own = properties(rules(path)).keys() | properties(rules(THEME)).keys()
    used = set(re.findall(r"var\((--ding-[\w-]+)", rules(path)))
    assert used - own - {"--ding-ink", "--ding-paper"} == set()


def test_older_browsers_have_the_light_theme():
    fallback = properties(rules(THEME).partition("@supports")[2])
    colors = {name.removeprefix("--ding-"): value for name, value in fallback.items() if value.startswith("#")}
    assert colors == palette(0)
