// The redacted view of a document: a copy of the original's pane with bars in place of the marks.
// It holds no original text, so that printing and copying give what others see.
import { labelOf, reader } from "./marks.js";

let made = "";

/** Fill the redacted pane, unless it shows this revision already. */
export function mirror() {
  const goal = reader().querySelector('[data-pane="redacted"]');
  if (goal.childElementCount && made === reader().dataset.revision) return;
  made = reader().dataset.revision;
  const copy = reader().querySelector('[data-pane="original"]').cloneNode(true);
  for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
  for (const mark of copy.querySelectorAll(".span")) mark.replaceWith(bar(mark));
  const meta = copy.querySelector(".meta");
  if (meta) meta.textContent = "As others see it.";
  goal.replaceChildren(...copy.childNodes);
}

function bar(mark) {
  const label = labelOf(mark);
  const name = reader().querySelector(`[data-category="${label}"] .name`)?.firstChild.textContent || "Hidden";
  const number = /_(\d+)>$/.exec(mark.dataset.bar)?.[1];
  const words = number ? `${name} ${number}` : name;
  const made = document.createElement("span");
  made.className = `bar ${label}${mark.matches(".unsure") ? " unsure" : ""}`;
  made.tabIndex = -1;
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", `hidden: ${words}`);
  Object.assign(made.dataset, { label: words, from: mark.dataset.from, value: mark.dataset.value, by: mark.dataset.by });
  made.textContent = mark.dataset.bar;
  return made;
}
