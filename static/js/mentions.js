// Whether a correction applies to all mentions of the same words; one choice, shown in several places.
let all = true;

export const allMentions = () => all;

export function setAllMentions(chosen) {
  all = chosen;
  syncMentions();
}

/** Put the choice into every checkbox, also after a new fragment came. */
export function syncMentions() {
  for (const box of document.querySelectorAll("[data-all-mentions]")) box.checked = all;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all-mentions]")) setAllMentions(event.target.checked);
});
