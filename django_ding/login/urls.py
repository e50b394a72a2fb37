"""``path("phone/", include("django_ding.login.urls"))``."""

from django.urls import path

from django_ding.login.views import passwordless, phone_numbers, second_factor

app_name = "django_ding_login"

urlpatterns = [
    path("login/", passwordless.PhoneLoginView.as_view(), name="login"),
    path("login/code/", passwordless.PhoneLoginCodeView.as_view(), name="login-code"),
    path("login/code/resend/", passwordless.PhoneLoginResendView.as_view(), name="login-code-resend"),
    path("second-factor/", second_factor.SecondFactorView.as_view(), name="second-factor"),
    path("second-factor/resend/", second_factor.SecondFactorResendView.as_view(), name="second-factor-resend"),
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
