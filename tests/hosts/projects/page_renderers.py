"""REST framework renders templates by default, and the views of this app have none."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.TemplateHTMLRenderer",
        "rest_framework.renderers.JSONRenderer",
    ],
}
