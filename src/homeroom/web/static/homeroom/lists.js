// Selecting rows of a list: a box for the page, a range with Shift, and how many are selected.
const boxesOf = (form) => [...form.querySelectorAll("input[name=pick]")];
let last = null;

function show(form) {
  const boxes = boxesOf(form), picked = boxes.filter((box) => box.checked).length, all = form.elements.all?.checked;
  const page = form.querySelector("[data-pick-page]"), text = form.querySelector("[data-picked]");
  for (const box of boxes) box.closest("tr").classList.toggle("picked", box.checked || all);
  if (page) {
    page.hidden = false;
    page.checked = picked > 0 && picked === boxes.length;
    page.indeterminate = picked > 0 && picked < boxes.length;
  }
  if (text) {
    text.dataset.label ??= text.textContent;
    text.textContent = `${text.dataset.label} ${all ? text.dataset.all : picked}`;
  }
  for (const button of form.querySelectorAll("button[name=act]")) button.disabled = !(picked || all);
}

function start(root) {
  for (const text of root.querySelectorAll("[data-picked]")) show(text.form ?? text.closest("form"));
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.form?.querySelector("[data-picked]")) return;
  const boxes = boxesOf(box.form);
  if (box.dataset.pickPage !== undefined) for (const other of boxes) other.checked = box.checked;
  if (box.name === "pick") {
    const from = boxes.indexOf(last), to = boxes.indexOf(box);
    if (event.shiftKey && from >= 0) {
      for (const other of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) other.checked = box.checked;
    }
    last = box;
  }
  show(box.form);
});
document.addEventListener("htmx:afterSettle", () => start(document));
addEventListener("pageshow", () => start(document));
