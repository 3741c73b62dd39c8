// A table of counts, shaded, whose cells are buttons. Python gives `rows`, `columns` and `cells` (rows of
// objects with text, shade and label) and is told the pair of ids that is pressed, as `pressed`.

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function line(row, columns, cells) {
  const made = document.createElement("tr");
  const head = element("th", row.name, { scope: "row", title: row.name });
  head.style.paddingLeft = `${0.4 + row.depth}em`;
  made.append(head);
  columns.forEach((column, place) => {
    const cell = cells[place];
    const button = element("button", cell.text, { type: "button", "aria-label": cell.label, title: cell.label });
    button.dataset.code = row.id;
    button.dataset.group = column.id;
    if (cell.shade === null) button.classList.add("open");
    else button.style.setProperty("--shade", `${Math.round(cell.shade * 70)}%`);
    const box = document.createElement("td");
    box.append(button);
    made.append(box);
  });
  return made;
}

function table(model) {
  const made = document.createElement("table");
  made.append(element("caption", model.get("caption")));
  const head = document.createElement("tr");
  head.append(element("th", model.get("corner"), { scope: "col" }));
  for (const column of model.get("columns")) {
    const title = element("th", column.name, { scope: "col" });
    title.append(element("small", column.note));
    head.append(title);
  }
  const top = document.createElement("thead");
  top.append(head);
  const body = document.createElement("tbody");
  const cells = model.get("cells");
  model.get("rows").forEach((row, place) => body.append(line(row, model.get("columns"), cells[place])));
  made.append(top, body);
  return made;
}

// Arrows lead from cell to cell, as in a spreadsheet.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function step(event) {
  const cell = event.target.closest("td");
  if (!cell || !(event.key in STEPS)) return;
  const [down, right] = STEPS[event.key];
  const row = cell.parentElement.parentElement.rows[cell.parentElement.sectionRowIndex + down];
  row?.cells[cell.cellIndex + right]?.querySelector("button")?.focus();
  event.preventDefault();
  event.stopPropagation();
}

function render({ model, el }) {
  el.classList.add("analysis-heat");
  const mark = () => {
    const [code, group] = model.get("pressed");
    for (const button of el.querySelectorAll("td button")) {
      const on = button.dataset.code === code && button.dataset.group === group;
      button.setAttribute("aria-pressed", on);
    }
  };
  const draw = () => {
    const focus = document.activeElement?.closest?.(".analysis-heat button")?.dataset;
    el.replaceChildren(table(model));
    mark();
    if (focus) el.querySelector(`[data-code="${CSS.escape(focus.code)}"][data-group="${CSS.escape(focus.group)}"]`)?.focus();
  };
  el.addEventListener("click", (event) => {
    const button = event.target.closest("td button");
    if (!button) return;
    model.set("pressed", [button.dataset.code, button.dataset.group]);
    model.save_changes();
  });
  el.addEventListener("keydown", step);
  model.on("change:drawn", draw); // everything that is drawn comes before its number
  model.on("change:pressed", mark);
  draw();
}

export default { render };
