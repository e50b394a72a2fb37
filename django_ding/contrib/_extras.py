"""The error of an integration whose package isn't installed."""

from importlib.util import find_spec


def require(package: str, *, extra: str) -> None:
    """Raise an error that names the command to install a package, if it isn't installed.

    :raises ImportError: when it isn't.
    """
    if find_spec(package) is None:
        raise ImportError(
            f'django_ding.contrib.{extra} needs a package that isn\'t installed: pip install "django-ding[{extra}]"',
            name=package,
        )
