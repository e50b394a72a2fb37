"""The pages. Subclass one and mount it elsewhere, or include ``django_ding.login.urls`` for all of them."""

from django_ding.login.views.devices import DeviceForgetAllView, DeviceForgetView, DeviceListView
from django_ding.login.views.enrollment import EnrollResendView, EnrollVerifyView, EnrollView
from django_ding.login.views.passwordless import (
    PhoneLoginCodeView,
    PhoneLoginRecoveryView,
    PhoneLoginResendView,
    PhoneLoginView,
)
from django_ding.login.views.phone_numbers import (
    PhoneNumberAddView,
    PhoneNumberChangeView,
    PhoneNumberDeleteView,
    PhoneNumberListView,
    PhoneNumberMakePrimaryView,
    PhoneNumberResendView,
    PhoneNumberVerifyView,
)
from django_ding.login.views.recovery import (
    RecoveryCodeView,
    RecoveryNumberResendView,
    RecoveryNumberVerifyView,
    RecoveryNumberView,
)
from django_ding.login.views.second_factor import SecondFactorResendView, SecondFactorView
from django_ding.login.views.step_up import StepUpCodeView, StepUpRequiredMixin, StepUpResendView, StepUpView

__all__ = [
    "DeviceForgetAllView",
    "DeviceForgetView",
    "DeviceListView",
    "EnrollResendView",
    "EnrollVerifyView",
    "EnrollView",
    "PhoneLoginCodeView",
    "PhoneLoginRecoveryView",
    "PhoneLoginResendView",
    "PhoneLoginView",
    "PhoneNumberAddView",
    "PhoneNumberChangeView",
    "PhoneNumberDeleteView",
    "PhoneNumberListView",
    "PhoneNumberMakePrimaryView",
    "PhoneNumberResendView",
    "PhoneNumberVerifyView",
    "RecoveryCodeView",
    "RecoveryNumberResendView",
    "RecoveryNumberVerifyView",
    "RecoveryNumberView",
    "SecondFactorResendView",
    "SecondFactorView",
    "StepUpCodeView",
    "StepUpRequiredMixin",
    "StepUpResendView",
    "StepUpView",
]
