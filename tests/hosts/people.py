"""How host projects make users: ``WALK["create_user"]`` names one of these."""

from django.contrib.auth import get_user_model


def create_user(name, *, password=None, is_agent=False):
    """Create a user, an agent of the support with every permission."""
    manager = get_user_model()._default_manager
    return (manager.create_superuser if is_agent else manager.create_user)(name, password=password)
