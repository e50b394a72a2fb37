"""A renderer and parser that take plain strings only, such as no lazy translation."""

from tests.hosts.base import *  # noqa: F403

REQUIRES = ["drf_orjson_renderer"]
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["drf_orjson_renderer.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["drf_orjson_renderer.parsers.ORJSONParser"],
}
