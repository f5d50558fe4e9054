from django.db import migrations


def make_home(apps, schema_editor):
    """A fresh site opens on our home page instead of Wagtail's welcome page."""
    ContentType = apps.get_model("contenttypes.ContentType")
    Page = apps.get_model("wagtailcore.Page")
    Site = apps.get_model("wagtailcore.Site")
    Locale = apps.get_model("wagtailcore.Locale")
    HomePage = apps.get_model("education.HomePage")
    Page.objects.filter(slug="home", depth=2).delete()
    kind, _created = ContentType.objects.get_or_create(model="homepage", app_label="education")
    home = HomePage.objects.create(
        title="Before your visit",
        draft_title="Before your visit",
        slug="home",
        content_type=kind,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
        locale_id=Locale.objects.values_list("pk", flat=True).first(),
    )
    Site.objects.filter(is_default_site=True).delete()
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("education", "0001_initial"),
        ("wagtailcore", "0096_referenceindex_referenceindex_source_object_and_more"),
    ]
    operations = [migrations.RunPython(make_home, migrations.RunPython.noop)]
