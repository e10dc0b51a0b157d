"""A host that is lost takes nothing with it; one of another version gets no requests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.hosts.conftest import LONG, Cluster, Person, sign_up
from tests.hosts.host import Host
from tests.hosts.shared import ROOT

# Long enough to be in mid-scan when a host is lost.
LONG_TEXT = (
    "Notes of the meeting with nothing to hide. The weather was fine and the tea was hot. " * 500
)
# Holds the rows of a scan as a worker does that writes its result, and never ends.
HOLDING = """
import sys, time, django
django.setup()
from django.db import transaction
from inference.models import Scan
with transaction.atomic():
    list(Scan.objects.select_for_update().filter(envelope__paste__pk=sys.argv[1]))
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def restored(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster; afterwards both hosts are at work again."""
    yield cluster
    for host in (cluster.a, cluster.b):
        host.place.plug_in()
        if host.process is None:
            host.start()
        host.wait_until_ready()


def test_a_host_lost_in_mid_work_loses_nothing_and_signs_nobody_out(
    restored: Cluster, person: Person
) -> None:
    cluster, a, b = restored, restored.a, restored.b
    sign_up(person, b)
    pids = [person.paste((a, b)[n % 2], f"{LONG_TEXT} Ask p{n}@mail.example.") for n in range(4)]
    pids += [person.paste((a, b)[n % 2], f"Write to q{n}@mail.example.") for n in range(8)]
    running = "SELECT count(*) FROM inference_scan WHERE state = 'running'"
    cluster.wait(lambda: cluster.query(running) != [(0,)], "a scan under way")
    b.lose_power()
    # The same cookie, whoever answers: the proxy notices by itself.
    cluster.wait(lambda: person.get(cluster.url, "/accounts/").status_code == 200, "the other host")
    pids.append(person.paste(cluster.url, "Write to last@mail.example."))
    for pid in pids:
        cluster.wait(lambda p=pid: person.raw(a, p).status_code == 200, f"{pid}", 180)  # type: ignore[misc]
        assert "@mail.example" not in person.raw(cluster.url, pid).text
    rows = cluster.query(
        "SELECT s.state, count(*) FROM inference_scan s JOIN pastebin_paste p"
        " USING (envelope_id) WHERE p.pid = ANY(%s) GROUP BY 1",
        pids,
    )
    assert rows == [("done", len(pids))]
    assert len(set(pids)) == len(pids)


@LONG
def test_locks_of_a_host_that_vanished_hold_nobody_up_for_long(restored: Cluster) -> None:
    restored.need_cables()
    cluster, a, b = restored, restored.a, restored.b
    someone = Person(cluster, httpx.Cookies())
    pid = someone.paste(a, "Tea.")
    cluster.wait(lambda: someone.raw(a, pid).status_code == 200, "the paste")
    command = [*b.place.enter, sys.executable, "-c", HOLDING, pid]
    environment = {**b.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as holding:
        assert holding.stdout is not None
        try:
            assert holding.stdout.readline() == "held\n"
            b.place.pull_cable()
            free = (
                "SELECT count(*) FROM (SELECT 1 FROM inference_scan s JOIN pastebin_paste p"
                " USING (envelope_id) WHERE p.pid = %s FOR UPDATE OF s SKIP LOCKED) one"
            )
            assert cluster.query(free, pid) == [(0,)]
            cluster.wait(lambda: cluster.query(free, pid) == [(1,)], "the lock's end", 90)
        finally:
            holding.kill()


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A tree of a newer version: the same code, and two migrations more."""
    tree = tmp_path / "newer"
    tree.mkdir()
    for path in ROOT.iterdir():
        if path.name not in {"pastebin", "var", ".git"}:
            (tree / path.name).symlink_to(path)
    shutil.copytree(ROOT / "pastebin", tree / "pastebin")
    folder = tree / "pastebin" / "migrations"
    before = max(path.stem for path in folder.glob("0*.py"))
    for name in ("9998_more", "9999_stop_old"):
        (folder / f"{name}.py").write_text(
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = [('pastebin', '{before}')]\n    operations = []\n"
        )
        before = name
    return tree


def test_versions_that_do_not_fit_the_database_get_no_requests(
    restored: Cluster, newer: Path, tmp_path: Path
) -> None:
    cluster = restored
    place = cluster.net.place("cyd")
    host = Host(place, tmp_path / "cyd", cluster.a.settings, code=newer)
    web = ("gunicorn", "--config", "config/gunicorn.py", "config.wsgi")
    host.start(sys.executable, "-m", *web)

    def migrations(where: Host) -> str:
        return where.state("/readyz/web")[1].get("migrations", "")

    migrate = "from django.core import management as m; m.call_command('migrate', %s, verbosity=0)"
    try:
        # Before its migrations the newer one waits, and the others serve.
        cluster.wait(lambda: "2 migrations" in migrations(host), "the newer version")
        assert host.state("/readyz/web")[0] == 503
        assert migrations(cluster.a) == "ok"
        # One that the former version can live with.
        host.python(migrate % "'pastebin', '9998'")
        assert migrations(cluster.a) == "ok"
        # One that it cannot: from now on the newer one serves alone.
        host.python(migrate % "'pastebin', '9999'")
        assert host.state("/readyz/web")[0] == 200
        for old in (cluster.a, cluster.b):
            assert migrations(old) == "newer than this version can work with"
    finally:
        cluster.query("DELETE FROM django_migrations WHERE name LIKE '999%%'")
        host.stop()
    assert migrations(cluster.a) == "ok"
