// The queue by keyboard: n and p move, Enter opens.
import { isTyping } from "./marks.js";

const links = () => [...document.querySelectorAll("#queue .title")];

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const way = { n: 1, p: -1 }[event.key];
  const all = links();
  if (!way || !all.length) return;
  event.preventDefault();
  const at = all.indexOf(document.activeElement);
  all[at === -1 ? 0 : (at + way + all.length) % all.length].focus();
});
