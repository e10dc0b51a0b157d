// The list of a workspace's items: search that tells its result, and what is done with chosen rows.
import "./list.js";

const boxes = () => [...document.querySelectorAll("#bulk input[name=pid]")];
let last = null;
let asking = null;

/** Say how many rows are chosen, and show what can be done with them. */
function tell() {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  bar.classList.toggle("on", chosen > 0);
  document.getElementById("bulk-count").textContent = chosen ? `${chosen} chosen` : "";
  const every = document.querySelector("[data-choose-all]");
  if (!every) return;
  every.checked = chosen === all.length;
  every.indeterminate = chosen > 0 && chosen < all.length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  } else if (!event.target.matches("#bulk input[name=pid]")) {
    return;
  }
  tell();
});

// Shift and a click choose all rows between this one and the one before.
document.addEventListener("click", (event) => {
  if (!event.target.matches("#bulk input[name=pid]")) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
  last = event.target;
  tell();
});

// What cannot be taken back asks first. A form sends the button that was pressed, so it is pressed again.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-ask]");
  const dialog = document.getElementById("confirm-dialog");
  if (button && dialog && button !== asking) {
    event.preventDefault();
    asking = button;
    dialog.querySelector("#confirm-h").textContent = button.dataset.ask;
    dialog.querySelector("#confirm-text").textContent = button.dataset.askText;
    dialog.querySelector("[data-confirm-yes]").textContent = button.dataset.askYes;
    dialog.showModal();
  } else if (event.target.closest("#confirm-dialog [data-confirm-yes]") && asking) {
    dialog.close();
    asking.form.requestSubmit(asking);
  }
});
document.addEventListener("close", (event) => {
  if (event.target.id === "confirm-dialog") setTimeout(() => (asking = null));
}, true);

// On a narrow page the folders are folded away until they are asked for.
const fold = document.querySelector(".side-fold");
if (fold && window.matchMedia("(max-width: 1000px)").matches) fold.open = false;

document.addEventListener("htmx:afterSettle", tell);
window.addEventListener("pageshow", tell);
tell();
