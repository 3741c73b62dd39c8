// A tree of boxes to tick. Python gives `nodes` (id, parent, name, note) in reading order and keeps `picked`.

function branch(nodes, parent, model) {
  const list = document.createElement("ul");
  for (const node of nodes.filter((one) => one.parent === parent)) {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const box = document.createElement("input");
    const note = document.createElement("small");
    box.type = "checkbox";
    box.value = node.id;
    box.disabled = node.heading;
    note.textContent = node.note;
    if (node.heading) label.append(node.name);
    else label.append(box, node.name, note);
    const below = branch(nodes, node.id, model);
    if (below.childElementCount) {
      const fold = document.createElement("details");
      const head = document.createElement("summary");
      fold.open = node.open;
      head.append(label);
      fold.append(head, below);
      item.append(fold);
    } else {
      item.append(label);
    }
    list.append(item);
  }
  return list;
}

function button(text, press) {
  const made = document.createElement("button");
  made.textContent = text;
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

function render({ model, el }) {
  el.classList.add("analysis-tree");
  const pick = (ids) => {
    model.set("picked", ids);
    model.save_changes();
  };
  const tick = () => {
    const picked = new Set(model.get("picked"));
    for (const box of el.querySelectorAll("input[type=checkbox]")) box.checked = picked.has(box.value);
  };
  const draw = () => {
    const nodes = model.get("nodes");
    const head = document.createElement("div");
    const title = document.createElement("strong");
    title.textContent = model.get("title");
    head.append(title);
    for (const [text, ids] of Object.entries(model.get("shortcuts"))) head.append(button(text, () => pick(ids)));
    const list = branch(nodes, "", model);
    list.setAttribute("aria-label", model.get("title"));
    el.replaceChildren(head, list);
    tick();
  };
  el.addEventListener("change", () => {
    const boxes = [...el.querySelectorAll("input[type=checkbox]")];
    pick(boxes.filter((box) => box.checked).map((box) => box.value));
  });
  model.on("change:nodes change:shortcuts", draw);
  model.on("change:picked", tick);
  draw();
}

export default { render };
