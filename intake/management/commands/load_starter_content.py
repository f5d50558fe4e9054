import json
from pathlib import Path

from django.core.management.base import BaseCommand

from education import starter_content
from intake import starter_rules
from intake.actions import Refused, publish_questionnaire

QUESTIONNAIRE = Path(__file__).parents[2] / "questionnaires" / "cellulite-goals.json"


class Command(BaseCommand):
    help = "Loads articles, records, notes, routes and the form if they were never loaded. Changes nothing else."

    def handle(self, **options):
        form = self._publish_form()
        new = starter_content.load() + starter_rules.load()
        self.stdout.write(f"Starter content: {new} new items; {form}")

    def _publish_form(self):
        try:
            version, created = publish_questionnaire(resource=json.loads(QUESTIONNAIRE.read_text()))
        except Refused as refused:
            # The form in use stays as it is, so this is no reason not to start.
            return f"the form in the file is not published. {refused}"
        return f"the form, version {version.version}, is {'published' if created else 'already there'}."
