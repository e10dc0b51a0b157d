"""Several hosts are one Blackbar: what one takes in, another scans, shows, reveals and changes."""

from __future__ import annotations

import signal
from itertools import pairwise

import httpx

from tests.hosts.conftest import Cluster, Person, sign_up
from tests.hosts.host import PASSWORD, Host
from tests.hosts.shared import monitored

MAIL = "eve.kent@mail.example"
WORKERS = ("engine@", "documents@", "files@")


def _api(cluster: Cluster, host: Host) -> httpx.Client:
    client = host.client()
    client.headers["Authorization"] = f"Bearer {cluster.key}"
    return client


def test_hosts_that_start_at_once_on_an_empty_database_are_both_ready(cluster: Cluster) -> None:
    for host in (cluster.a, cluster.b):
        status, parts = host.state("/readyz")
        assert (status, set(parts.values())) == (200, {"ok"})
        assert host.state("/readyz/web")[0] == 200
    twice = "SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1"
    assert cluster.query(twice) == []


def test_the_proxy_ends_tls_and_hosts_know_it(cluster: Cluster, person: Person) -> None:
    answer = person.get(cluster.url, "/")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
    # A page's own links carry the address that people use.
    pid = person.paste(cluster.url, f"Write to {MAIL}.")
    cluster.wait(lambda: person.raw(cluster.url, pid).status_code == 200, "the paste")
    links = person.get(cluster.url, f"/view/{pid}/links").text
    assert f"{cluster.url}/view/{pid}?token=" in links
    # From Valkey, before Django, the header is there too.
    assert "Strict-Transport-Security" in person.raw(cluster.url, pid).headers


def test_signed_in_and_posted_here_scanned_and_opened_there(
    cluster: Cluster, person: Person
) -> None:
    a, b = cluster.a, cluster.b
    sign_up(person, a)
    a.send(signal.SIGSTOP, *WORKERS)
    try:
        pid = person.paste(a, f"Write to {MAIL} today.")
        cluster.wait(lambda: person.raw(b, pid).status_code == 200, "the other host's engine")
    finally:
        a.send(signal.SIGCONT, *WORKERS)
    assert person.raw(b, pid).text == "Write to <PRIVATE_EMAIL> today."
    # The session of A is asked for on B, too: only the owner sees the private link.
    token = person.get(b, f"/view/{pid}/links").text.partition("?token=")[2].partition('"')[0]
    stranger = Person(cluster, httpx.Cookies())
    opened = stranger.get(b, f"/view/{pid}?token={token}")
    while opened.is_redirect:
        opened = stranger.get(a, opened.headers["Location"].removeprefix(cluster.url))
    assert MAIL in opened.text


def test_a_document_of_one_host_is_cleaned_and_fetched_on_the_other(cluster: Cluster) -> None:
    a, b = cluster.a, cluster.b
    a.send(signal.SIGSTOP, *WORKERS)
    try:
        with _api(cluster, a) as here, _api(cluster, b) as there:
            file = {"file": ("letter.txt", f"Write to {MAIL} today.\n".encode())}
            made = here.post("/api/v1/documents", files=file).json()
            path = f"/api/v1/documents/{made['id']}/file"
            cluster.wait(lambda: there.get(path).status_code == 200, "the clean file")
            clean = there.get(path)
            source = there.get(f"/api/v1/documents/{made['id']}/source")
    finally:
        a.send(signal.SIGCONT, *WORKERS)
    assert MAIL not in clean.text
    assert clean.text.startswith("Write to ")
    assert MAIL in source.text
    stored = cluster.shared.bucket()
    assert stored
    assert not any(MAIL.encode() in content for content in stored.values())
    for host in (a, b):
        assert not list((host.var / "sealed").rglob("*"))


