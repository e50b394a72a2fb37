"""Whether a page's links, buttons and fields are large enough to touch: WCAG 2.2, 2.5.8 Target Size (Minimum)."""

from typing import Any

#: Returns the HTML and the size of each target below 24 × 24 px in an element. A field and its label are one target.
#: Links within a sentence may be as small as its text; the exception for targets that stand apart isn't used.
_SMALL = """(root, size) => {
  const box = rects => {
    const sides = rects.filter(rect => rect.width && rect.height);
    return {
      width: Math.max(...sides.map(rect => rect.right)) - Math.min(...sides.map(rect => rect.left)),
      height: Math.max(...sides.map(rect => rect.bottom)) - Math.min(...sides.map(rect => rect.top)),
    };
  };
  const isSeen = element => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) &&
    !element.closest("[hidden]") && element.getBoundingClientRect().width > 1;
  const isInSentence = element => getComputedStyle(element).display === "inline" &&
    element.parentElement.innerText.trim() !== element.innerText.trim();
  return [...root.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(element => isSeen(element) && !(element.matches("a") && isInSentence(element)))
    .map(element => ({ element, ...box([element, ...(element.labels ?? [])].map(part => part.getBoundingClientRect())) }))
    .filter(({ width, height }) => width < size - 0.01 || height < size - 0.01)
    .map(({ element, width, height }) => `${width.toFixed(1)} × ${height.toFixed(1)}: ${element.outerHTML.slice(0, 160)}`);
}"""


def small_targets(page: Any, selector: str = "body") -> list[str]:
    """Return the HTML of what is too small to touch within an element of a page."""
    found: list[str] = page.locator(selector).first.evaluate(f"root => ({_SMALL})(root, 24)")
    return found
