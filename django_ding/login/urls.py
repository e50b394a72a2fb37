"""``path("phone/", include("django_ding.login.urls"))``."""

from django.urls import path

from django_ding.login import views

app_name = "django_ding_login"

urlpatterns = [
    path("login/", views.PhoneLoginView.as_view(), name="login"),
    path("login/code/", views.PhoneLoginCodeView.as_view(), name="login-code"),
    path("login/code/resend/", views.PhoneLoginResendView.as_view(), name="login-code-resend"),
    path("second-factor/", views.SecondFactorView.as_view(), name="second-factor"),
    path("second-factor/resend/", views.SecondFactorResendView.as_view(), name="second-factor-resend"),
    path("numbers/", views.NumbersView.as_view(), name="numbers"),
    path("numbers/add/", views.VerifyPhoneView.as_view(), name="add"),
    path("numbers/code/", views.NumberCodeView.as_view(), name="number-code"),
    path("numbers/code/resend/", views.NumberResendView.as_view(), name="number-code-resend"),
    path("numbers/<int:pk>/change/", views.ChangeNumberView.as_view(), name="change"),
    path("numbers/<int:pk>/make-primary/", views.MakePrimaryView.as_view(), name="make-primary"),
    path("numbers/<int:pk>/remove/", views.RemoveNumberView.as_view(), name="remove"),
]
