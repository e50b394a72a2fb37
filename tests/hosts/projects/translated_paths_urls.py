from django.conf.urls.i18n import i18n_patterns

from tests.hosts.project_urls import urlpatterns

urlpatterns = i18n_patterns(*urlpatterns)
