"""The commands of a clone, up to where they would serve: what they make, and what they say when they cannot."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal import demo_env, prepare, serve

ROOT = Path(__file__).resolve().parents[2]
NO_LONGER_THAN = 60


def run(*command, cwd=ROOT, **environment):
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        command, cwd=cwd, env={**base, **environment}, capture_output=True, text=True, timeout=NO_LONGER_THAN
    )


def check_start(**environment):
    return run(sys.executable, "-m", "portal.serve", "--check", **environment)


def is_one_sentence(text):
    return text.count("\n") == 1 and text.endswith((".\n", "...\n")) and "Traceback" not in text


@pytest.fixture
def clone(tmp_path):
    """As much of a fresh clone as `make run` needs until it installs."""
    folder = tmp_path / "a clone"
    (folder / "portal").mkdir(parents=True)
    for name in ("__init__.py", "demo_env.py", "serve.py"):
        shutil.copy(ROOT / "portal" / name, folder / "portal")
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text("portal-needs-this\n")
    return folder


def fake_python(folder, script):
    """Put a python3 of every name before the real ones."""
    folder.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_demo_env_holds_fresh_keys_for_nobody_else_to_read(tmp_path):
    assert demo_env.write(tmp_path / "data") is True

    written = tmp_path / "data" / ".env"
    values = dict(line.split("=", 1) for line in written.read_text().splitlines())
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700
    assert len(values["SECRET_KEY"]) > 50
    assert Fernet(values["FIELD_KEYS"])
    assert values["DEMO"] == "1"
    assert list(written.parent.iterdir()) == [written]


def test_demo_env_is_never_overwritten(tmp_path):
    (tmp_path / ".env").write_text("DEMO=0\n")
    assert demo_env.write(tmp_path) is False
    assert (tmp_path / ".env").read_text() == "DEMO=0\n"


def test_demo_env_differs_from_clone_to_clone(tmp_path):
    demo_env.write(tmp_path / "one")
    demo_env.write(tmp_path / "two")
    assert (tmp_path / "one/.env").read_text() != (tmp_path / "two/.env").read_text()


@pytest.mark.parametrize("name, value", [("SECRET_KEY", "ours"), ("DEMO", "0"), ("I_ACCEPT_NOT_READY", "1")])
def test_demo_env_is_not_made_for_a_deployment(tmp_path, monkeypatch, name, value):
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv(name, value)
    demo_env.ensure(tmp_path)
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize("value, folder", [("", "var"), ("data here", "data here"), ("/data", "/data")])
def test_a_relative_data_folder_starts_at_the_clone(monkeypatch, value, folder):
    monkeypatch.setenv("DATA_DIR", value)
    assert demo_env.data_dir() == ROOT / folder


def test_manage_makes_a_demo_env_on_a_bare_clone_and_says_so(tmp_path):
    folder = tmp_path / "data here"
    done = run(sys.executable, "manage.py", "check", DATA_DIR=str(folder))
    assert done.returncode == 0, done.stderr
    assert str(folder / ".env") in done.stderr.splitlines()[0]
    assert (folder / ".env").exists()


def test_manage_tells_of_a_data_folder_that_is_a_file_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    done = run(sys.executable, "manage.py", "check", DATA_DIR=str(tmp_path / "file"))
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)


def test_start_with_nothing_in_the_way(tmp_path):
    done = check_start(PORT=str(free_port()), DATA_DIR=str(tmp_path / "data here"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("port", ["abc", "80x", "-1", "0", "65536", "8000 ", "٨٠٠٠"])
def test_start_on_a_port_that_is_none(tmp_path, port):
    done = check_start(PORT=port, DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)


@pytest.mark.parametrize("family, host", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_start_on_a_port_that_is_taken(tmp_path, family, host):
    with socket.socket(family) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((host, 0))
        other.listen()
        done = check_start(PORT=str(other.getsockname()[1]), DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "is taken by another program" in done.stderr
    assert is_one_sentence(done.stderr)


def test_start_with_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    done = check_start(PORT=str(free_port()), DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)


def test_start_with_no_python_that_is_new_enough(clone, tmp_path):
    path = fake_python(tmp_path / "bin", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    done = run("scripts/run.sh", cwd=clone, PATH=path)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, and Python 3.9.2 was found" in done.stderr
    assert is_one_sentence(done.stderr)


def test_start_with_a_python_without_venv(clone, tmp_path):
    path = fake_python(tmp_path / "bin", f'case "$2" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac')
    done = run("scripts/run.sh", cwd=clone, PATH=path, PORT=str(free_port()))
    assert done.returncode == 1
    assert "venv module is missing" in done.stderr
    assert is_one_sentence(done.stderr)


@pytest.mark.parametrize(
    "said, told",
    [
        ("NewConnectionError: Name or service not known", "is there a network?"),
        ("ERROR: No matching distribution found for portal-needs-this", "No matching distribution found"),
    ],
)
def test_start_with_packages_that_cannot_be_installed(clone, tmp_path, said, told):
    script = f"""case "$*" in
        "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
        "-m pip install"*) echo "{said}"; exit 1;;
        *) exec {sys.executable} "$@";;
    esac"""
    path = fake_python(tmp_path / "bin", script)
    done = run("scripts/run.sh", cwd=clone, PATH=path, PORT=str(free_port()))
    assert done.returncode == 1
    assert "The packages could not be installed" in done.stderr
    assert told in done.stderr
    assert is_one_sentence(done.stderr)


def test_make_alone_lists_what_it_can_do():
    listed = [line.split()[1] for line in run("make").stdout.splitlines()]
    assert {"run", "test", "test-postgres", "check", "fix"} <= set(listed)


@pytest.mark.django_db
def test_start_puts_back_a_mail_whose_worker_was_killed():
    mail = {"task_path": "intake.tasks.mail_team", "queue_name": "mail", "backend_name": "outbox", "args_kwargs": {}}
    half_sent = DBTaskResult.objects.create(
        **mail, status="RUNNING", started_at=timezone.now(), run_after=timezone.now()
    )
    sent = DBTaskResult.objects.create(**mail, status="SUCCESSFUL", run_after=timezone.now())

    prepare.requeue_interrupted()

    assert list(DBTaskResult.objects.ready()) == [half_sent]
    assert list(DBTaskResult.objects.successful()) == [sent]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


SPAWN_ANOTHER = "import subprocess, time; subprocess.Popen(['sleep', '60']); print(flush=True); time.sleep(60)"


@pytest.fixture
def family():
    """A process that has started another, as the web server starts its workers."""
    process = serve.start("-c", SPAWN_ANOTHER)
    wait_until(lambda: members(process) == 2)
    yield process
    serve.stop(process, patience=0)


def members(process):
    """How many live processes are in the group."""
    states = [stat_line(path) for path in Path("/proc").glob("[0-9]*/stat")]
    return sum(1 for state, group in states if group == process.pid and state != "Z")


def stat_line(path):
    try:
        state, _, group = path.read_text().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return "Z", 0
    return state, int(group)


def wait_until(happened):
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_nobody_is_left_when_told_to_stop(family):
    serve.stop(family, patience=1)
    assert members(family) == 0


def test_nobody_is_left_when_the_first_of_them_is_killed(family):
    family.kill()
    family.wait()
    assert members(family) == 1
    serve.stop(family)
    assert members(family) == 0


def test_nobody_is_left_when_the_one_who_started_them_is_killed(family):
    guard = serve.start_guard(family)
    guard.stdin.close()
    wait_until(lambda: members(family) == 0)
    family.wait()
    guard.wait()


def test_the_guard_leaves_them_alone_when_all_went_well(family):
    serve.start_guard(family).communicate(b"done\n")
    assert members(family) == 2


WAIT_FOR_MAKE = """
import time
from pathlib import Path
from portal.serve import Parent

