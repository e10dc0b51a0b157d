// The list of marks under review and its counterpart in the text: which one is chosen, what is known of it.
import { tellDates } from "./dates.js";
import { pane, setCurrent } from "./marks.js";

const STATES = ["accepted", "rejected", "added", "changed"];
const WORDS = { accepted: "Accepted", rejected: "Rejected: everybody sees it", added: "Marked", changed: "Changed" };
const panel = document.getElementById("panel");
let key = "";

const keyOf = (element) => `${element.dataset.from}-${element.dataset.to}`;

export const lines = () => [...document.querySelectorAll("#marks .mark-line")];
export const lineOf = (from, to) => document.querySelector(`#marks .mark-line[data-from="${from}"][data-to="${to}"]`);
export const chosen = () => lines().find((line) => keyOf(line) === key) || null;

/** The next mark that nobody has decided on, behind `line` and then from the top; null if there is none. */
export function nextUndecided(line) {
  const all = lines();
  const at = line ? all.indexOf(line) + 1 : 0;
  return [...all.slice(at), ...all.slice(0, at)].find((one) => one.dataset.state === "undecided") || null;
}

/** Make a line the chosen one, in the list, the text, the picture and the panel. Who writes goes on writing. */
export function choose(line, { focus: wanted = true } = {}) {
  const focus = wanted && !document.activeElement?.matches("textarea, select, input:not([type=checkbox])") && !document.querySelector("dialog[open]");
  key = keyOf(line);
  for (const one of lines()) one.toggleAttribute("aria-current", one === line);
  line.setAttribute("aria-current", "true");
  scrollWithin(line);
  const marks = [...pane().querySelectorAll(`.span[data-from="${line.dataset.from}"]`)];
  const mark = marks.find((one) => one.dataset.to === line.dataset.to) || null;
  setCurrent(mark, { focus });
  if (!mark && focus) line.focus({ preventScroll: true });
  for (const rect of document.querySelectorAll(".review-picture rect")) rect.classList.toggle("on", isWithin(rect, line));
  fill(line);
}

/** Choose the same mark again after the list was replaced. */
export function restore() {
  const line = chosen();
  if (!line) return;
  const hadFocus = document.activeElement === document.body || document.activeElement?.matches(".span, .mark-line");
  choose(line, { focus: hadFocus });
}

/** Show in the text what the list says of each mark. */
export function paint() {
  const states = new Map(lines().map((line) => [keyOf(line), line.dataset.state]));
  for (const mark of pane().querySelectorAll(".span")) {
    const state = states.get(keyOf(mark));
    for (const one of STATES) mark.classList.toggle(one, one === state);
  }
}

function isWithin(rect, line) {
  return Number(rect.dataset.from) < Number(line.dataset.to) && Number(line.dataset.from) < Number(rect.dataset.to);
}

/** Scroll the list, never the page. */
function scrollWithin(line) {
  const list = document.querySelector("#marks ol");
  const [box, frame] = [line.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < frame.top) list.scrollTop -= frame.top - box.top + 8;
  else if (box.bottom > frame.bottom) list.scrollTop += box.bottom - frame.bottom + 8;
}

function fill(line) {
  const data = line.dataset;
  panel.className = `review-panel js-only ${data.css}`;
  document.getElementById("panel-name").textContent = data.subtype ? `${data.name}, ${data.subtype}` : data.name;
  put("score", data.score ? `score ${data.score}, ${data.found}` : data.found);
  put("words", line.querySelector(".mark-words").textContent);
  put("reason", data.reason);
  put("mentions", Number(data.mentions) > 1 ? `(${data.mentions})` : "");
  tellState(data);
  for (const pick of panel.querySelectorAll("[data-relabel]")) pick.toggleAttribute("aria-current", pick.dataset.relabel === data.label);
  about(line);
}

function tellState(data) {
  const place = panel.querySelector('[data-p="state"]');
  place.replaceChildren();
  if (data.state === "undecided") {
    place.append(`Shared as ${data.bar}`);
    return;
  }
  place.append(WORDS[data.state] || "");
  if (data.reviewer) place.append(` by ${data.reviewer} `, when(data.at));
  if (data.said) place.append(`: “${data.said}”`);
  tellDates(place);
}

function when(at) {
  const time = document.createElement("time");
  if (at) time.dateTime = at;
  time.dataset.when = "ago";
  return time;
}

/** A comment is about the chosen mark. */
function about(line) {
  const form = document.getElementById("comment-form");
  form.elements.start.value = line.dataset.from;
  form.elements.end.value = line.dataset.to;
  form.querySelector("[data-about]").textContent = `About “${line.querySelector(".mark-words").textContent}”`;
  for (const one of document.querySelectorAll(".comments li")) one.classList.toggle("here", keyOf(one) === key);
}

function put(name, words) {
  panel.querySelector(`[data-p="${name}"]`).textContent = words || "";
}
