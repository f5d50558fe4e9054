import json
from pathlib import Path

from django.core.management.base import BaseCommand

from education import starter_content
from intake.actions import publish_questionnaire

QUESTIONNAIRE = Path(__file__).parents[2] / "questionnaires" / "cellulite-goals.json"


class Command(BaseCommand):
    help = "Loads articles, evidence records and the form that have never been loaded. Changes nothing that is there."

    def handle(self, **options):
        new = starter_content.load()
        version, created = publish_questionnaire(resource=json.loads(QUESTIONNAIRE.read_text()))
        words = "published" if created else "already there"
        self.stdout.write(f"Starter content: {new} new items; the form, version {version.version}, is {words}.")
