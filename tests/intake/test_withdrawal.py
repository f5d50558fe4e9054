"""A treatment is withdrawn while forms name it: patients are told once, nothing is lost, and no form is missed."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from education.models import Treatment
from intake import withdrawal
from intake.models import Draft, Note, Status, Submission, Withdrawal, compiled
from intake.withdrawal import mark_open_forms, without
from tests.factories import PROCEDURE, DraftFactory, SubmissionFactory, complete_answers, hopes
from tests.intake.answers import (
    ADVICE,
    CHECK,
    DONE,
    START,
    address,
    answer,
    errors,
    fields,
    follow,
    hand_in,
    main,
    options,
    send,
    text,
)
from tests.intake.conftest import TOKEN
from tests.intake.test_concurrency import at_once, tab

pytestmark = pytest.mark.django_db

CELLFINA, QWO = "Guided subcision (Cellfina)", "Collagenase injections (Qwo)"
TREATMENTS = "/intake/treatments/"
TOLD_HEADING = "A treatment on your list is no longer available"
WHY = "The maker stopped selling it."


def record(slug="cellfina", name=CELLFINA):
    return Treatment.objects.create(slug=slug, name=name, summary="x", certainty="low")


@pytest.fixture
def cellfina(db):
    return record()


def publish(treatment, **changes):
    for name, value in changes.items():
        setattr(treatment, name, value)
    treatment.save_revision().publish()


def withdraw(treatment, why=WHY):
    publish(treatment, state="withdrawn", withdrawn_notice=why)


def make_available(treatment):
    publish(treatment, state="available")


def answers_naming(*slugs, **changes):
    given = complete_answers({"considering": list(slugs)} | changes) | PROCEDURE
    for slug in slugs:
        given |= hopes(slug)
    return given


@pytest.fixture
def naming(client, form, settings, cellfina):
    """The client's own Draft: complete, and naming Cellfina and creams."""
    client.cookies[settings.DRAFT_COOKIE_NAME] = TOKEN
    return DraftFactory(token=TOKEN, version=form, answers=answers_naming("cellfina", "creams"))


def stored():
    return Draft.objects.get()


def notice(client, url):
    """What a page tells of withdrawn treatments."""
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    box = main(response).select_one(".box-withdrawn")
    return box and " ".join(box.get_text(" ").split())


def go_on(client, url):
    """Presses the button of the page as it is."""
    return follow(client.post(url, fields(client.get(url))))


def chosen(client):
    return fields(client.get(TREATMENTS))["considering"]


# Being told


@pytest.mark.parametrize("url", [START, address("privacy"), address("health"), TREATMENTS, CHECK])
def test_whichever_page_comes_next_tells_it_until_the_patient_goes_on(client, naming, cellfina, url):
    assert notice(client, url) is None
    withdraw(cellfina)
    for _time in range(2):
        told = notice(client, url)
        assert told.startswith(f"{TOLD_HEADING} {CELLFINA}: {WHY} What is known about it")
        assert "We took it off your list, with what you hoped of it." in told
        assert "Nothing else that you told us is lost." in told
        assert main(client.get(url)).select_one('.box-withdrawn a[href="/treatments/cellfina/"]')
    assert ("Choose something else" in told) == (url != TREATMENTS)
    go_on(client, url)
    if url != CHECK:
        assert [notice(client, page) for page in (START, address("health"), CHECK)] == [None] * 3
        assert stored().answers["considering"] == ["creams"]


def test_it_is_off_the_list_and_off_the_path_at_once(client, naming, cellfina):
    withdraw(cellfina)
    assert "cellfina" not in options(client.get(TREATMENTS), "considering")
    assert chosen(client) == ["creams"]
    shown = text(client.get(CHECK))
    assert "What you hope for: Creams" in shown
    assert f"What you hope for: {CELLFINA}" not in shown
    assert "What you hope for: Creams" in text(client.get(address("hope-1")))
    assert follow(client.get(address("hope-2"))) == CHECK


