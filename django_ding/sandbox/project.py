"""The sandbox of a Django project: the simulator that the process shares, with the options of ``DING["SANDBOX"]``."""

from django.core.exceptions import ImproperlyConfigured

from django_ding.conf import ding_settings, refuse_unknown

from . import Options, Simulator, configure


def project_simulator() -> Simulator:
    """Return the simulator, a new one when the options have changed.

    :raises ImproperlyConfigured: when the options can't be used.
    """
    return configure(project_options())


def project_options() -> Options:
    """Return the options.

    :raises ImproperlyConfigured: when the setting holds one that doesn't exist or a value that makes no sense.
    """
    options = ding_settings.SANDBOX
    refuse_unknown(options, Options.__dataclass_fields__, 'DING["SANDBOX"]')
    try:
        return Options(**options)
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f'DING["SANDBOX"]: {error}') from None
