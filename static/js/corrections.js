// Sends corrections one after the other and puts the answered fragment in place. Nothing is lost on an error.
// A fragment holds the whole reader, or only the parts of it that changed.
import { reader } from "./marks.js";
import { clearToast, toast } from "./toast.js";

let line = Promise.resolve();
let onFresh = () => {};
let instead = null;

/** `run` is called after each new fragment. */
export function whenFresh(run) {
  onFresh = run;
}

/** Let `run(edits, allMentions)` do what `correct` does, on pages that decide in another way. */
export function correctBy(run) {
  instead = run;
}

/** Send edits as one step. Corrections queue, so that each carries the newest revision. Resolves to true when saved. */
export function correct(edits, allMentions) {
  if (instead) return instead(edits, allMentions);
  const sent = line.then(() => send(edits, allMentions));
  line = sent.catch(() => {});
  return sent;
}

async function send(edits, allMentions) {
  const before = Number(reader().dataset.hidden);
  showSaved("Saving");
  let answer;
  try {
    answer = await fetch(reader().dataset.spansUrl, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "HX-Request": "true" },
      body: JSON.stringify({ revision: Number(reader().dataset.revision), edits, all_mentions: allMentions }),
    });
  } catch {
    return refused("The server did not answer. Nothing was changed.", edits, allMentions);
  }
  const isPage = (answer.headers.get("Content-Type") || "").includes("text/html");
  if ((answer.ok || answer.status === 409) && isPage) {
    place(await answer.text());
    clearToast();
    if (answer.ok) tellSaved(before);
    return answer.ok;
  }
  return refused(await sentenceOf(answer), edits, allMentions);
}

async function sentenceOf(answer) {
  if (answer.status === 404) return "It is gone, or this browser may no longer open it. Nothing was changed.";
  try {
    const { error } = await answer.json();
    if (error) return error;
  } catch {
    // Not JSON: said below.
  }
  if (answer.status === 403) return "The page is too old to save. Reload it and correct again; nothing was changed.";
  return "The correction was not saved. Nothing was changed.";
}

function refused(sentence, edits, allMentions) {
  showSaved(null);
  toast(sentence, { action: { label: "Try again", run: () => correct(edits, allMentions) }, stay: true });
  return false;
}

function place(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.getElementById("reader");
  const old = reader();
  if (fresh) {
    fresh.dataset.view = old.dataset.view;
    if (old.dataset.show) fresh.dataset.show = old.dataset.show;
    old.replaceWith(fresh);
  } else {
    placeParts(holder.content.getElementById("reader_change"));
  }
  onFresh();
}

/** Parts with an id take the place of those on the page; those with data-from tell new figures of a mark. */
function placeParts(change) {
  const figures = new Map();
  for (const part of [...change.children]) {
    if (part.id) document.getElementById(part.id)?.replaceWith(part);
    else figures.set(part.dataset.from, part.dataset);
  }
  Object.assign(reader().dataset, change.dataset);
  if (!figures.size) return;
  for (const mark of reader().querySelectorAll('[data-pane="original"] .span')) {
    const told = figures.get(mark.dataset.from);
    if (told) Object.assign(mark.dataset, told);
  }
}

function tellSaved(before) {
  showSaved("Saved");
  const now = Number(reader().dataset.hidden);
  const change = now === before ? "" : ` ${Math.abs(now - before)} ${now > before ? "more" : "fewer"} hidden.`;
  document.getElementById("live").textContent = `Saved.${change}`;
}

function showSaved(word) {
  const mark = reader().querySelector("[data-saved]");
  if (!mark) return;
  mark.hidden = word === null;
  if (word) mark.querySelector("span").textContent = word;
}

/** What Django wants to see with each change. */
export function csrfToken() {
  try {
    return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  } catch {
    return "";
  }
}
