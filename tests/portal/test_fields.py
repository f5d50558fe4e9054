"""The field that encrypts: what it keeps, what the database sees of it, and how its keys change."""

import json

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from intake.models import Draft
from portal.fields import EncryptedField, box
from tests.factories import DraftFactory

SECRET = "Amara Nwosu, 14 March"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def field():
    made = EncryptedField(name="secret")
    made.model = Draft
    return made


@rounds(deadline=None)
@given(json_values)
def test_any_json_value_comes_back_as_it_was(value):
    kept = field().get_prep_value(value)
    assert field().from_db_value(kept, None, connection) == value


@rounds(deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=8))
def test_nothing_of_a_text_stands_in_what_is_kept(text):
    kept = field().get_prep_value(text)
    assert text not in kept
    assert json.dumps(text) not in kept
    assert kept.isascii()


def test_the_same_value_looks_different_each_time():
    assert field().get_prep_value(SECRET) != field().get_prep_value(SECRET)


def test_none_is_null():
    assert field().get_prep_value(None) is None
    assert field().from_db_value(None, None, connection) is None


def raw():
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM intake_draft")
        return cursor.fetchone()[0]


@pytest.fixture
def draft(db):
    return DraftFactory(answers={"full-name": SECRET})


def test_the_database_sees_no_word_of_it(draft):
    assert SECRET not in raw()
    assert json.loads(box().decrypt(raw().encode())) == {"full-name": SECRET}
    Draft.objects.update(answers={"full-name": "Someone else"})
    assert "Someone" not in raw()
    assert Draft.objects.values_list("answers", flat=True).get() == {"full-name": "Someone else"}


def test_an_old_key_still_reads_and_the_new_one_writes(draft, settings):
    old, new = settings.FIELD_KEYS, [Fernet.generate_key().decode()]
    settings.FIELD_KEYS = new + old
    kept = Draft.objects.get()
    assert kept.answers == {"full-name": SECRET}
    kept.save()
    settings.FIELD_KEYS = new
    assert Draft.objects.get().answers == {"full-name": SECRET}
    settings.FIELD_KEYS = old
    with pytest.raises(ImproperlyConfigured):
        Draft.objects.get()


def test_a_missing_key_is_told_by_field_and_without_the_value(draft, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured) as error:
        Draft.objects.get()
    assert str(error.value) == "None of FIELD_KEYS opens intake.Draft.answers: is the key that wrote it missing?"
    assert raw() not in str(error.value)


@pytest.mark.parametrize("kept", ["", "plain text", '{"full-name": "Amara"}', "gAAAAAB" + "x" * 100, "é"])
def test_what_is_not_encrypted_is_not_taken_for_an_answer(kept):
    with pytest.raises(ImproperlyConfigured):
        field().from_db_value(kept, None, connection)


def test_what_was_changed_in_the_database_is_refused(draft):
    kept = raw()
    middle = len(kept) // 2
    changed = kept[:middle] + ("A" if kept[middle] != "A" else "B") + kept[middle + 1 :]
    with pytest.raises(ImproperlyConfigured):
        field().from_db_value(changed, None, connection)


@pytest.mark.parametrize("keys", [["short"], [""], ["!" * 44]])
def test_a_key_that_is_none_is_told_without_printing_it(settings, keys):
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS holds a key that is no Fernet key") as error:
        box()
    assert not keys[0] or keys[0] not in str(error.value)


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["exact", "iexact", "contains", "icontains", "startswith", "in", "gt", "regex"])
def test_it_cannot_be_looked_up(lookup):
    with pytest.raises(FieldError, match="answers is encrypted: it can't be looked up"):
        Draft.objects.filter(**{f"answers__{lookup}": "x"}).exists()


def test_only_whether_it_is_empty_can_be_asked(draft):
    assert Draft.objects.filter(answers__isnull=False).get() == draft
    with pytest.raises(FieldError):
        Draft.objects.filter(answers={"full-name": SECRET}).exists()
    with pytest.raises(FieldError):
        Draft.objects.exclude(answers=None).exists()


def test_no_form_shows_it_by_accident():
    assert EncryptedField().formfield() is None
    assert EncryptedField().db_type(connection) == models.TextField().db_type(connection)
