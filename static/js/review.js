// Reviewing an item by keyboard: the list of marks, the panel, and what each key does.
import { correctBy } from "./corrections.js";
import { isTyping, readMarks } from "./marks.js";
import { chosen, choose, lineOf, lines, nextUndecided, paint, restore } from "./review-lines.js";
import { sendDecision, sendUndo, whenPlaced } from "./review-send.js";
import { dropSelection, hasSelection, markSelection, openMarkDialog } from "./selection.js";
import { toast } from "./toast.js";

const VERDICTS = { accept: "accepted", reject: "rejected", recategorise: "changed" };
const panel = document.getElementById("panel");
const why = document.getElementById("why");
const allBox = document.getElementById("all-mentions");
const conflict = document.getElementById("conflict");

// What was decided and not answered yet: an answer to an earlier decision does not know of it.
const pending = new Map();
const announce = (sentence) => { document.getElementById("live").textContent = sentence; };

// ---- Deciding

/** Decide on the chosen mark and go on to the next at once; the answer follows. */
async function decide(verdict, label = "") {
  const line = chosen();
  if (!line) return step(1);
  const { from, to, state } = line.dataset;
  const wish = { verdict, label, start: Number(from), end: Number(to), why: why.value, all_mentions: allBox.checked, seen: seen() };
  why.value = "";
  line.dataset.state = VERDICTS[verdict];
  pending.set(keyOf(line), VERDICTS[verdict]);
  const next = nextUndecided(line);
  const isLast = next === null;
  if (!isLast) choose(next);
  hideConflict();
  const outcome = await sendDecision(wish);
  pending.delete(keyOf(line));
  if (outcome.ok) {
    announce(`${line.dataset.name} ${VERDICTS[verdict]}. ${undecided()} left.`);
    if (pending.size) return undefined;
    if (nextUndecided(null) === null) done();
    else if (isLast) choose(nextUndecided(null));
    return undefined;
  }
  why.value = wish.why;
  const again = lineOf(from, to) || line;
  if (outcome.conflict) {
    choose(again);
    showConflict(outcome.conflict);
  } else {
    again.dataset.state = state;
    choose(again);
    toast(outcome.error, { stay: true });
  }
  return undefined;
}

async function add(edits, allMentions) {
  for (const edit of edits) {
    const wish = { verdict: "add", label: edit.label, start: edit.start, end: edit.end, why: why.value, all_mentions: allMentions, seen: seen() };
    const outcome = await sendDecision(wish);
    if (!outcome.ok) {
      if (outcome.conflict) showConflict(outcome.conflict);
      else toast(outcome.error, { stay: true });
      return false;
    }
    const made = lineOf(edit.start, edit.end);
    if (made) choose(made);
  }
  why.value = "";
  announce("Added.");
  return true;
}

async function undo() {
  hideConflict();
  const before = new Map(lines().map((line) => [keyOf(line), line.dataset.state]));
  const outcome = await sendUndo();
  if (!outcome.ok) {
    if (outcome.conflict) showConflict(outcome.conflict);
    else toast(outcome.error);
    return;
  }
  const back = lines().find((line) => line.dataset.state === "undecided" && before.get(keyOf(line)) !== "undecided");
  if (back) choose(back);
  announce("Taken back.");
}

/** All marks are decided: on to the approval, else to the next item. */
function done() {
  const button = document.getElementById("approve");
  if (button) {
    button.focus();
    announce("All marks are decided. Enter approves; ] goes to the next item.");
  } else {
    goToItem("next", "All marks are decided.");
  }
}

const keyOf = (line) => `${line.dataset.from}-${line.dataset.to}`;
const seen = () => Number(document.getElementById("marks").dataset.seen);
const undecided = () => lines().filter((line) => line.dataset.state === "undecided").length;

function showConflict(sentence) {
  conflict.textContent = sentence;
  conflict.hidden = false;
}

function hideConflict() {
  conflict.hidden = true;
}

// ---- Moving

function step(way) {
  const all = lines();
  if (!all.length) return goToItem(way > 0 ? "next" : "prev", "Nothing is marked here.");
  const at = all.indexOf(chosen());
  if (at === -1) choose(nextUndecided(null) || all[0]);
  else if (all[at + way]) choose(all[at + way]);
  else if (way > 0 && nextUndecided(null) === null) goToItem("next", "That was the last mark.");
  else choose(way > 0 ? nextUndecided(null) : all.at(-1));
  hideConflict();
  return undefined;
}

