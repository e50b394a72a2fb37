"""Draw the diagrams of the documentation: ``tox run -e diagrams``, which needs Graphviz.

Each ``.dot`` file beside this one becomes an SVG in ``docs/_static/pictures/``. Its colors are CSS variables of the
site, so it follows the reader's light or dark theme. The SVG keeps the hash of its source: a test compares the two.
"""

import hashlib
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
PICTURES = HERE.parent / "_static" / "pictures"
STYLE = ["-Gbgcolor=transparent", "-Gfontname=sans-serif", "-Nfontname=sans-serif", "-Efontname=sans-serif"]
SIZES = ["-Nfontsize=12", "-Efontsize=11", "-Gnodesep=0.35", "-Granksep=0.45", "-Gpad=0.1"]


def main() -> None:
    for source in sources():
        picture_of(source).write_text(draw(source))


def sources() -> list[Path]:
    return sorted(HERE.glob("*.dot"))


def picture_of(source: Path) -> Path:
    return PICTURES / f"{source.stem}.svg"


def mark(source: Path) -> str:
    """Return the comment by which an SVG names its source."""
    return f"<!-- {source.name} {hashlib.sha256(source.read_bytes()).hexdigest()[:16]} -->"


def draw(source: Path) -> str:
    """Return the SVG of a diagram, for inclusion in a page."""
    drawn = subprocess.run(["dot", "-Tsvg", *STYLE, *SIZES, source], check=True, capture_output=True, text=True).stdout
    svg = re.sub(r"^.*?(?=<svg)", "", drawn, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    title = re.search(r"<title>(.*?)</title>", svg)[1]
    # Titles of nodes and edges would be shown as tooltips, with the names of the source.
    svg = re.sub(r"<title>.*?</title>\n?", "", svg)
    width = re.search(r'<svg width="(\d+)pt"', svg)[1]
    svg = re.sub(
        r'<svg width="\d+pt" height="\d+pt"',
        f'<svg class="diagram" role="img" aria-label="{title}" width="{width}pt"',
        svg,
    )
    svg = svg.replace('stroke="black"', 'stroke="currentColor"').replace('fill="black"', 'fill="currentColor"')
    return f"{mark(source)}\n" + re.sub(r"<text (?![^>]*fill=)", '<text fill="currentColor" ', svg)


if __name__ == "__main__":
    main()
