import json
from pathlib import Path

from django.core.management.base import BaseCommand

from education import starter_content
from intake.actions import Refused, publish_questionnaire

QUESTIONNAIRE = Path(__file__).parents[2] / "questionnaires" / "cellulite-goals.json"


class Command(BaseCommand):
    help = "Loads articles, evidence records and the form that have never been loaded. Changes nothing that is there."

    def handle(self, **options):
        new = starter_content.load()
        self.stdout.write(f"Starter content: {new} new items; {self._publish_form()}")

    def _publish_form(self):
        try:
            version, created = publish_questionnaire(resource=json.loads(QUESTIONNAIRE.read_text()))
        except Refused as refused:
            # The form in use stays as it is, so this is no reason not to start.
            return f"the form in the file is not published. {refused}"
        return f"the form, version {version.version}, is {'published' if created else 'already there'}."
