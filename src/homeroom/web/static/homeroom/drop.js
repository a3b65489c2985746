// The drop zone: files that are dragged onto it go into the plain file input, which works without this script.
(function () {
  "use strict";
  const zone = document.querySelector("[data-drop]");
  const input = zone && zone.querySelector("input[type=file]");
  const list = zone && zone.querySelector("[data-chosen]");
  if (!zone || !input) return;
  zone.querySelector("[data-script]").hidden = false;
  const show = function () {
    list.replaceChildren(...Array.from(input.files, function (file) {
      const item = document.createElement("li");
      item.textContent = file.name;
      return item;
    }));
  };
  const over = function (event) { event.preventDefault(); zone.classList.add("over"); };
  const out = function () { zone.classList.remove("over"); };
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", out);
  zone.addEventListener("drop", function (event) {
    event.preventDefault();
    out();
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; show(); }
  });
  input.addEventListener("change", show);
})();
