// The list of one's own pastes or documents: search that tells its result.
import "./menus.js";
import { toast } from "./toast.js";

// Signed out meanwhile: the answer is another page, so go there instead of putting it into the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target.matches("[data-noun]") || event.detail.xhr.responseText.includes("data-noun=")) return;
  event.detail.shouldSwap = false;
  location.reload();
});
document.addEventListener("htmx:afterSettle", () => {
  const { count, noun } = document.querySelector("[data-noun]")?.dataset || {};
  const live = document.getElementById("found");
  if (live && noun) live.textContent = `${count} ${noun}${count === "1" ? "" : "s"}`;
});
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    if (event.target.matches("#find")) toast("The search did not answer. The list is as it was; try again.");
  });
}
