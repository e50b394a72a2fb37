"""``path("api/phone/", include("django_ding.api.urls"))``."""

from django.urls import path

from django_ding.api import account_views, views

app_name = "django_ding_api"

urlpatterns = [
    path("authentications/", views.SendView.as_view(), name="authentications"),
    path("authentications/<str:public_id>/", views.AuthenticationView.as_view(), name="authentication"),
    path("authentications/<str:public_id>/check/", views.CheckView.as_view(), name="check"),
    path("authentications/<str:public_id>/retry/", views.RetryView.as_view(), name="retry"),
    path("login/", views.LoginSendView.as_view(), name="login"),
    path("login/<str:public_id>/check/", views.LoginCheckView.as_view(), name="login-check"),
    path("login/<str:public_id>/retry/", views.LoginRetryView.as_view(), name="login-retry"),
    path("step-up/", account_views.StepUpView.as_view(), name="step-up"),
    path("phone-numbers/", account_views.PhoneNumberListView.as_view(), name="phone-numbers"),
    path("phone-numbers/<str:public_id>/", account_views.PhoneNumberView.as_view(), name="phone-number"),
    path("phone-numbers/<str:public_id>/make-primary/", account_views.MakePrimaryView.as_view(), name="make-primary"),
    path("devices/", account_views.DeviceListView.as_view(), name="devices"),
    path("devices/<str:public_id>/", account_views.DeviceView.as_view(), name="device"),
]
