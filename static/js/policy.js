// The editor of a policy: more lists without a reload, what is not saved yet, where an error is.
import { toast } from "./toast.js";

const form = document.getElementById("policy-form");
let isChanged = document.querySelector("[data-focus]") !== null;
document.querySelector("[data-focus]")?.focus();

// ---- Lists

for (const button of form.querySelectorAll("[data-add]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    add(button.dataset.add);
  });
}

/** Add an empty list after the last one, with the numbers that the server expects. */
function add(kind) {
  const place = form.querySelector(`[data-blocks="${kind}"]`);
  const total = form.elements[`${kind}-TOTAL_FORMS`];
  const most = Number(form.elements[`${kind}-MAX_NUM_FORMS`].value);
  const number = Number(total.value);
  if (number >= most) {
    toast(`There can be ${most} of them.`);
    return;
  }
  const made = place.lastElementChild.cloneNode(true);
  made.hidden = false;
  for (const wrong of made.querySelectorAll(".field-error")) wrong.remove();
  for (const node of made.querySelectorAll("[id], [for], [name]")) {
    for (const name of ["id", "for", "name"]) {
      const written = node.getAttribute(name);
      if (written) node.setAttribute(name, written.replace(/-\d+-/, `-${number}-`));
    }
    node.removeAttribute("aria-invalid");
    node.removeAttribute("aria-describedby");
  }
  empty(made);
  made.querySelector("legend").textContent = made.querySelector("legend").textContent.replace(/\d+/, String(number + 1));
  place.append(made);
  total.value = String(number + 1);
  made.querySelector("select, input").focus();
}

/** What is empty is left out by the server, so an emptied list is gone once it is saved. */
function empty(block) {
  for (const field of block.querySelectorAll("textarea, input[type=text]")) field.value = "";
  for (const choice of block.querySelectorAll("select")) choice.selectedIndex = 0;
  const first = block.querySelector("input[type=radio]");
  if (first) first.checked = true;
}

form.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove]");
  if (!remove) return;
  const block = remove.closest("[data-block]");
  const kept = [...block.querySelectorAll("textarea, input, select")].map((field) => [field, field.value, field.checked]);
  empty(block);
  block.hidden = true;
  isChanged = true;
  toast("Removed once you save.", {
    action: {
      label: "Undo",
      run: () => {
        for (const [field, value, checked] of kept) {
          field.value = value;
          if (field.type === "radio") field.checked = checked;
        }
        block.hidden = false;
      },
    },
  });
});

// ---- Leaving

form.addEventListener("input", () => { isChanged = true; });
form.addEventListener("submit", () => { isChanged = false; });
window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});

// ---- Trying

document.addEventListener("htmx:afterSettle", (event) => {
  const trial = document.getElementById("_trial");
  if (event.target === trial || event.detail.target?.id === "_trial") trial.focus();
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast("The server did not answer. What you typed is still here.", { stay: true }));
}