def test_looking_writes_nothing(client, naming, cellfina):
    before = Draft.objects.values().get()
    withdraw(cellfina)
    for url in (START, address("goals"), TREATMENTS, address("hope-1"), CHECK):
        client.get(url)
    assert Draft.objects.values().get() == before


def test_nothing_else_is_lost(client, naming, cellfina):
    withdraw(cellfina)
    go_on(client, address("health"))
    assert stored().answers == naming.answers | {"considering": ["creams"]}


def test_whoever_chose_nothing_else_is_asked_again_and_can_go_on(client, naming, cellfina):
    Draft.objects.update(answers=answers_naming("cellfina"))
    withdraw(cellfina)
    for url in (CHECK, address("health"), address("hope-1")):
        assert follow(client.get(url)) == TREATMENTS
    assert go_on(client, START) == TREATMENTS
    assert notice(client, TREATMENTS) is None
    assert follow(send(client, "treatments")) == CHECK
    assert hand_in(client).answers["considering"] == ["none-yet"]


def test_a_page_that_was_open_before_swallows_nothing(client, naming, cellfina):
    """It was sent without its patient having read of it."""
    as_shown = fields(client.get(address("goals")))
    withdraw(cellfina)
    assert follow(client.post(address("goals"), as_shown)) == CHECK
    assert stored().answers["considering"] == ["cellfina", "creams"]
    assert CELLFINA in notice(client, CHECK)


def test_leaving_keeps_the_page_and_counts_as_told(client, naming, cellfina):
    withdraw(cellfina)
    shown = fields(client.get(address("goals")))
    assert follow(client.post(f"{address('goals')}later/", shown | {"goal-own-words": ["Shorts."]})) == START
    assert notice(client, START) is None
    assert stored().answers["goal-own-words"] == "Shorts."


def test_two_are_told_of_together_and_one_more_later(client, naming, cellfina):
    Draft.objects.update(answers=answers_naming("cellfina", "fillers", "creams"))
    fillers = record("fillers", "Filler injections")
    withdraw(cellfina)
    withdraw(fillers, why="Another reason.")
    told = notice(client, CHECK)
    assert told.startswith("Treatments on your list are no longer available")
    assert f"{CELLFINA}: {WHY}" in told and "Filler injections: Another reason." in told
    go_on(client, START)
    creams = record("creams", "Creams with caffeine or retinol")
    withdraw(creams)
    told = notice(client, START)
    assert "Creams" in told and CELLFINA not in told


def test_advice_about_an_urgent_sign_stands_alone(client, naming, cellfina):
    Draft.objects.update(answers=answers_naming("cellfina", "creams", **{"urgent-signs": ["one-leg"]}))
    withdraw(cellfina)
    assert notice(client, ADVICE) is None
    assert CELLFINA in notice(client, CHECK)


def test_of_a_draft_of_a_record_only_the_name_is_told(client, naming, cellfina):
    withdraw(cellfina, why="Words that nobody approved.")
    cellfina.refresh_from_db()
    cellfina.unpublish()
    told = notice(client, CHECK)
    assert told.startswith(f"{TOLD_HEADING} {CELLFINA} We took it")
    assert not main(client.get(CHECK)).select(".box-withdrawn a[href^='/treatments/']")


def test_qwo_counts_as_withdrawn_without_a_record(client, naming):
    Draft.objects.update(answers=answers_naming("collagenase", "creams"))
    assert QWO in notice(client, CHECK)
    record("collagenase", QWO)
    assert notice(client, CHECK) is None
    assert chosen(client) == ["collagenase", "creams"]


def test_what_a_patient_has_tried_is_history_and_stays(client, naming, cellfina):
    Draft.objects.update(answers=complete_answers({"tried": ["collagenase"], "tried-result": "worse"}))
    assert notice(client, CHECK) is None
    sent = hand_in(client)
    assert sent.answers["tried"] == ["collagenase"]
    assert not sent.names_withdrawn
    assert "E19" in [note.code for note in sent.notes.all()]


