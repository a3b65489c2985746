// Rows of a table that are chosen with checkboxes: how many are, all of them at once, and the keys j, k, x and a.
for (const table of document.querySelectorAll("table[data-choose]")) {
  const boxes = [...table.querySelectorAll('td.choose input[type="checkbox"]')];
  const words = document.querySelector(`[data-chosen="${table.dataset.choose}"]`);
  const head = table.querySelector("th.choose");
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", head.textContent.trim());
  head.replaceChildren(all);
  let last = null;

  function show() {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    if (words) words.textContent = count ? `${count} ${words.dataset.some}` : words.dataset.none;
  }

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, two) => one - two);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      show();
    });
  }
  document.addEventListener("keydown", (event) => {
    // Keys of single letters work only while a box has the focus, so that they never surprise who dictates text.
    const here = boxes.indexOf(document.activeElement);
    if (here < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") boxes[Math.min(here + 1, boxes.length - 1)].focus();
    else if (event.key === "k") boxes[Math.max(here - 1, 0)].focus();
    else if (event.key === "x") boxes[here].click();
    else if (event.key === "a") all.click();
    else return;
    event.preventDefault();
  });
  window.addEventListener("pageshow", show);
  show();
}
