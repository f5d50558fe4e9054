from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EducationConfig(AppConfig):
    name = "education"

    def ready(self):
        from education import keeping, notices
        from education.search import index

        notices.start()
        index.start(self)
        keeping.start()  # last: it makes pages ready, and what the others change makes them old
        post_migrate.connect(put_content_under_review, sender=self, dispatch_uid="education.put_content_under_review")


def put_content_under_review(**kwargs):
    from education.models import Treatment
    from education.models.workflow import ensure_workflow

    ensure_workflow(Treatment, pages=True)