def test_it_works_for_every_treatment_of_the_form_both_ways(client, naming):
    for option in compiled(naming.version_id).question("considering").options:
        if option.exclusive or option.code in ("other", "cellfina"):
            continue
        Draft.objects.update(answers=answers_naming(option.code))
        treatment = record(option.code, option.label)
        assert notice(client, CHECK) is None
        withdraw(treatment)
        assert option.label in notice(client, START)
        assert follow(client.get(CHECK)) == TREATMENTS
        assert option.code not in options(client.get(TREATMENTS), "considering")
        make_available(treatment)
        assert notice(client, CHECK) is None
        assert chosen(client) == [option.code]


# Changing one's mind, and two tabs


def test_what_comes_back_before_the_patient_went_on_was_never_off(client, naming, cellfina):
    withdraw(cellfina)
    make_available(cellfina)
    assert notice(client, CHECK) is None
    assert hand_in(client).answers["considering"] == ["cellfina", "creams"]


def test_what_comes_back_later_can_be_chosen_again_with_its_hopes(client, naming, cellfina):
    withdraw(cellfina)
    go_on(client, address("health"))
    make_available(cellfina)
    assert "cellfina" in options(client.get(TREATMENTS), "considering")
    assert chosen(client) == ["creams"]
    assert follow(send(client, "treatments", {"considering": ["cellfina", "creams"]})) == CHECK
    assert hand_in(client).answers["hope-cellfina-change"] == "little"


def test_going_on_without_it_while_it_comes_back_keeps_it(client, naming, cellfina):
    withdraw(cellfina)
    as_shown = fields(client.get(address("health")))
    assert as_shown["told"] == ["cellfina"]
    make_available(cellfina)
    client.post(address("health"), as_shown)
    assert stored().answers["considering"] == ["cellfina", "creams"]


def test_what_is_available_is_not_taken_off_by_a_forged_word(client, naming, cellfina):
    for told in ("creams", "cellfina", "", "none-yet", "\x00", "x" * 500):
        client.post(START, {"told": told})
        send(client, "goals", {"told": told})
    assert stored().answers["considering"] == ["cellfina", "creams"]
    client.post(CHECK, {"told": "cellfina"})
    assert Submission.objects.get().answers["considering"] == ["cellfina", "creams"]


def test_the_choice_sent_from_an_old_tab_is_told_and_mended(client, naming, cellfina):
    as_shown = fields(client.get(TREATMENTS))
    withdraw(cellfina)
    response = client.post(TREATMENTS, as_shown)
    assert response.status_code == 422
    assert list(errors(response)) == ["considering"]
    assert TOLD_HEADING in text(response)
    assert fields(response)["considering"] == ["creams"]
    assert follow(client.post(TREATMENTS, fields(response))) == CHECK
    assert notice(client, CHECK) is None
    assert stored().typed == {}


def test_a_choice_sent_from_an_old_tab_can_be_left_for_later(client, naming, cellfina):
    as_shown = fields(client.get(TREATMENTS))
    withdraw(cellfina)
    client.post(TREATMENTS, as_shown)
    assert go_on(client, START) == TREATMENTS
    assert notice(client, TREATMENTS) is None
    assert chosen(client) == ["creams"]


def test_hopes_sent_from_an_old_tab_are_kept_for_a_way_back(client, naming, cellfina):
    withdraw(cellfina)
    assert follow(client.post(address("hope-1"), hopes("cellfina", change="clear"))) == CHECK
    make_available(cellfina)
    assert fields(client.get(address("hope-1")))["hope-cellfina-change"] == ["clear"]
    assert answer(client, address("hope-1")).status_code == 302
    assert client.get(CHECK).status_code == 200


def test_going_on_in_two_tabs_takes_it_off_once(client, naming, cellfina):
    withdraw(cellfina)
    for _tab in range(2):
        assert follow(client.post(START, {"told": "cellfina"})) == CHECK
    assert stored().answers["considering"] == ["creams"]


