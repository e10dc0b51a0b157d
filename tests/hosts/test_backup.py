"""A backup of one host's, restored by another onto an empty database and an empty bucket."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.hosts.conftest import LONG, Cluster, Person, sign_up
from tests.hosts.host import Host

MAIL = "eve.kent@mail.example"
_MANAGE = "from django.core import management as m; m.call_command(*sys.argv[1:])"
_OPEN = """
from documents.models import Document
from pastebin.models import Paste
from pastebin.services import read_original
from vault.files import read_file
pid, token, document, document_token = sys.argv[1:]
paste = Paste.objects.get(pk=pid)
print(read_original(paste, paste.envelope.open_with_token(token)).text)
one = Document.objects.get(pk=document)
key = one.envelope.open_with_token(document_token)
print(b"".join(read_file(one.envelope.files.get(name="source"), key)).decode())
"""


@LONG
def test_old_private_links_open_on_an_empty_machine(
    cluster: Cluster, person: Person, tmp_path: Path
) -> None:
    sign_up(person, cluster.a)
    pid = person.paste(cluster.a, f"Write to {MAIL} today.")
    cluster.wait(lambda: person.raw(cluster.a, pid).status_code == 200, "the paste")
    links = person.get(cluster.a, f"/view/{pid}/links").text
    token = links.partition("?token=")[2].partition('"')[0]
    with cluster.a.client() as client:
        file = {"file": ("letter.txt", f"A letter to {MAIL}.".encode())}
        made = client.post("/api/v1/documents", files=file).json()
    archive = tmp_path / "all.tar"
    cluster.a.python(_MANAGE, "backup", str(archive))
    assert MAIL.encode() not in archive.read_bytes()

    elsewhere = _empty_machine(cluster, tmp_path)
    elsewhere.python(_MANAGE, "restore", str(archive))
    opened = elsewhere.python(_OPEN, pid, token, made["id"], made["reveal_token"])
    assert opened.splitlines() == [f"Write to {MAIL} today.", f"A letter to {MAIL}."]
    # Nothing was read from where the backup came from.
    assert cluster.shared.bucket("elsewhere").keys() <= cluster.shared.bucket().keys()
    assert cluster.shared.bucket("elsewhere")


def _empty_machine(cluster: Cluster, folder: Path) -> Host:
    with psycopg.connect(cluster.shared.database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere")
    cluster.shared.s3().create_bucket(Bucket="elsewhere")
    url = cluster.shared.database_url.rpartition("/")[0] + "/elsewhere"
    settings = {**cluster.b.settings, "DATABASE_URL": url, "BLACKBAR_S3_BUCKET": "elsewhere"}
    return Host(cluster.b.place, folder / "elsewhere", settings)
