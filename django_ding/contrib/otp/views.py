"""django-otp's login view, with codes to phones."""

from django_otp.views import LoginView as BaseLoginView

from django_ding.contrib.otp.forms import OTPAuthenticationForm, OTPTokenForm
from django_ding.transactions import NonAtomicView


class LoginView(NonAtomicView, BaseLoginView):
    """Ask for a username, password and token of any device, and a user who has logged in for a token alone."""

    otp_authentication_form = OTPAuthenticationForm
    otp_token_form = OTPTokenForm