def test_going_on_after_the_form_is_gone_begins_a_new_one(client, naming):
    Draft.objects.all().delete()
    assert follow(client.post(START, {"told": "cellfina"})) == address("privacy")


# Handing in


def test_sent_after_being_told_it_goes_without(client, naming, cellfina):
    withdraw(cellfina)
    assert go_on(client, CHECK) == DONE
    sent = Submission.objects.get()
    assert sent.answers["considering"] == ["creams"]
    assert "hope-cellfina-change" not in sent.answers
    assert not sent.names_withdrawn
    assert notice(client, DONE) is None


def test_the_flip_between_reading_and_sending_loses_nothing_and_is_told_afterwards(client, naming, cellfina, outbox):
    as_shown = fields(client.get(CHECK))
    withdraw(cellfina)
    assert follow(client.post(CHECK, as_shown)) == DONE
    sent = Submission.objects.get()
    assert sent.answers["considering"] == ["cellfina", "creams"]
    assert sent.answers["hope-cellfina-change"] == "little"
    assert sent.names_withdrawn  # at once: the worker has not looked yet
    told = notice(client, DONE)
    assert told.startswith(f"A treatment that you named is no longer available {CELLFINA}: {WHY}")
    assert "Your care team sees what you named." in told


def test_the_flip_just_after_sending_marks_the_form_and_is_told(client, naming, cellfina):
    client.post(CHECK)
    assert not Submission.objects.get().names_withdrawn
    withdraw(cellfina)
    assert Submission.objects.get().names_withdrawn
    assert CELLFINA in notice(client, DONE)
    make_available(cellfina)
    assert not Submission.objects.get().names_withdrawn
    assert notice(client, DONE) is None


def test_urgent_advice_stands_alone_on_the_last_page_too(client, naming, cellfina):
    Draft.objects.update(answers=answers_naming("cellfina", **{"urgent-signs": ["one-leg"]}))
    client.post(CHECK)
    withdraw(cellfina)
    assert notice(client, DONE) is None


def test_whoever_sends_an_unfinished_form_gets_to_a_page_that_tells(client, naming, cellfina):
    """The hopes for it are not answered yet, in another tab."""
    Draft.objects.update(answers=answers_naming("creams", considering=["cellfina", "creams"]))
    withdraw(cellfina)
    response = client.post(CHECK, follow=True)
    assert response.request["PATH_INFO"] == CHECK
    assert TOLD_HEADING in text(response)
    assert go_on(client, CHECK) == DONE


def test_a_note_about_a_withdrawn_treatment_still_reaches_staff_and_patient(client, naming):
    Draft.objects.update(answers=answers_naming("collagenase"))
    client.post(CHECK)
    sent = Submission.objects.get()
    [note] = [note for note in sent.notes.all() if note.code == "E19"]
    assert note.for_patient
    assert "Qwo is no longer made." in text(client.get(DONE))
    assert Note.objects.filter(code="E19", live=True).exists()


@pytest.mark.django_db(transaction=True)
def test_flipped_and_sent_at_once_the_form_is_found(outbox):
    record()
    for number in range(3):
        DraftFactory(token=f"{TOKEN}-{number}", answers=answers_naming("cellfina"))
        make_available(Treatment.objects.get())
        patient = tab(f"{TOKEN}-{number}")
        at_once(lambda: patient.post(CHECK), lambda: withdraw(Treatment.objects.get()))  # noqa: B023
        work()
        assert Submission.objects.naming_withdrawn().count() == number + 1


def work():
    """The worker does what waits in the outbox."""
    Worker(
        queue_names=["forms"],
        excluded_queue_names=[],
        backend_name="outbox",
        worker_id="test",
        batch=True,
        interval=0,
        startup_delay=False,
        max_tasks=None,
    ).run()


# The pass over the open forms


