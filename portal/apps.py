from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Clinic"

    def ready(self):
        from portal.fields import box

        box()  # a key that is none stops the start, not the first patient
        watch_content()
        post_migrate.connect(complete_database, sender=self, dispatch_uid="portal.complete_database")


def complete_database(using, **kwargs):
    """What a migrated database still needs before it answers: the cache's table, the roles, the clinic's settings."""
    from portal.roles import ensure_roles

    call_command("createcachetable", database=using, verbosity=0)
    ensure_roles()
    # Made here, so that no page that somebody reads has to write.
    kwargs.get("apps", apps).get_model("portal", "ClinicSettings").objects.get_or_create(pk=1)


def watch_content():
    """Everything here is printed on pages that are kept."""
    from portal import stamp

    stamp.watch(
        *(apps.get_model("portal", name) for name in ("ClinicSettings", "ClinicOpening", "ClinicHoliday")),
        *(apps.get_model("wagtailcore", name) for name in ("Site", "PageViewRestriction")),
        name=stamp.CLINIC,
    )
    stamp.watch(apps.get_model("wagtailimages", "Image"))
