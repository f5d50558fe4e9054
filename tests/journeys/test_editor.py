"""An editor changes what patients read, and a reviewer lets it out."""

from playwright.sync_api import expect

from education.models import ArticlePage, Treatment
from intake import actions
from intake.models import Note
from tests.factories import DraftFactory
from tests.journeys.pages import Editor, Person

ARTICLE = "/learn/what-is-micro-needling/"


def test_an_editor_changes_an_article_and_a_reader_sees_it(world, person):
    editor, reviewer, reader = person(Editor), person(Editor), person(Person)
    article = ArticlePage.objects.get(slug="what-is-micro-needling")
    editor.signs_in("editor", path="/cms/")
    editor.edits(article)
    editor.writes("id_summary", "Needles remove cellulite for good.")
    editor.hands_in()
    editor.sees("“for good” promises too much")
    editor.writes("id_title", "What do tiny needles do?")
    editor.writes("id_summary", "They make tiny holes, and the skin repairs itself.")
    expect(editor.previews().get_by_role("heading", level=1)).to_have_text("What do tiny needles do?")
    editor.presses("Save draft")
    reader.opens(ARTICLE)
    reader.sees("What is micro-needling?")
    editor.hands_in()
    reviewer.signs_in("reviewer", path="/cms/")
    reviewer.edits(article)
    reviewer.asks_for_changes("Say that the holes close again.")
    editor.edits(article)
    editor.sees("Say that the holes close again.")
    editor.writes("id_summary", "They make tiny holes, and the skin repairs itself in a few days.")
    editor.hands_in_again()
    reviewer.edits(article)
    reviewer.approves()
    reader.opens(ARTICLE)
    reader.sees("What do tiny needles do?")
    reader.sees("They make tiny holes, and the skin repairs itself in a few days.")
    reader.sees(f"Checked by {world.staff['reviewer']}")
    editor.opens(f"/cms/pages/{article.pk}/history/")
    editor.sees("Draft saved")


def test_an_evidence_record_is_changed_once_and_read_everywhere(world, person):
    editor, admin, reader = person(Editor), person(Editor), person(Person)
    creams = Treatment.objects.get(slug="creams")
    editor.signs_in("editor", path="/cms/")
    editor.opens(f"/cms/snippets/education/treatment/edit/{creams.pk}/")
    editor.writes("id_healing", "None that anybody has seen.")
    editor.hands_in()
    admin.signs_in("admin", path="/cms/")
    admin.opens(f"/cms/snippets/education/treatment/edit/{creams.pk}/")
    admin.approves()
    for address in ("/treatments/creams/", "/learn/micro-needling-for-cellulite/"):
        reader.opens(address)
        reader.sees("None that anybody has seen.")


def test_an_admin_is_told_what_the_clinic_still_has_to_fill_in(world, person):
    admin = person(Editor)
    admin.signs_in("admin", path="/cms/")
    admin.sees("Emergency number")
    admin.opens("/cms/settings/portal/clinicsettings/")
    admin.page.get_by_label("Phone").fill("020 7946 0123")
    admin.presses("Save")
    admin.opens("/intake/")
    admin.sees("020 7946 0123")


def test_a_reviewer_changes_a_note_and_the_next_form_uses_it(world, person):
    reviewer, admin = person(Editor), person(Editor)
    note = Note.objects.get(code="E35")
    reviewer.signs_in("reviewer", path="/cms/")
    reviewer.opens(f"/cms/snippets/intake/note/edit/{note.pk}/")
    reviewer.sees("“What would you most like to change?” is “Nothing for now, I want to learn more” or “I'm not sure”")
    reviewer.writes("id_patient_title", "Nothing needs to be done")
    reviewer.hands_in()
    reviewer.opens(f"/cms/snippets/intake/note/edit/{note.pk}/")
    reviewer.sees("You wrote or handed in a part of this, so somebody else approves it.")
    admin.signs_in("admin", path="/cms/")
    admin.opens(f"/cms/snippets/intake/note/edit/{note.pk}/")
    admin.approves()
    patient = DraftFactory()
    sent = actions.submit(key=patient.key).notes.get()
    assert (sent.patient_title, sent.version) == ("Nothing needs to be done", 2)
    reviewer.opens(f"/cms/snippets/intake/note/history/{note.pk}/")
    reviewer.opens("/cms/snippets/intake/route/")
    reviewer.sees("Urgent sign ticked")