def test_the_switch_and_its_task_are_one_transaction(cellfina, outbox):
    before = DBTaskResult.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        withdraw(cellfina)
        assert DBTaskResult.objects.count() == before + 1
        raise RuntimeError
    assert DBTaskResult.objects.count() == before
    assert not Withdrawal.objects.filter(slug="cellfina").exists()


def test_publishing_other_changes_has_nothing_looked_through(cellfina, outbox):
    withdraw(cellfina)
    before = DBTaskResult.objects.count()
    publish(cellfina, summary="Better words.")
    cellfina.save_revision()
    assert DBTaskResult.objects.count() == before


def test_a_pass_that_was_cut_short_is_mended_by_the_next(cellfina, outbox, monkeypatch):
    sent = [SubmissionFactory(answers=answers_naming("cellfina")) for _number in range(5)]
    withdraw(cellfina)
    monkeypatch.setattr(withdrawal, "BATCH", 2)
    mark, batches = withdrawal._mark, []

    def killed(chosen):
        if batches:
            raise SystemExit
        batches.append(chosen)
        mark(chosen)

    monkeypatch.setattr(withdrawal, "_mark", killed)
    with pytest.raises(SystemExit):
        mark_open_forms.call()
    assert Submission.objects.naming_withdrawn().count() == 2
    monkeypatch.setattr(withdrawal, "_mark", mark)
    mark_open_forms.call()
    assert Submission.objects.naming_withdrawn().count() == len(sent)


def test_each_start_has_the_open_forms_looked_through_and_sees_what_nobody_told(cellfina):
    SubmissionFactory(answers=answers_naming("cellfina"))
    wrong = SubmissionFactory(names_withdrawn=True)
    Treatment.objects.update(state="withdrawn")  # tells nobody
    call_command("look_for_withdrawn")
    assert Withdrawal.objects.filter(slug="cellfina").exists()
    assert list(Submission.objects.naming_withdrawn().values_list("pk", flat=True)) == [wrong.pk - 1]


def test_a_pass_leaves_closed_forms_alone_and_costs_little(cellfina, django_assert_num_queries):
    closed = SubmissionFactory(answers=answers_naming("cellfina"), status=Status.CLOSED)
    for _number in range(20):
        SubmissionFactory(answers=answers_naming("cellfina"))
    Treatment.objects.update(state="withdrawn")
    savepoints = 2
    with django_assert_num_queries(5 + savepoints):
        mark_open_forms.call()
    closed.refresh_from_db()
    assert not closed.names_withdrawn
    assert Submission.objects.naming_withdrawn().count() == 20


def test_a_page_costs_no_more_for_what_is_withdrawn(client, naming, cellfina, django_assert_max_num_queries):
    withdraw(cellfina)
    client.get(address("health"))
    for url in (START, address("health"), CHECK):
        with django_assert_max_num_queries(2):
            client.get(url)
    with django_assert_max_num_queries(3):
        client.get(TREATMENTS)
    with django_assert_max_num_queries(4):
        client.post(address("health"), fields(client.get(address("health"))))


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ({"considering": ["a", "b"], "goal": "x"}, {"considering": ["b"], "goal": "x"}),
        ({"considering": ["a"], "goal": "x"}, {"goal": "x"}),
        ({"considering": ["b"]}, {"considering": ["b"]}),
        ({"considering": []}, {"considering": []}),
        ({}, {}),
    ],
)
def test_answers_without_a_treatment(answers, left):
    given = {name: answer[:] for name, answer in answers.items()}
    assert without(answers, {"a"}) == left
    assert answers == given


def test_whoever_flips_the_switch_does_not_wait_for_the_forms(cellfina, outbox):
    SubmissionFactory(answers=answers_naming("cellfina"))
    withdraw(cellfina)
    assert not Submission.objects.naming_withdrawn().exists()
    assert "intake.withdrawal.mark_open_forms" in DBTaskResult.objects.values_list("task_path", flat=True)
