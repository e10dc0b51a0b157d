// The shared page: legend and stepping over bars.
import { isTyping, labelOfKey, pane, readMarks, setCurrent, step } from "./marks.js";

for (const bar of pane().querySelectorAll(".bar")) bar.tabIndex = -1;
readMarks();

document.addEventListener("click", (event) => {
  const way = event.target.closest("[data-step]");
  if (way) step(Number(way.dataset.step));
  const bar = event.target.closest(".bar");
  if (bar) setCurrent(bar);
});
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const label = labelOfKey(event);
  if (label) step(event.shiftKey ? -1 : 1, label);
  else if (event.key === "n") step(1);
  else if (event.key === "p") step(-1);
  else if (event.key === "Escape") setCurrent(null);
});
