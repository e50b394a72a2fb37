"""Whether a page's links, buttons and fields are large enough to touch: WCAG 2.2, 2.5.8 Target Size (Minimum)."""

from typing import Any

#: Returns the size and the HTML of each target in an element that is too low or too narrow. A field and its label are
#: one target. Links in a sentence may be as small as its text, and the bars of a chart as small as their value: the
#: table below has the same links. The exception for targets that stand apart isn't used.
_SMALL = """root => {
  const measure = element => {
    const parts = [element, ...(element.labels ?? [])].map(part => part.getBoundingClientRect());
    const seen = parts.filter(part => part.width && part.height);
    const size = (from, to) => Math.max(...seen.map(part => part[to])) - Math.min(...seen.map(part => part[from]));
    return { element, width: size("left", "right"), height: size("top", "bottom") };
  };
  const isSeen = element => element.checkVisibility({ visibilityProperty: true }) && !element.closest("svg")
    && element.getBoundingClientRect().width > 1;
  const isInSentence = element => element.matches("a") && getComputedStyle(element).display === "inline"
    && element.parentElement.innerText.trim() !== element.innerText.trim();
  return [...root.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(element => isSeen(element) && !isInSentence(element))
    .map(measure)
    .filter(({ width, height }) => Math.min(width, height) < 23.99)
    .map(({ element, width, height }) => `${width} by ${height}: ${element.outerHTML.slice(0, 160)}`);
}"""


def small_targets(page: Any, selector: str = "body") -> list[str]:
    """Return what is below 24 by 24 pixels within an element of a page."""
    found: list[str] = page.locator(selector).first.evaluate(_SMALL)
    return found
