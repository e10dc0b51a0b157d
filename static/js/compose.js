// The compose page: count, files, example, draft, sending.
import { example } from "./example.js";
import { takeFilesAnywhere } from "./drop.js";
import { expiresAt, expiryAsUtc, isExpiryGood } from "./expiry.js";
import { decode, NotText, toolFor } from "./files.js";
import { needsProof, prove } from "./proof.js";
import { codePoints } from "./text.js";
import { toast } from "./toast.js";
import { upload } from "./upload.js";

const DRAFT = "compose-draft";
const form = document.getElementById("compose");
const sheet = document.getElementById("sheet");
const title = document.getElementById("title");
const text = document.getElementById("text");
const file = document.getElementById("file");
const note = document.getElementById("file-note");
const most = Number(form.dataset.max) || Infinity;
const number = new Intl.NumberFormat("en");

// ---- Count

let counting = 0;

function count() {
  counting = 0;
  const length = codePoints(text.value);
  const place = document.getElementById("count");
  const over = length > most;
  place.classList.toggle("over", over);
  place.textContent = over
    ? `${number.format(length)} characters, ${number.format(length - most)} too many`
    : `${number.format(length)} character${length === 1 ? "" : "s"}`;
  text.setAttribute("aria-invalid", String(over));
  document.querySelector("[data-example]").hidden = length > 0;
  text.classList.toggle("as-log", looksLikeLog(text.value.slice(0, 4000)));
  text.dir = isRightToLeft(text.value.slice(0, 1000)) ? "rtl" : "ltr";
}

/** Reads the first strong letter, as dir="auto" does; that one takes many seconds on a line of a megabyte. */
function isRightToLeft(sample) {
  const letter = sample.match(/\p{L}/u);
  return letter !== null && /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u.test(letter[0]);
}

