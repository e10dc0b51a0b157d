// Files dropped or pasted anywhere on a page.

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

/** Hand files to `take`; `zone` shows while they are over the page. Other things are left alone. */
export function takeFilesAnywhere(zone, take) {
  let depth = 0;
  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    zone.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth -= 1;
    if (depth <= 0) zone.classList.remove("dropping");
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    depth = 0;
    zone.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    take(files);
  });
}
