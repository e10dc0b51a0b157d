// The page of pictures: an example is sent as if it had been dropped, and a single picture opens on its canvas.

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-example]");
  if (!link) return;
  event.preventDefault();
  const answer = await fetch(link.href).catch(() => null);
  if (!answer?.ok) return;
  const blob = await answer.blob();
  const file = new File([blob], link.dataset.example, { type: blob.type });
  document.dispatchEvent(new CustomEvent("files:take", { detail: [file] }));
});

// One picture alone is opened as soon as it can be.
document.addEventListener("htmx:afterSettle", () => {
  const rows = document.querySelectorAll("#uploads .upload");
  const open = document.querySelector("#uploads [data-open]");
  if (rows.length === 1 && open) location.assign(open.href);
});
