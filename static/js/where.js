// Where a new item goes: only the policies of the chosen workspace are offered.
const where = document.getElementById("where");
const policy = document.getElementById("policy");

function offer() {
  const name = where.selectedOptions[0].textContent;
  for (const group of policy.querySelectorAll("optgroup")) {
    group.hidden = group.disabled = group.label !== name;
    if (group.disabled && group.contains(policy.selectedOptions[0])) policy.value = "";
  }
}

if (where && policy) {
  where.addEventListener("change", offer);
  offer();
}
