// Sends decisions one after the other and puts the answered parts in place.
import { csrfToken } from "./corrections.js";
import { tellDates } from "./dates.js";
import { reader } from "./marks.js";

let queue = Promise.resolve();
let onPlaced = () => {};

/** `run(hasText, wish)` is called after each answer; hasText: whether a part of the text was replaced. */
export function whenPlaced(run) {
  onPlaced = run;
}

/** Send a decision. Resolves to {ok}, {conflict: sentence} or {error: sentence}. */
export const sendDecision = (wish) => inLine(() => send(reader().dataset.decide, wish));

/** Take back one's last decision. */
export const sendUndo = () => inLine(() => send(reader().dataset.undo, {}));

function inLine(work) {
  const done = queue.then(work);
  queue = done.catch(() => {});
  return done;
}

async function send(url, wish) {
  let answer;
  try {
    answer = await fetch(url + location.search, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "HX-Request": "true" },
      body: JSON.stringify({ ...wish, revision: Number(document.getElementById("marks").dataset.revision) }),
    });
  } catch {
    return { error: "The server did not answer. Nothing was decided." };
  }
  const isPage = (answer.headers.get("Content-Type") || "").includes("text/html");
  if (isPage && (answer.ok || answer.status === 409)) {
    const message = place(await answer.text(), wish);
    return answer.ok ? { ok: true } : { conflict: message };
  }
  return { error: await sentenceOf(answer) };
}

async function sentenceOf(answer) {
  if (answer.status === 404) return "It is gone, or you may no longer open it. Nothing was decided.";
  if (answer.status === 403) return "The page is too old. Reload it and decide again; nothing was decided.";
  try {
    const { error } = await answer.json();
    if (error) return error;
  } catch {
    // Not JSON: said below.
  }
  return "The decision was not kept. Nothing was changed.";
}

/** Each part with an id takes the place of the one on the page. Returns what the answer says. */
function place(html, wish) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const change = holder.content.getElementById("review_change");
  const list = document.querySelector("#marks ol");
  const scrolled = list ? list.scrollTop : 0;
  let hasText = false;
  for (const part of [...change.children]) {
    const old = document.getElementById(part.id);
    if (!old) continue;
    if (part.matches("details")) part.open = old.open;
    if (part.matches(".text, .leaf")) hasText = true;
    if (part.id === "status" && old.contains(document.activeElement)) keepFocus(part);
    old.replaceWith(part);
    window.htmx?.process(part);
    tellDates(part);
  }
  const fresh = document.querySelector("#marks ol");
  if (fresh) fresh.scrollTop = scrolled;
  onPlaced(hasText, wish);
  return change.dataset.message || "";
}

function keepFocus(part) {
  const id = document.activeElement.id;
  queueMicrotask(() => (id ? document.getElementById(id) : part.querySelector("select, button"))?.focus());
}