parent = Parent()
Path("waiting").touch()
while not parent.wants_to_stop():
    time.sleep(0.05)
Path("noticed").touch()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_server_notices_that_only_make_was_stopped(tmp_path, number):
    (tmp_path / "wait.py").write_text(WAIT_FOR_MAKE)
    (tmp_path / "Makefile").write_text(f"wait:\n\t@exec {sys.executable} wait.py\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    # A test run in the background is deaf to Ctrl-C, and so would be what it starts.
    hear = ["env", "--default-signal=INT", "make"]
    with subprocess.Popen(hear, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL, process_group=0) as make:
        try:
            wait_until((tmp_path / "waiting").exists)
            make.send_signal(number)
            wait_until((tmp_path / "noticed").exists)
        finally:
            serve.signal_group(make, signal.SIGKILL)


def test_the_one_that_ended_is_named():
    running, ended = serve.start("-c", "import time; time.sleep(60)"), serve.start("-c", "")
    try:
        ended.wait()
        assert serve.ended({"web server": running, "clock": ended}) == ["clock"]
    finally:
        serve.stop(running, patience=0)


@pytest.mark.parametrize("name", ["web server", "worker", "clock"])
def test_web_server_worker_and_clock_live_and_die_together(monkeypatch, capsys, name):
    """Each is a process that sleeps here; the one that is named dies at once."""
    started = {}
    names = iter(["web server", "worker", "clock"])
    real = serve.start

    def start(*command):
        one = next(names)
        started[one] = real("-c", "" if one == name else SPAWN_ANOTHER)
        return started[one]

    monkeypatch.setattr(serve, "start", start)
    monkeypatch.setattr(serve, "answers", lambda port: False)

    assert serve.supervise(8000, []) == 1

    assert f"The {name} stopped by itself, so everything stops." in capsys.readouterr().out
    assert [members(process) for process in started.values()] == [0, 0, 0]