/** Logs and code are easier to check in a monospace face. */
function looksLikeLog(sample) {
  const lines = sample.split("\n").filter((line) => line.trim());
  if (lines.length < 4) return false;
  const coded = lines.filter((line) => /^\s*(\d{4}-\d\d-\d\d|\[|\{|\}|#|<|\d+\.\d+\.\d+\.\d+ |[A-Z_]+=)|[;{}]$/.test(line));
  return coded.length > lines.length * 0.6;
}

function changed() {
  if (!counting) counting = setTimeout(count, text.value.length > 200_000 ? 300 : 30);
}

text.addEventListener("input", changed);

// ---- Putting text in

function put(newText, newTitle, sentence) {
  const before = { text: text.value, title: title.value };
  text.value = newText;
  if (newTitle !== null && (!title.value || newTitle === example.title)) title.value = newTitle;
  count();
  text.scrollTop = 0;
  if (!sentence) return;
  const undo = { label: "Undo", run: () => { text.value = before.text; title.value = before.title; count(); } };
  toast(sentence, before.text ? { action: undo } : {});
}

function say(sentence, bad = false) {
  note.textContent = sentence;
  note.classList.toggle("bad", bad);
}

document.querySelector("[data-example]").addEventListener("click", () => {
  put(example.text, example.title, "");
  document.getElementById("send").focus();
});

async function take(files) {
  if (!files.length) return;
  const taken = files[0];
  say("");
  try {
    const tool = await toolFor(taken);
    if (tool) {
      await sendTo(tool, taken, files.length);
      return;
    }
    const read = await decode(taken, most);
    put(read, taken.name, `Read in ${shortName(taken.name)}`);
    if (files.length > 1) say(`Only the first of ${files.length} files was read in: ${shortName(taken.name)}.`);
    text.focus();
  } catch (error) {
    const kept = text.value ? " What you typed is unchanged." : "";
    say((error instanceof NotText ? error.message : `${shortName(taken.name)} could not be read from your disk.`) + kept, true);
  }
}

/** What is no text is not put in here: it goes to the tool that reads it, with the settings made here. */
async function sendTo(tool, taken, count) {
  if (count > 1) {
    say(`${shortName(taken.name)} is no text. Open ${tool} to send several at once; nothing was sent.`, true);
    return;
  }
  if (!isExpiryGood()) {
    say("The expiry time has to lie in the future. Nothing was sent.", true);
    return;
  }
  const chosen = new FormData(form);
  const fields = { csrfmiddlewaretoken: chosen.get("csrfmiddlewaretoken"), expires: chosen.get("expires"), expires_at: expiryAsUtc(), style: chosen.get("style"), operating_point: chosen.get("operating_point") };
  for (const name of ["where", "policy"]) if (chosen.has(name)) fields[name] = chosen.get(name);
  const tell = (share) => say(`${shortName(taken.name)} goes to ${tool}, ${Math.round(share * 100)} % sent.`);
  tell(0);
  try {
    fields.proof = await prove(form);
    const answer = await upload(form.dataset.documents, taken, fields, tell).sent;
    if (text.value) keepDraft();
    location.href = answer.links_url;
  } catch (error) {
    say(error.message, true);
  }
}

function shortName(name) {
  return name.length > 48 ? `${name.slice(0, 30)}…${name.slice(-12)}` : name;
}

file.addEventListener("change", async () => {
  await take([...file.files]);
  file.value = ""; // the text field is what is sent
});

// ---- Drop and paste, anywhere on the page

takeFilesAnywhere(sheet, take);
document.addEventListener("dragover", (event) => {
  if (event.target !== text) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (event.dataTransfer?.types.includes("Files") || event.target.closest("input, textarea")) return;
  event.preventDefault();
  insert(event.dataTransfer.getData("text/plain"));
});
document.addEventListener("paste", (event) => {
  const plain = event.clipboardData?.getData("text/plain");
  if (!plain || event.target.closest("input, textarea")) return;
  event.preventDefault();
  insert(plain);
});

function insert(plain) {
  if (!plain) return;
  text.focus();
  text.setRangeText(plain, text.selectionStart, text.selectionEnd, "end");
  count();
}

// ---- Sending

const send = document.getElementById("send");
const sendLabel = send.querySelector("[data-send-label]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

form.addEventListener("submit", (event) => {
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  const refusal = refuse();
  if (refusal) {
    event.preventDefault();
    say(refusal, true);
    (refusal.includes("time") ? expiresAt : text).focus();
    return;
  }
  keepDraft();
  if (!expiresAt.disabled && expiresAt.value) sendAsUtc();
  form.dataset.sending = "yes";
  sendLabel.textContent = "Sending";
  send.setAttribute("aria-disabled", "true");
  if (needsProof(form)) {
    event.preventDefault();
    sendWithProof();
  }
});

/** Each proof is taken once, so it is made when the form is sent. */
async function sendWithProof() {
  try {
    const proof = Object.assign(document.createElement("input"), { type: "hidden", name: "proof", id: "proof" });
    proof.value = await prove(form);
    form.append(proof);
    form.submit();
  } catch (error) {
    ready();
    say(error.message, true);
  }
}

function refuse() {
  if (!text.value.trim()) return "There is no text yet. Type or paste some, or choose a file.";
  const length = codePoints(text.value);
  if (length > most) return `The text is ${number.format(length - most)} characters too long. It is still here; nothing was sent.`;
  if (!isExpiryGood()) return "The expiry time has to lie in the future.";
  return "";
}

function sendAsUtc() {
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = expiresAt.name;
  hidden.value = expiryAsUtc();
  expiresAt.removeAttribute("name");
  hidden.id = "expires-utc";
  form.append(hidden);
}

// Coming back with the browser's Back button: the form can be sent again.
window.addEventListener("pageshow", ready);

function ready() {
  delete form.dataset.sending;
  document.getElementById("proof")?.remove();
  sendLabel.textContent = "Redact and get links";
  send.removeAttribute("aria-disabled");
  const hidden = document.getElementById("expires-utc");
  if (hidden) {
    expiresAt.name = hidden.name;
    hidden.remove();
  }
  count();
}

// ---- Draft: kept in this tab from sending until the next page has arrived

function keepDraft() {
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify({ title: title.value, text: text.value }));
  } catch {
    // Too long for the tab's storage: the browser's own Back button has to do.
  }
}

function restoreDraft() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(DRAFT));
    sessionStorage.removeItem(DRAFT);
  } catch {
    return;
  }
  if (!kept || text.value) return;
  title.value = kept.title;
  text.value = kept.text;
  const draftNote = document.getElementById("draft-note");
  draftNote.hidden = false;
  draftNote.querySelector("[data-discard]").addEventListener("click", () => {
    title.value = "";
    text.value = "";
    draftNote.hidden = true;
    count();
    text.focus();
  });
}

restoreDraft();
count();
document.getElementById("form-errors")?.focus();