def test_a_correction_on_one_host_shows_on_the_other_at_once(cluster: Cluster) -> None:
    text = f"Quinoa Street 5. Write to {MAIL}."
    with _api(cluster, cluster.a) as here, _api(cluster, cluster.b) as there:
        pid = here.post("/api/v1/pastes", json={"text": text}).json()["id"]
        page = f"/view/{pid}/raw"
        cluster.wait(lambda: there.get(page).status_code == 200, "the paste")
        assert "Write to" in there.get(page).text  # now it lies in the cache of pages
        revision = here.get(f"/api/v1/pastes/{pid}/spans").json()["revision"]
        start = text.index("Write")
        edit = {"op": "add", "start": start, "end": start + 5, "label": "secret"}
        change = {"revision": revision, "all_mentions": True, "edits": [edit]}
        assert here.post(f"/api/v1/pastes/{pid}/spans", json=change).status_code == 200
        assert "Write" not in there.get(page).text


def test_what_is_taken_down_or_deleted_on_one_host_is_gone_on_the_other(cluster: Cluster) -> None:
    with _api(cluster, cluster.a) as here, _api(cluster, cluster.b) as there:
        pids = [here.post("/api/v1/pastes", json={"text": "Tea."}).json()["id"] for _ in range(2)]
        for pid in pids:
            cluster.wait(lambda p=pid: there.get(f"/view/{p}/raw").status_code == 200, "the paste")
            assert there.get(f"/view/{pid}/raw").text == "Tea."
        cluster.a.python(
            "from accounts.models import User; from moderation import services\n"
            "from moderation.models import Reason\n"
            "one = services.report(kind='paste', pid=sys.argv[1], reason=list(Reason)[0],"
            " message='', network='x')\n"
            "services.take_down(one, by=User.objects.get(username='programmer'))",
            pids[0],
        )
        assert here.delete(f"/api/v1/pastes/{pids[1]}").status_code == 204
        for pid in pids:
            assert there.get(f"/view/{pid}/raw").status_code == 404
            assert there.get(f"/view/{pid}").status_code == 404


def test_limits_count_over_all_hosts(cluster: Cluster) -> None:
    bearer = cluster.b.python(
        "from accounts.keys import create_key\n"
        "from accounts.models import RequestLimits, Scope, User\n"
        "owner = User.objects.get(username='programmer')\n"
        "made = create_key(owner=owner, name='limited', scopes=list(Scope))\n"
        "RequestLimits.objects.create(key=made.key, credits=5)\n"
        "print(made.bearer)"
    )
    answers = []
    for number in range(6):
        host = (cluster.a, cluster.b)[number % 2]
        with host.client() as client:
            client.headers["Authorization"] = f"Bearer {bearer}"
            answers.append(client.post("/api/v1/redact", json={"text": "Tea."}).status_code)
    assert answers == [200] * 5 + [429]


def test_wrong_passwords_count_over_all_hosts(cluster: Cluster, person: Person) -> None:
    name = sign_up(Person(cluster, httpx.Cookies()), cluster.a)
    form = {"login": name, "password": "wrong and wrong again"}
    for number in range(5):
        person.post((cluster.a, cluster.b)[number % 2], "/accounts/login/", form)
    for host in (cluster.a, cluster.b):
        answer = person.post(host, "/accounts/login/", {"login": name, "password": PASSWORD})
        assert answer.status_code == 429


def test_sweeps_run_once_though_every_host_has_a_beat(cluster: Cluster) -> None:
    assert cluster.a.processes("beat")
    assert cluster.b.processes("beat")
    sent = []
    with monitored(cluster.shared.redis_url).monitor() as seen:
        until = None
        for line in seen.listen():
            until = until or line["time"] + 6
            if line["time"] > until:
                break
            if line["command"].startswith("LPUSH") and '"inference.sweep"' in line["command"]:
                sent.append(line["time"])
    # One a second, by whichever host.
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert 2 <= len(sent) <= 8, len(sent)
    assert min(gaps) > 0.8
