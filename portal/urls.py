from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap

from portal import health, views

sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("urgent/", views.urgent_signs, name="urgent_signs"),
    # Wagtail's own two sign-in doors would stay open beside ours, without its limits.
    path("cms/login/", sign_in),
    path("_util/login/", sign_in),
    # Parts of the packages that nobody here uses: uploads of any kind of file, and accounts that patients would make.
    re_path(r"^cms/documents/", views.not_here),
    re_path(r"^accounts/(?:email|confirm-email|password/set|login/code)/", views.not_here),
    path("cms/pages/", include("education.review_urls")),
    path("cms/", include(wagtailadmin_urls)),
    path("admin/", RedirectView.as_view(url="/cms/")),
    path("accounts/welcome/", views.after_sign_in, name="after_sign_in"),
    path("accounts/", include("allauth.account.urls")),
    path("intake/", include("intake.urls")),
    path("staff/", include("intake.staff.urls")),
    path("treatments/", include("education.urls")),
    path("clear/", include("education.feedback_urls")),
    path("search/", include("education.search.urls")),
    re_path(r"^media/(?P<path>images/.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include("education.page_urls")),
    path("", include(wagtail_urls)),
]
