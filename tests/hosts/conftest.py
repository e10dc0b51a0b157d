"""Two hosts, what they share, and a proxy in front: started once for all tests of this folder."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.hosts.host import PASSWORD, Host
from tests.hosts.network import Network, network
from tests.hosts.shared import BUCKET, DOMAIN, ROOT, Shared, proxy, shared_servers

# What waits for clocks of the network, or repeats for a bucket what tests/whole shows for a folder.
LONG = pytest.mark.skipif(
    not os.environ.get("BLACKBAR_HOSTS_LONG"), reason="BLACKBAR_HOSTS_LONG=1 runs it, in a minute"
)


@dataclass(slots=True)
class Cluster:
    """Two hosts of one Blackbar."""

    net: Network
    shared: Shared
    a: Host
    b: Host
    url: str
    key: str = ""

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a query on the database."""
        with psycopg.connect(self.shared.database_url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def wait(self, is_so: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, what
            time.sleep(0.05)

    def need_cables(self) -> None:
        """Skip a test, aloud, where hosts have no cable to pull."""
        if self.net.why_not:
            pytest.skip(f"no cable to pull: {self.net.why_not}")


@contextlib.contextmanager
def cluster_of(names: tuple[str, str], folder: Path, code: Path = ROOT) -> Iterator[Cluster]:
    """Start what two hosts share, and both at once on an empty database.

    code: the tree that they run
    """
    folder.chmod(0o711)
    with contextlib.ExitStack() as stack:
        net = stack.enter_context(network())
        places = [net.place(name) for name in names]
        shared = stack.enter_context(shared_servers(folder, net.address))
        url = stack.enter_context(proxy(folder, places))
        settings = cluster_settings(shared, url)
        a, b = (Host(place, folder / place.name, settings, code=code) for place in places)
        for host in (a, b):
            host.start()
            stack.callback(host.stop)
        for host in (a, b):
            host.wait_until_ready()
        yield Cluster(net, shared, a, b, url)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two hosts, for all tests of this folder."""
    with cluster_of(("ada", "bob"), tmp_path_factory.mktemp("hosts")) as cluster:
        cluster.key = cluster.a.python(
            "from accounts.keys import create_key; from accounts.models import Scope, User\n"
            "owner = User.objects.create_user('programmer')\n"
            "print(create_key(owner=owner, name='k', scopes=list(Scope)).bearer)"
        )
        yield cluster


@dataclass(slots=True)
class Person:
    """Somebody with a browser without scripts, who may ask either host, or the proxy."""

    cluster: Cluster
    cookies: httpx.Cookies

    def get(self, where: Host | str, path: str, **more: object) -> httpx.Response:
        """Ask for a page."""
        return self._ask("GET", where, path, **more)

    def post(self, where: Host | str, path: str, form: dict[str, str]) -> httpx.Response:
        """Send a form of a page."""
        page = self.get(where, path).text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        return self._ask("POST", where, path, data={"csrfmiddlewaretoken": token, **form})

    def paste(self, where: Host | str, text: str) -> str:
        """Post a text and return its id."""
        form = {
            "text": text,
            "expires": "1h",
            "style": "placeholder",
            "operating_point": "balanced",
        }
        answer = self.post(where, "/", form)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].split("/")[2]

    def raw(self, where: Host | str, pid: str) -> httpx.Response:
        """Ask for a paste's plain redacted text."""
        return self.get(where, f"/view/{pid}/raw")

    def _ask(self, method: str, where: Host | str, path: str, **more: object) -> httpx.Response:
        url = where if isinstance(where, str) else where.url
        headers = {"Origin": self.cluster.url} if method == "POST" else {}
        if isinstance(where, Host):
            port = self.cluster.url.rpartition(":")[2]
            headers |= {"Host": f"{DOMAIN}:{port}", "X-Forwarded-Proto": "https"}
            headers |= {"X-Forwarded-For": "127.0.0.1"}
        # Cookies are Secure, and hosts are asked behind the proxy's back.
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with httpx.Client(base_url=url, verify=False, timeout=60) as client:
            answer = client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]
        for name, value in answer.cookies.items():
            self.cookies.set(name, value)
        for cookie in answer.cookies.jar:
            self.cookies.set(cookie.name, cookie.value or "")
        return answer


@pytest.fixture
def person(cluster: Cluster) -> Person:
    """Somebody who is not signed in."""
    return Person(cluster, httpx.Cookies())


def sign_up(person: Person, where: Host | str) -> str:
    """Make an account on a host and return its name."""
    name = f"person-{secrets.token_hex(4)}"
    form = {"username": name, "email": "", "password1": PASSWORD, "password2": PASSWORD}
    answer = person.post(where, "/accounts/signup/", form)
    assert answer.status_code == 302, answer.text[-2000:]
    return name


def cluster_settings(shared: Shared, url: str) -> dict[str, str]:
    """Return what all hosts of a cluster are started with."""
    return {
        "DATABASE_URL": shared.database_url,
        "REDIS_URL": shared.redis_url,
        "BLACKBAR_S3_BUCKET": BUCKET,
        "BLACKBAR_S3_ENDPOINT": shared.s3_url,
        "BLACKBAR_S3_REGION": "local",
        "BLACKBAR_S3_ACCESS_KEY": "blackbar",
        "BLACKBAR_S3_SECRET_KEY": shared.s3_secret,
        "BLACKBAR_SECRET_KEY": secrets.token_urlsafe(48),
        "BLACKBAR_SERVICE_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode(),
        "BLACKBAR_METRICS_TOKEN": secrets.token_hex(24),
        "BLACKBAR_PUBLIC_URL": url,
        "BLACKBAR_HOSTS": DOMAIN,
        "BLACKBAR_PROXIES": "1",
        "BLACKBAR_CHECKPOINT": "compact",
        "BLACKBAR_PLAIN_STATIC": "1",
        "BLACKBAR_WEB_WORKERS": "1",
        "BLACKBAR_SCAN_LEASE_SECONDS": "3",
        "BLACKBAR_SWEEP_SECONDS": "1",
        "BLACKBAR_API_ANONYMOUS_PER_MINUTE": "0",
        "BLACKBAR_POSTS_PER_MINUTE": "0",
        "BLACKBAR_ACCOUNT_POSTS_PER_MINUTE": "0",
    }
