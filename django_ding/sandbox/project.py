"""The sandbox of a Django project: the simulator that the process shares, with the options of ``DING["SANDBOX"]``."""

from django.core.exceptions import ImproperlyConfigured

from django_ding.conf import check_known_keys, ding_settings

from . import Options, Simulator, configure


def project_simulator() -> Simulator:
    """Return the simulator, a new one when the options have changed.

    :raises ImproperlyConfigured: when the options cannot be used.
    """
    return configure(project_options())


def project_options() -> Options:
    """Return the options.

    :raises ImproperlyConfigured: when the setting has an unknown option or a value that is not valid.
    """
    options = ding_settings.SANDBOX
    check_known_keys(options, Options.__dataclass_fields__, 'DING["SANDBOX"]')
    try:
        return Options(**options)
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f'DING["SANDBOX"]: {error}') from None
