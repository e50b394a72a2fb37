"""How host projects make users: ``WALK["create_user"]`` names one of these."""

from django.contrib.auth import get_user_model


def create_user(name, *, password=None, is_agent=False, **fields):
    """Create a user, an agent of the support with every permission."""
    manager = get_user_model()._default_manager
    return (manager.create_superuser if is_agent else manager.create_user)(name, password=password, **fields)


def create_user_with_email(name, **kwargs):
    return create_user(name, **kwargs, email=f"{name}@example.com")


def sign_up(authentication):
    """Create a user whose key the database doesn't give: a ``USER_FACTORY``."""
    return create_user(f"guest-{authentication.pk}")


def token(user):
    """Return a token of simplejwt's for a user."""
    from rest_framework_simplejwt.tokens import AccessToken

    return AccessToken.for_user(user)


def create_user_with_number(name, **kwargs):
    """Create a user who is called by a number."""
    return create_user({"alice": "+12025550100", "agent": "+12025550101"}[name], **kwargs)
