"""Jobs of the loop: pastes and small documents of an account and of nobody, and what came of them.

Every job hides one value of its own and says one harmless word of its own, so that each answer of
the server can be judged alone.
"""

from __future__ import annotations

import email.message
import io
import json
import random
import secrets
import threading
import time
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pymupdf

from tests.faults.machine import Machine

BEGIN = "This is about"
HIDDEN = "<PRIVATE_EMAIL>"
FILLER = "The weather was fine and the tea was hot, and nobody had anything to hide that day. "
# Three of them make what is harmless about a job.
WORDS = (
    *("apples", "bread", "bricks", "bridges", "butter", "candles", "carpets", "chairs", "cheese"),
    *("clouds", "corn", "cups", "doors", "fences", "flour", "forks", "gloves", "grass", "hammers"),
    *("hats", "honey", "kettles", "ladders", "lamps", "leaves", "milk", "nails", "onions", "paper"),
    *("pears", "pencils", "pianos", "plates", "rain", "ropes", "salt", "shoes", "snow", "spoons"),
    *("stones", "sugar", "tables", "tea", "tiles", "trees", "walls", "water", "wheat", "windows"),
)
# A repeated request under its key is the same request, so a program repeats until it is answered.
REPEATED = {409, 500, 502, 503, 504}


@dataclass(slots=True)
class Job:
    """One thing that is handed in.

    private: what nobody may see but by the private link
    word:    what everybody may see, once it was scanned
    """

    number: int
    kind: str
    owner: str
    private: str
    word: str
    content: bytes
    name: str = ""
    pid: str = ""
    token: str = ""
    tries: int = 0

    @property
    def is_paste(self) -> bool:
        """Say whether it is a text."""
        return self.kind == "paste"

    @property
    def address(self) -> str:
        """Its address in the API."""
        return f"/api/v1/{'pastes' if self.is_paste else 'documents'}/{self.pid}"

    @property
    def public(self) -> list[str]:
        """Addresses that anybody may ask for."""
        page = f"/view/{self.pid}" if self.is_paste else f"/documents/{self.pid}"
        paths = [page, f"{page}/raw", self.address, f"{self.address}/text"]
        return [*paths, f"/api/paste/{self.pid}" if self.is_paste else f"{self.address}/file"]


def make_job(number: int, chance: random.Random) -> Job:
    """Return a job: two in three are texts, one in ten of them is long."""
    mark = secrets.token_hex(5)
    private, word = f"p{mark}@mail.example", " and ".join(chance.sample(WORDS, 3))
    text = f"{BEGIN} {word}. Write to {private} today.\n"
    owner = chance.choice(("alice", "nobody"))
    kind = chance.choice(("paste", "paste", "paste", "paste", "txt", "eml", "pdf", "docx"))
    if kind == "paste" and chance.random() < 0.1:
        text += FILLER * 400
    if kind == "paste":
        return Job(number, kind, owner, private, word, text.encode())
    return Job(number, kind, owner, private, word, _file(kind, text), f"notes.{kind}")


def _file(kind: str, text: str) -> bytes:
    match kind:
        case "pdf":
            document = pymupdf.open()
            document.new_page().insert_text((72, 96), text)
            return bytes(document.tobytes())
        case "eml":
            message = email.message.EmailMessage()
            message["From"], message["Subject"] = "desk@office.example", "Notes"
            message.set_content(text, cte="8bit")
            return message.as_bytes()
        case "docx":
            return _docx(text.strip())
        case _:
            return text.encode()


def _docx(text: str) -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    prefix = "application/vnd.openxmlformats-"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}"><Default Extension="rels"'
        f' ContentType="{prefix}package.relationships+xml"/><Override'
        f' PartName="/word/document.xml" ContentType="{prefix}officedocument.'
        'wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>{text}'
        "</w:t></w:r></w:p></w:body></w:document>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return packed.getvalue()


@dataclass(slots=True)
class Programs:
    """Who hands jobs in: programs that repeat a request under its key until it is answered."""

    machine: Machine
    key: str
    accepted: list[Job] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def headers(self, job: Job) -> dict[str, str]:
        """Return what shows who asks."""
        return {"Authorization": f"Bearer {self.key}"} if job.owner == "alice" else {}

    def hand_in(self, job: Job, seconds: float = 600) -> None:
        """Hand a job in; it counts as accepted once the answer has come."""
        headers = self.headers(job) | {"Idempotency-Key": job.private}
        deadline = time.monotonic() + seconds
        while True:
            job.tries += 1
            answer = self._sent(job, headers)
            if answer is not None and answer.status_code not in REPEATED:
                break
            assert time.monotonic() < deadline, f"job {job.number} was never taken"
            time.sleep(0.3)
        assert answer.status_code in {201, 202}, (answer.status_code, answer.json().get("code"))
        made = answer.json()
        # A repetition finds what the first request made, and gets no second token.
        job.pid, job.token = made["id"], made["reveal_token"] or ""
        with self.lock:
            self.accepted.append(job)

    def _sent(self, job: Job, headers: dict[str, str]) -> httpx.Response | None:
        url = f"{self.machine.url}/api/v1/{'pastes' if job.is_paste else 'documents'}"
        try:
            if job.is_paste:
                body = {"text": job.content.decode()}
                return httpx.post(url, json=body, headers=headers, timeout=60)
            files = {"file": (job.name, job.content)}
            return httpx.post(url, files=files, headers=headers, timeout=60)
        except httpx.TransportError:
            return None


@dataclass(slots=True)
class Watcher:
    """A stranger who asks for public addresses all the time, and keeps what should not be there."""

    machine: Machine
    programs: Programs
    chance: random.Random
    over: threading.Event = field(default_factory=threading.Event)
    leaks: list[str] = field(default_factory=list)
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)
    answers: int = 0

    def watch(self) -> None:
        """Ask until it is over. Newer jobs are asked for more often."""
        with httpx.Client(base_url=self.machine.url, timeout=20) as client:
            while not self.over.is_set():
                with self.programs.lock:
                    jobs = self.programs.accepted[-12:] + self.programs.accepted[:1]
                if not jobs:
                    time.sleep(0.1)
                    continue
                self._look(client, self.chance.choice(jobs))
                time.sleep(0.01)

    def _look(self, client: httpx.Client, job: Job) -> None:
        path = self.chance.choice(job.public)
        try:
            answer = client.get(path)
        except httpx.TransportError:
            return
        now = datetime.now(UTC)
        self.answers += 1
        content = plain(answer.content)
        if job.private.encode() in content:
            self.leaks.append(f"{path} of job {job.number} ({job.kind}) shows what is private")
        if job.word.encode() in content:
            kind = "clean" if path.endswith("/file") else "scan"
            self.seen.setdefault((kind, job.pid), now)


def plain(content: bytes) -> bytes:
    """Return the readable bytes of an answer, those of packed files and PDFs too."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        with pymupdf.open(stream=content) as document:
            return "\n".join(page.get_text() for page in document).encode() + content
    return content


def as_text(answer: httpx.Response) -> str:
    """Return the text of an answer about an original, whatever its form."""
    body = json.loads(answer.content)
    return str(body["text"])
