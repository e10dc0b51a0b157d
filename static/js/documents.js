// The page of documents: files dropped, pasted or chosen are sent at once, each with its own progress.
import { takeFilesAnywhere } from "./drop.js";
import { expiresAt, expiryAsUtc, isExpiryGood } from "./expiry.js";
import { prove } from "./proof.js";
import { toast } from "./toast.js";
import { Refused, upload } from "./upload.js";

const AT_ONCE = 2;
const RETRY_MS = 3000;
// Longer than a minute nobody waits for a limit to end: then the sentence is shown.
const LONGEST_PAUSE_SECONDS = 61;
const form = document.getElementById("upload");
const list = document.getElementById("uploads");
const note = document.getElementById("file-note");
const file = document.getElementById("file");
const most = Number(form.dataset.max) || Infinity;
const waiting = [];
let sending = 0;
let pausedUntil = 0;

function take(files) {
  note.textContent = "";
  if (!files.length) return;
  if (!isExpiryGood()) {
    note.textContent = "The expiry time has to lie in the future. Nothing was sent.";
    expiresAt.focus();
    return;
  }
  const isAlone = files.length === 1 && !list.childElementCount;
  for (const one of files) {
    const row = rowOf(one);
    const refusal = refuse(one);
    if (refusal) fail(row, refusal);
    else waiting.push({ file: one, row, isAlone });
  }
  next();
}

function refuse(one) {
  if (one.size === 0) return "This file is empty, so there is nothing to read.";
  if (one.size > most) return `This file has ${sizeOf(one.size)}; this server takes ${form.dataset.maxText}. It was not sent.`;
  return "";
}

function next() {
  while (waiting.length && sending < AT_ONCE && Date.now() >= pausedUntil) send(waiting.shift());
}

async function send(job) {
  sending += 1;
  say(job.row, "Sending");
  const bar = job.row.querySelector("progress");
  try {
    const proof = await prove(form);
    if (!job.row.isConnected) return;
    const running = upload(form.action, job.file, { ...fields(), proof }, (share) => {
      bar.value = Math.round(share * 100);
      say(job.row, share < 1 ? `Sending, ${Math.round(share * 100)} %` : "Received");
    });
    job.row.stop = running.abort;
    follow(job, await running.sent);
  } catch (error) {
    if (error instanceof Refused && !error.message) job.row.remove();
    else if (error.seconds <= LONGEST_PAUSE_SECONDS) pause(job, error.seconds);
    else fail(job.row, error.message);
  } finally {
    sending -= 1;
    next();
  }
}

/** Many files at once are more than a server takes in a minute: the rest goes on in the next. */
function pause(job, seconds) {
  job.row.stop = null;
  say(job.row, "Waiting: this server takes so many a minute");
  waiting.push(job);
  pausedUntil = Math.max(pausedUntil, Date.now() + seconds * 1000);
  setTimeout(next, pausedUntil - Date.now());
}

/** One file alone leads to its own page; several stay here side by side. */
function follow(job, answer) {
  job.row.stop = null;
  if (job.isAlone && list.childElementCount === 1 && form.dataset.alone !== "open") {
    location.href = answer.links_url;
    return;
  }
  job.row.dataset.delete = answer.delete_url;
  job.row.dataset.progress = answer.progress_url;
  look(job.row);
}

function look(row) {
  window.htmx.ajax("GET", row.dataset.progress, { source: row.querySelector(".upload-state"), target: row.querySelector(".upload-state"), swap: "outerHTML" });
}

function fields() {
  const values = Object.fromEntries(new FormData(form));
  delete values.file;
  if (values.expires === "custom") values.expires_at = expiryAsUtc();
  return values;
}

// ---- Rows

function rowOf(one) {
  const row = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
  row.querySelector("[data-name]").textContent = one.name || "A file";
  row.querySelector("[data-name]").title = one.name;
  row.querySelector("[data-size]").textContent = sizeOf(one.size);
  list.append(row);
  say(row, "Waiting to be sent");
  return row;
}

function say(row, words) {
  const place = row.querySelector("[data-say]");
  if (place) place.textContent = words;
}

function fail(row, sentence) {
  row.stop = null;
  row.querySelector("progress")?.remove();
  row.querySelector("[data-say]").classList.add("bad");
  say(row, sentence);
  row.querySelector("[data-cancel]").textContent = "Remove";
}

function sizeOf(bytes) {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1).replace(/\.0$/, "")} MB`;
  return `${bytes ? Math.max(1, Math.round(bytes / 1000)) : 0} kB`;
}

list.addEventListener("click", async (event) => {
  const row = event.target.closest("[data-cancel]")?.closest(".upload");
  if (!row) return;
  const queued = waiting.findIndex((job) => job.row === row);
  if (queued !== -1) waiting.splice(queued, 1);
  if (row.stop) row.stop();
  else if (!row.dataset.delete || (await remove(row.dataset.delete))) row.remove();
  else toast("The server did not answer. It goes on reading; cancel again.");
});

/** Cancelling deletes what was sent. True when it is gone. */
async function remove(address) {
  try {
    const headers = { "HX-Request": "true", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value };
    const answer = await fetch(address, { method: "POST", credentials: "same-origin", headers });
    return answer.ok || answer.status === 404;
  } catch {
    return false;
  }
}

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const row = event.target.closest?.(".upload");
    if (!row) return;
    if (event.detail.xhr?.status === 404) row.querySelector(".upload-state").textContent = "It is gone: cancelled or expired.";
    else setTimeout(() => look(row), RETRY_MS);
  });
}

takeFilesAnywhere(document.getElementById("dropzone"), take);
document.addEventListener("files:take", (event) => take(event.detail));
file.addEventListener("change", () => {
  take([...file.files]);
  file.value = "";
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  note.textContent = "There is no file yet: drop one, or choose one.";
});
document.getElementById("form-errors")?.focus();
