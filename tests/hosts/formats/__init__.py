"""A locale that writes a separator between any two digits, and a middleware that finds them where none belongs."""

import re

#: What people read. All other attributes are for browsers and scripts.
_READ = r"title|aria-label|placeholder|alt|content"
_GROUPED = re.compile(rf"""<[^<>]*\s(?!{_READ})[\w-]+=["'][^"'<>]*\d~\d[^<>]*>""")


class GroupedAttributeFinder:
    """Raises an error for a page with a grouped number in an attribute that no person reads."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            found = _GROUPED.search(response.text)
            assert found is None, f"{request.path}: {found and found[0]}"
        return response
