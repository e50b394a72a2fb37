import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import Client


@pytest.fixture
def site(settings):
    """A project with the pages and a login page of its own."""
    settings.ROOT_URLCONF = "tests.login.site"
    settings.LOGIN_URL = "/password/"
    settings.LOGIN_REDIRECT_URL = "/"
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "django_ding.login.backends.PhoneBackend",
    ]


@pytest.fixture
def client(site) -> Client:
    """A visitor's browser."""
    return Client()


@pytest.fixture
def account(user, phone):
    """Alice, with a password and a verified number."""
    user.set_password("secret")
    user.save()
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return user


@pytest.fixture
def bob(other_user):
    """Bob, with a password and a verified number."""
    other_user.set_password("secret")
    other_user.save()
    other_user.ding_phone_numbers.create(phone_number="+33612345679", is_primary=True)
    return other_user


@pytest.fixture
def logins():
    """Who was logged in, as ``user_logged_in`` says."""
    seen = []

    def receiver(user, **kwargs):
        seen.append(user)

    user_logged_in.connect(receiver)
    yield seen
    user_logged_in.disconnect(receiver)
