"""``path("phone/", include("django_ding.login.urls"))``."""

from django.urls import path

from django_ding.login.views import devices, enrollment, passwordless, phone_numbers, recovery, second_factor, step_up

app_name = "django_ding_login"

urlpatterns = [
    path("login/", passwordless.PhoneLoginView.as_view(), name="login"),
    path("login/code/", passwordless.PhoneLoginCodeView.as_view(), name="login-code"),
    path("login/code/resend/", passwordless.PhoneLoginResendView.as_view(), name="login-code-resend"),
    path("login/recovery/", passwordless.PhoneLoginRecoveryView.as_view(), name="login-recovery"),
    path("second-factor/", second_factor.SecondFactorView.as_view(), name="second-factor"),
    path("second-factor/resend/", second_factor.SecondFactorResendView.as_view(), name="second-factor-resend"),
    path("second-factor/number/", enrollment.EnrollView.as_view(), name="enroll"),
    path("second-factor/number/code/", enrollment.EnrollVerifyView.as_view(), name="enroll-code"),
    path("second-factor/number/code/resend/", enrollment.EnrollResendView.as_view(), name="enroll-code-resend"),
    path("step-up/", step_up.StepUpView.as_view(), name="step-up"),
    path("step-up/code/", step_up.StepUpCodeView.as_view(), name="step-up-code"),
    path("step-up/code/resend/", step_up.StepUpResendView.as_view(), name="step-up-code-resend"),
    path("recovery/", recovery.RecoveryCodeView.as_view(), name="recovery"),
    path("recovery/number/", recovery.RecoveryNumberView.as_view(), name="recovery-number"),
    path("recovery/number/code/", recovery.RecoveryNumberVerifyView.as_view(), name="recovery-number-code"),
    path(
        "recovery/number/code/resend/",
        recovery.RecoveryNumberResendView.as_view(),
        name="recovery-number-code-resend",
    ),
    path("devices/", devices.DeviceListView.as_view(), name="devices"),
    path("devices/forget/", devices.DeviceForgetAllView.as_view(), name="forget-devices"),
    path("devices/<uuid:public_id>/forget/", devices.DeviceForgetView.as_view(), name="forget-device"),
    path("numbers/", phone_numbers.PhoneNumberListView.as_view(), name="numbers"),
    path("numbers/add/", phone_numbers.PhoneNumberAddView.as_view(), name="add"),
    path("numbers/code/", phone_numbers.PhoneNumberVerifyView.as_view(), name="number-code"),
    path("numbers/code/resend/", phone_numbers.PhoneNumberResendView.as_view(), name="number-code-resend"),
    path("numbers/<uuid:public_id>/change/", phone_numbers.PhoneNumberChangeView.as_view(), name="change"),
    path(
        "numbers/<uuid:public_id>/make-primary/",
        phone_numbers.PhoneNumberMakePrimaryView.as_view(),
        name="make-primary",
    ),
    path("numbers/<uuid:public_id>/remove/", phone_numbers.PhoneNumberDeleteView.as_view(), name="remove"),
]
