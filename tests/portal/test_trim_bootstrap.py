"""The part of Bootstrap that pages to read load."""

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import trim_bootstrap

CSS = (
    '@charset "UTF-8";'
    ":root,[data-bs-theme=light]{--a:1}[data-bs-theme=dark]{--a:2}h1,.h1{margin:0}.btn:not(.x,.y):hover{color:red}"
    ".btn.show,.card>.btn{color:blue}@media (min-width:9px){.card{top:0}}@media print{.btn,.card{top:1px}}"
    "@keyframes spin{to{top:0}}"
)


def test_a_rule_stays_for_bare_elements_and_for_classes_that_are_used():
    trimmed = trim_bootstrap.trim(CSS, {"btn", "x", "y"})

    assert trimmed == (
        ":root,[data-bs-theme=light]{--a:1}h1{margin:0}.btn:not(.x,.y):hover{color:red}@media print{.btn{top:1px}}"
    )


def test_no_rule_of_bootstrap_is_overlooked():
    css = trim_bootstrap.COMMENT.sub("", trim_bootstrap.WHOLE.read_text())

    rules = "".join(f"{head}{{{body}}}" for head, body in trim_bootstrap.RULE.findall(css))

    assert rules.strip() == css.strip()


def test_it_carries_the_licence_and_is_a_fraction_of_the_whole():
    whole, trimmed = trim_bootstrap.WHOLE.read_text(), trim_bootstrap.written()

    assert "Licensed under MIT" in trimmed
    assert len(trimmed) < len(whole) / 10


def test_the_check_fails_when_it_is_out_of_date(tmp_path, monkeypatch):
    monkeypatch.setattr(trim_bootstrap, "READING", tmp_path / "reading.css")
    with pytest.raises(CommandError, match="trim_bootstrap"):
        call_command("trim_bootstrap", check=True)

    call_command("trim_bootstrap")

    call_command("trim_bootstrap", check=True)
