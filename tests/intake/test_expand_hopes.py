"""The hope steps of the form are made from one template, one for each treatment."""

import json

import pytest
from django.core.management import CommandError, call_command

from intake.management.commands import expand_hopes

NO_BRUISING = {"creams", "massage", "acoustic-wave", "radiofrequency", "weight-and-exercise", "wraps-and-heat"}


@pytest.fixture
def form_file(tmp_path, monkeypatch):
    """A copy of the form that a test may change."""
    path = tmp_path / "form.json"
    path.write_text(expand_hopes.FORM.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(expand_hopes, "FORM", path)
    return path


def change(path, edit):
    form = json.loads(path.read_text(encoding="utf-8"))
    edit(form)
    path.write_text(json.dumps(form, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def steps(path):
    return {step["linkId"]: step for step in json.loads(path.read_text(encoding="utf-8"))["item"]}


def is_hope(link_id):
    return link_id.startswith("step-hope-")


def forget_the_hopes(form):
    form["item"] = [step for step in form["item"] if not is_hope(step["linkId"])]


def shuffle_the_hopes(form):
    form["item"] = sorted(form["item"], key=lambda step: is_hope(step["linkId"]))


def reword_a_hope(form):
    next(step for step in form["item"] if is_hope(step["linkId"]))["text"] = "Something else"


def rename_a_treatment(form):
    step = next(step for step in form["item"] if step["linkId"] == "step-treatments")
    options = next(item for item in step["item"] if item["linkId"] == "considering")["answerOption"]
    options[0]["valueCoding"]["display"] = 'Needles at "home"'


def test_the_committed_form_is_up_to_date():
    call_command("expand_hopes", check=True)


def test_the_template_is_written_like_the_form():
    written = expand_hopes.TEMPLATE.read_text(encoding="utf-8")
    assert written == json.dumps(json.loads(written), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("edit", [forget_the_hopes, shuffle_the_hopes, reword_a_hope])
def test_expanding_puts_right_what_was_changed_and_then_changes_nothing(form_file, edit):
    committed = form_file.read_text(encoding="utf-8")
    change(form_file, edit)
    for _again in range(2):
        call_command("expand_hopes")
        assert form_file.read_text(encoding="utf-8") == committed


@pytest.mark.parametrize("edit", [forget_the_hopes, shuffle_the_hopes, reword_a_hope, rename_a_treatment])
def test_the_check_fails_after_a_change_and_changes_nothing_itself(form_file, edit):
    change(form_file, edit)
    changed = form_file.read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="manage.py expand_hopes"):
        call_command("expand_hopes", check=True)
    assert form_file.read_text(encoding="utf-8") == changed


def test_a_new_name_of_a_treatment_is_taken_over_whatever_is_in_it(form_file):
    change(form_file, rename_a_treatment)
    call_command("expand_hopes")
    assert steps(form_file)["step-hope-home-micro-needling"]["text"].endswith('Needles at "home"')


def test_the_18_steps_follow_the_treatments_step_in_the_order_on_offer(form_file):
    found = steps(form_file)
    names = list(found)
    place = names.index("step-treatments") + 1
    considering = next(item for item in found["step-treatments"]["item"] if item["linkId"] == "considering")
    codes = [option["valueCoding"]["code"] for option in considering["answerOption"]]
    assert names[place : place + 18] == [f"step-hope-{code}" for code in codes if code not in ("other", "none-yet")]
    assert sum(map(is_hope, names)) == 18


def test_bruising_is_left_out_exactly_where_a_treatment_never_bruises(form_file):
    hopes = {name.removeprefix("step-hope-"): step for name, step in steps(form_file).items() if is_hope(name)}
    for slug, step in hopes.items():
        dimensions = ["change", "lasts"] if slug in NO_BRUISING else ["change", "lasts", "bruising"]
        assert [item["linkId"] for item in step["item"]] == [f"hope-{slug}-{name}" for name in dimensions]


def test_a_treatment_without_a_record_is_named(form_file, monkeypatch, tmp_path):
    monkeypatch.setattr(expand_hopes, "TREATMENTS", tmp_path)
    with pytest.raises(CommandError, match=r"home-micro-needling\.toml is missing"):
        call_command("expand_hopes")
