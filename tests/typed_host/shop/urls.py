"""URLs: the package's, and views of the project's own before them."""

from django.urls import URLPattern, URLResolver, include, path

from django_ding.login.views import PhoneLoginView
from shop import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.CodeLoginView.as_view(), name="login"),
    path("staff/login/", views.StaffCodeLoginView.as_view()),
    path("signin/", PhoneLoginView.as_view(next_page="/welcome/", heading="Welcome back")),
    path("signin/own/", views.SignInView.as_view()),
    path("phone/numbers/", views.NumbersView.as_view()),
    path("phone/numbers/add/", views.AddView.as_view()),
    path("phone/numbers/code/", views.WelcomingVerifyView.as_view()),
    path("phone/", include("django_ding.login.urls")),
    path("orders/", views.orders),
    path("payout/<int:amount>/", views.payout),
    path("address/", views.AddressView.as_view()),
    path("card/", views.CardView.as_view()),
    path("order/", views.order),
    path("confirm/<str:public_id>/", views.confirm),
    path("invite/", views.invite),
    path("accept/<str:public_id>/", views.accept),
    path("api/phone/authentications/", api.CaptchaSendView.as_view()),
    path("api/phone/authentications/<str:public_id>/check/", api.ShopCheckView.as_view()),
    path("api/phone/phone-numbers/", api.NumbersView.as_view()),
    path("api/phone/step-up/", api.LaxStepUpView.as_view()),
    path("api/phone/", include("django_ding.api.urls")),
    path("api/transfer/", api.TransferView.as_view()),
    path("api/limits/", api.LimitsView.as_view()),
    path("api/sign-up/", api.SignUpView.as_view()),
    path("ding/webhooks/", include("django_ding.webhooks.urls")),
    path("sandbox/", include("django_ding.sandbox.urls")),
]
