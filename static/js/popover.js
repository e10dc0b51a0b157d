// One popover for all marks of the original, filled from the mark's data attributes.
import { correct } from "./corrections.js";
import { labelOf, nextMention, reader, setCurrent } from "./marks.js";
import { allMentions } from "./mentions.js";
import { placesOf } from "./text.js";
import { toast } from "./toast.js";

const pop = document.getElementById("pop");
const change = document.getElementById("pop-change");
let shown = null;
let anchor = null;

export const isOpen = () => !pop.hidden;
export const isChanging = () => isOpen() && change !== null && !change.hidden;

/** Open on `mark`; `focus` moves the keyboard into the popover, `at` is where it stands if not at the mark. */
export function openOn(mark, { focus = false, at = mark } = {}) {
  closeChange();
  shown = mark;
  anchor = at;
  setCurrent(mark);
  fill(mark);
  pop.hidden = false;
  position(anchor);
  if (focus) pop.focus({ preventScroll: true });
}

/** Close, and give the keyboard back to the mark if it was in the popover. */
export function close() {
  if (pop.hidden) return;
  const hadFocus = pop.contains(document.activeElement);
  pop.hidden = true;
  closeChange();
  if (hadFocus && shown?.isConnected) shown.focus({ preventScroll: true });
  shown = null;
}

function fill(mark) {
  const data = mark.dataset;
  const label = labelOf(mark);
  const name = reader().querySelector(`[data-category="${label}"] .name`).firstChild.textContent;
  const hidden = Number(data.mentions) || 1;
  const mentions = Math.max(hidden, mentionsOf(mark.textContent));
  pop.className = `pop ${label}`;
  pop.querySelector("#pop-name").textContent = name;
  pop.querySelector(".head .tag").textContent = data.tag;
  put("subtype", data.subtype);
  put("value", mark.textContent);
  put("score", data.score);
  put("found", data.found);
  put("why", data.why);
  put("mentions", mentions === 1 ? "only here" : `${mentions} in this text, ${hidden === mentions ? (hidden === 2 ? "both" : "all") : hidden} hidden`);
  put("bar", data.bar);
  pop.querySelector("[data-act='next-mention']").hidden = hidden < 2;
  pop.querySelector(".lvl").setAttribute("width", String(Math.round(64 * Math.min(1, Number(data.score) || 0))));
  for (const row of ["score", "found", "why"]) pop.querySelector(`[data-row="${row}"]`).hidden = !data[row];
  if (!change) return;
  put("remove", hidden > 1 && allMentions() ? `Not private, all ${hidden}` : "Not private");
  put("hide-all", `Hide all ${mentions}`);
  pop.querySelector("[data-act='hide-all']").hidden = mentions <= hidden;
  for (const pick of change.querySelectorAll("[data-relabel]")) pick.toggleAttribute("aria-current", pick.dataset.relabel === label);
}

/** How often the words stand in the text as whole words. The server decides; this tells beforehand. */
function mentionsOf(words) {
  const original = reader().querySelector('[data-pane="original"]');
  return placesOf(words, original, 999).filter((place) => place.isWhole).length;
}

function put(name, words) {
  const place = pop.querySelector(`[data-pop="${name}"]`);
  if (place) place.textContent = words || "";
}

/** Under the mark's first line, or above it where there is no room; kept inside the window. */
function position(mark) {
  const box = mark.getClientRects()[0];
  if (!box) return;
  const size = pop.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - size.width - 8));
  const below = box.bottom + 8;
  const last = mark.getClientRects()[mark.getClientRects().length - 1];
  const fits = last.bottom + 8 + size.height <= innerHeight || box.top < size.height + 72;
  const top = fits ? Math.max(below, last.bottom + 8) : box.top - size.height - 8;
  pop.style.setProperty("--x", `${left + scrollX}px`);
  pop.style.setProperty("--y", `${top + scrollY}px`);
  if (matchMedia("(max-width: 860px)").matches && box.bottom > innerHeight - size.height - 16) {
    scrollBy({ top: box.bottom - (innerHeight - size.height) + 48, behavior: "instant" });
  }
}

/** Do one of the popover's acts on the shown mark: "remove", "hide-all", "change", "next-mention". */
export function act(name) {
  if (name === "next-mention") return goToNextMention();
  if (!shown || !change) return undefined;
  const at = place(shown);
  if (name === "change") {
    change.hidden = !change.hidden;
    pop.querySelector("[data-act='change']").setAttribute("aria-expanded", String(!change.hidden));
    position(anchor);
    return undefined;
  }
  const label = labelOf(shown);
  if (name === "hide-all" && pop.querySelector("[data-act='hide-all']").hidden) {
    toast("All mentions are hidden already.");
    return undefined;
  }
  close();
  if (name === "remove") correct([{ op: "remove", ...at }], allMentions());
  else correct([{ op: "add", ...at, label }], true);
  return undefined;
}

function goToNextMention() {
  const next = shown && nextMention(shown);
  if (!next) return toast("These words are marked only here.");
  setCurrent(next, { focus: true });
  openOn(next);
  return undefined;
}

/** Give the shown mark another category. */
export function relabel(label) {
  if (!shown) return;
  const at = place(shown);
  close();
  correct([{ op: "relabel", ...at, label }], allMentions());
}

function place(mark) {
  return { start: Number(mark.dataset.from), end: Number(mark.dataset.to) };
}

function closeChange() {
  if (!change) return;
  change.hidden = true;
  pop.querySelector("[data-act='change']").setAttribute("aria-expanded", "false");
}

pop.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("popClose" in button.dataset) close();
  else if (button.dataset.act) act(button.dataset.act);
  else if (button.dataset.relabel) relabel(button.dataset.relabel);
});
addEventListener("resize", () => {
  if (isOpen() && anchor?.isConnected) position(anchor);
});
