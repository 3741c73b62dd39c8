// Filters of the ledger. Without this the table stands there whole.
"use strict";
const form = document.getElementById("filters");
if (form) {
  const rows = [...document.querySelectorAll("tr[data-verdict]")];
  const chosen = [...form.querySelectorAll("select")];
  const words = document.getElementById("by-text");
  const show = () => {
    const sought = words.value.trim().toLowerCase();
    for (const row of rows) {
      const fits = chosen.every((one) => !one.value || row.dataset[one.dataset.by] === one.value);
      row.hidden = !fits || !row.textContent.toLowerCase().includes(sought);
    }
    const left = rows.filter((row) => !row.hidden).length;
    document.getElementById("found").textContent = `${left} of ${rows.length} claims are shown.`;
  };
  for (const event of ["input", "change"]) form.addEventListener(event, show);
  form.querySelector("button").addEventListener("click", () => {
    form.reset(); // said first and not left to the button, as the event of a reset comes before it
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
  // A browser that goes back has kept what was in the fields.
  addEventListener("pageshow", show);
}
