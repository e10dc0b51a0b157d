// Copy buttons: data-copy names a field, data-copy-value holds the text, data-copy-text an address to fetch it from,
// data-copy-pane a reading pane of this page.
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-value], [data-copy-text], [data-copy-pane]");
  if (!button) return;
  const field = button.dataset.copy && document.querySelector(button.dataset.copy);
  try {
    if (field) await copy(field.value, field);
    else if (button.dataset.copyValue) await copy(button.dataset.copyValue);
    else if (button.dataset.copyPane) await copy(textOfPane(button.dataset.copyPane));
    else await copy(await fetchText(button.dataset.copyText));
    toast(button.dataset.copied || "Copied");
  } catch {
    if (field) field.select();
    toast(field ? "The browser did not allow copying. The link is selected: press Ctrl C." : "The text could not be copied. Nothing was changed.");
  }
});

// A click into a link field selects all of it.
document.addEventListener("focusin", (event) => {
  if (event.target.matches(".copy .input[readonly]")) event.target.select();
});

function textOfPane(name) {
  const blocks = document.querySelectorAll(`[data-pane="${name}"] [data-start]`);
  return [...blocks].map((block) => block.textContent).join("\n\n");
}

async function fetchText(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

/** Copy text; over plain http the clipboard API is missing, so fall back to a selected field. */
async function copy(text, field = null) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const source = field || document.body.appendChild(document.createElement("textarea"));
  if (!field) source.value = text;
  source.select();
  const done = document.execCommand("copy");
  if (!field) source.remove();
  if (!done) throw new Error("refused");
}
