from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Clinic"

    def ready(self):
        from portal.fields import box
        from portal.roles import ensure_roles

        box()  # a key that is none stops the start, not the first patient
        post_migrate.connect(ensure_roles, sender=self, dispatch_uid="portal.roles")
