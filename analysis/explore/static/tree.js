// A tree of boxes to tick. Python gives `nodes` (id, parent, name, note) in reading order and keeps `picked`.

function named(node) {
  if (node.heading) return document.createTextNode(node.name);
  const label = document.createElement("label");
  const box = document.createElement("input");
  const note = document.createElement("small");
  box.type = "checkbox";
  box.value = node.id;
  note.textContent = node.note;
  label.append(box, node.name, note);
  return label;
}

function fold(node, below) {
  const turn = (open) => {
    below.hidden = !open;
    made.setAttribute("aria-expanded", open);
    made.textContent = open ? "▾" : "▸";
  };
  const made = button("", () => turn(below.hidden));
  made.className = "fold";
  made.setAttribute("aria-label", `below ${node.name}`);
  turn(node.open);
  return made;
}

function branch(nodes, parent) {
  const list = document.createElement("ul");
  for (const node of nodes.filter((one) => one.parent === parent)) {
    const item = document.createElement("li");
    const below = branch(nodes, node.id);
    if (below.childElementCount) item.append(fold(node, below), named(node), below);
    else item.append(named(node));
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
    const list = branch(nodes, "");
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