function goToItem(rel, sentence = "") {
  const link = document.querySelector(`.review-head a[rel="${rel}"]`);
  if (link) {
    announce(`${sentence} On to the ${rel === "next" ? "next" : "previous"} item.`);
    location.assign(link.href);
    return;
  }
  const told = `${sentence} Nothing else waits in this queue.`.trim();
  toast(told);
  announce(told);
}

// ---- After an answer

whenPlaced((hasText, wish) => {
  pending.delete(`${wish.start}-${wish.end}`);
  for (const line of lines()) line.dataset.state = pending.get(keyOf(line)) || line.dataset.state;
  if (hasText) readMarks();
  paint();
  restore();
});

// Forms replace the part that they stand in: the focus goes on from where the eye is.
let asked = "";
document.addEventListener("htmx:beforeRequest", (event) => { asked = event.detail.elt.getAttribute("action") || ""; });
document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  if (part.id === "comments") afterComment(part);
  else if (part.id === "status" && asked) afterForm(part);
  asked = "";
});

function afterComment(part) {
  const field = part.querySelector("[aria-invalid]");
  if (field) return field.focus();
  announce("Kept.");
  return restore();
}

function afterForm(part) {
  const refused = part.querySelector("[role=alert]");
  announce(refused ? refused.textContent : part.querySelector(".state-line")?.textContent.trim() || "Kept.");
  if (asked.endsWith("/assign")) part.querySelector("select").focus();
  else (document.querySelector('.review-head a[rel="next"]') || document.getElementById("item-h")).focus();
}

// ---- Pointer and keys

document.addEventListener("click", (event) => {
  const line = event.target.closest(".mark-line");
  if (line) return choose(line);
  const mark = event.target.closest(".review-text .span, .review-picture rect");
  if (mark && getSelection().isCollapsed) {
    const found = lineOf(mark.dataset.from, mark.dataset.to);
    if (found) choose(found);
    return undefined;
  }
  const pick = event.target.closest("[data-relabel]");
  if (pick) return decide("recategorise", pick.dataset.relabel);
  const button = event.target.closest("#panel [data-do]");
  if (button) act(button.dataset.do);
  return undefined;
});

const ACTS = {
  accept: () => decide("accept"),
  reject: () => decide("reject"),
  undo,
  next: () => step(1),
  previous: () => step(-1),
  comment: () => document.querySelector("#comment-form textarea").focus(),
  help: () => document.getElementById("keys").showModal(),
  mark: openMarkDialog,
  why: () => why.focus(),
  all: () => { allBox.checked = !allBox.checked; announce(allBox.checked ? "For all mentions." : "Only here."); },
};
const KEYS = { a: "accept", r: "reject", u: "undo", n: "next", p: "previous", c: "comment", "?": "help", h: "mark", w: "why", m: "all" };

const act = (name) => ACTS[name]();

document.addEventListener("keydown", (event) => {
  const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (isTyping(event)) {
    if (event.target.closest("dialog[open]")) return;
    if (event.key === "Escape" || (event.key === "Enter" && event.target === why)) back(event);
    else if (isSend && event.target.closest("#comment-form")) event.target.form.requestSubmit();
    return;
  }
  if (isSend) {
    document.getElementById("approve")?.click();
    event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key(event)) event.preventDefault();
});

/** Act on one key; true when it meant something here. */
function key(event) {
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(event.code)?.[1];
  const pick = digit && !event.shiftKey && panel.querySelector(`[data-key="${digit}"]`);
  if (pick) {
    if (hasSelection()) markSelection(pick.dataset.relabel);
    else decide("recategorise", pick.dataset.relabel);
    return true;
  }
  if (event.key === "]" || (event.shiftKey && event.code === "KeyN")) return goToItem("next") ?? true;
  if (event.key === "[" || (event.shiftKey && event.code === "KeyP")) return goToItem("prev") ?? true;
  if (event.key === "Escape") {
    dropSelection();
    hideConflict();
    return true;
  }
  const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!name || (event.shiftKey && event.key !== "?")) return false;
  act(name);
  return true;
}

/** From a field back to the mark. */
function back(event) {
  event.preventDefault();
  event.target.blur();
  if (chosen()) choose(chosen());
}

correctBy(add);
readMarks();
paint();
const first = nextUndecided(null) || lines()[0];
if (first) choose(first);
else document.getElementById("item-h").focus();
