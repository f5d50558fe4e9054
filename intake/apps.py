from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate
from wagtail.signals import published, unpublished


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self):
        from education.models import Treatment
        from intake.models import Note, Route
        from intake.withdrawal import follow_switch
        from portal import stamp

        stamp.watch(Note, Route)
        for signal in (published, unpublished, post_delete):
            signal.connect(follow_switch, sender=Treatment, dispatch_uid="intake.follow_switch")
        post_migrate.connect(put_rules_under_review, sender=self, dispatch_uid="intake.put_rules_under_review")


def put_rules_under_review(**kwargs):
    from education.models.workflow import ensure_workflow
    from intake.models import Note, Route

    ensure_workflow(Note, Route)
