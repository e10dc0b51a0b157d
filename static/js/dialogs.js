// Dialogs: data-dialog opens one by id, data-close closes it, a form with data-confirm asks first.
let waiting = null;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog).showModal();
    return;
  }
  const dialog = event.target.closest("dialog");
  if (event.target.closest("[data-close]") || event.target === dialog) dialog.close();
  if (event.target.closest("[data-confirm-yes]") && event.target.closest("dialog") && waiting) {
    const form = waiting;
    waiting = null;
    form.submit();
  }
});

document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.confirm;
  const dialog = document.getElementById("confirm-dialog");
  if (!asked || !dialog) return;
  event.preventDefault();
  waiting = event.target;
  dialog.querySelector("#confirm-h").textContent = asked;
  dialog.querySelector("#confirm-text").textContent = event.target.dataset.confirmText || "";
  dialog.querySelector("[data-confirm-yes]").textContent = event.target.dataset.confirmYes || "Yes";
  dialog.showModal();
});
