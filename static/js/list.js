// The list of one's own pastes: row menus that close, search that tells its result.
import { toast } from "./toast.js";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
// Signed out meanwhile: the answer is another page, so go there instead of putting it into the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseText.includes('id="paste_table"')) return;
  event.detail.shouldSwap = false;
  location.reload();
});
document.addEventListener("htmx:afterSettle", () => {
  const found = Number(document.getElementById("paste_table")?.dataset.count || 0);
  const live = document.getElementById("found");
  if (live) live.textContent = `${found} paste${found === 1 ? "" : "s"}`;
});
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, () => toast("The search did not answer. The list is as it was; try again."));
}
