import portal.fields
from django.db import migrations, models

PACKED = ("code", "version", "rank", "title", "staff_text", "patient_title", "patient_text", "sources", "why")


def pack(apps, schema_editor):
    """What stood in a column each stands in one encrypted value."""
    SubmissionNote = apps.get_model("intake", "SubmissionNote")
    for note in SubmissionNote.objects.iterator():
        note.content = {name: getattr(note, name) for name in PACKED}
        note.save(update_fields=["content"])


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0002_notes_routes_gaps'),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='revision',
            field=models.PositiveIntegerField(default=0, help_text='Raised by each change, so that none is lost'),
        ),
        migrations.AddField(
            model_name='submissionnote',
            name='content',
            field=portal.fields.EncryptedField(null=True),
        ),
        migrations.RunPython(pack, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='submissionnote',
            name='content',
            field=portal.fields.EncryptedField(),
        ),
        *(migrations.RemoveField(model_name='submissionnote', name=name) for name in PACKED),
    ]
