"""The pages. Each can be subclassed and mounted where a project likes; ``django_ding.login.urls`` mounts them all."""

from django_ding.login.views.numbers import (
    ChangeNumberView,
    MakePrimaryView,
    NumberCodeView,
    NumberResendView,
    NumbersView,
    RemoveNumberView,
    VerifyPhoneView,
)
from django_ding.login.views.passwordless import PhoneLoginCodeView, PhoneLoginResendView, PhoneLoginView
from django_ding.login.views.second_factor import SecondFactorResendView, SecondFactorView

__all__ = [
    "ChangeNumberView",
    "MakePrimaryView",
    "NumberCodeView",
    "NumberResendView",
    "NumbersView",
    "PhoneLoginCodeView",
    "PhoneLoginResendView",
    "PhoneLoginView",
    "RemoveNumberView",
    "SecondFactorResendView",
    "SecondFactorView",
    "VerifyPhoneView",
]
