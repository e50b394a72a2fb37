"""The documentation's site: ``tox run -e docs`` builds it, ``tox run -e docs-serve`` serves it while you write."""

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent / "_extensions")]

# The reference is read from the code, which needs a configured project.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django_ding import __version__  # noqa: E402

project = "django-ding"
author = "The django-ding maintainers"
project_copyright = author
release = version = __version__

extensions = [
    "ding_reference.directives",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "_extensions", "_pictures"]
nitpicky = True
# Types of Django's and of others are not in this site. Those of the app itself must be.
nitpick_ignore_regex = [("py:.*", r"(?!django_ding\.).*")]
python_maximum_signature_line_length = 80
# Quotes stay as they are typed: much of what is quoted is code.
smartquotes_action = "D"
# Pygments doesn't know the $ of Swift's bindings, and highlights everything else.
suppress_warnings = ["misc.highlighting_failure"]

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
# Headings have the anchors that they have on GitHub.
myst_heading_anchors = 4

copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = "django-ding"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
