// Drag a visit on the board of a week: where it is dropped, the page shows what that costs. Nothing changes before the
// answer is confirmed, and every visit is a link to the same choice as a form.
(function () {
  "use strict";
  const board = document.querySelector("[data-board]");
  const answer = document.getElementById("answer");
  if (!board || !answer) return;
  const read = function (name) { return Number(board.dataset[name]); };
  const days = Array.from(board.querySelectorAll("[data-day]"), function (part) { return part.dataset.day; });
  const clamp = function (value, least, greatest) { return Math.min(Math.max(value, least), greatest); };
  const locate = function (event) {
    const point = new DOMPoint(event.clientX, event.clientY);
    return point.matrixTransform(board.getScreenCTM().inverse());
  };
  let drag = null;
  let dropped = null;
  let asked = 0;

  const place = function (target) {
    const box = drag.rect.getBBox();
    const column = clamp(Math.floor((target.x - read("left")) / read("column")), 0, days.length - 1);
    const top = box.y + target.y - drag.from.y;
    const minute = read("opens") + (top - read("top")) / read("pixels");
    const starts = clamp(Math.round(minute / read("grid")) * read("grid"), 0, 24 * 60 - read("grid"));
    return { column: column, starts: starts };
  };
  const shift = function (spot) {
    const box = drag.rect.getBBox();
    const own = Math.floor((box.x - read("left")) / read("column"));
    const y = read("top") + (spot.starts - read("opens")) * read("pixels");
    const x = (spot.column - own) * read("column");
    drag.link.setAttribute("transform", "translate(" + x + " " + (y - box.y) + ")");
  };
  const reset = function (link) { link.removeAttribute("transform"); link.classList.remove("moved"); };
  const ask = function (link, spot) {
    const pad = function (number) { return String(number).padStart(2, "0"); };
    const query = new URLSearchParams({ part: "1", day: days[spot.column] });
    query.set("starts", pad(Math.floor(spot.starts / 60)) + ":" + pad(spot.starts % 60));
    link.dataset.people.split("|").forEach(function (name) { query.append("person", name); });
    const number = ++asked;
    fetch(link.getAttribute("href") + "?" + query, { credentials: "same-origin" })
      .then(function (response) { if (!response.ok) throw new Error(response.status); return response.text(); })
      .then(function (text) {
        if (number !== asked) return;
        answer.innerHTML = text;
        const title = document.getElementById("verdict-title");
        if (title) { title.focus(); title.scrollIntoView({ block: "nearest" }); }
      })
      .catch(function () { if (number === asked) window.location.assign(link.getAttribute("href")); });
  };

  board.addEventListener("pointerdown", function (event) {
    const link = event.target.closest("[data-visit]");
    if (!link || event.button !== 0) return;
    const from = locate(event);
    drag = { link: link, rect: link.querySelector("rect"), from: from, moved: false, pointer: event.pointerId };
  });
  board.addEventListener("pointermove", function (event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const target = locate(event);
    if (!drag.moved && Math.hypot(target.x - drag.from.x, target.y - drag.from.y) < 6) return;
    if (!drag.moved) {
      drag.moved = true;
      if (dropped) reset(dropped);
      board.setPointerCapture(event.pointerId);
      drag.link.classList.add("moved");
    }
    drag.spot = place(target);
    shift(drag.spot);
  });
  const end = function (event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const done = drag;
    drag = null;
    if (!done.moved) return;
    dropped = done.link;
    if (event.type === "pointercancel") { reset(dropped); return; }
    board.addEventListener("click", function (click) { click.preventDefault(); }, { capture: true, once: true });
    setTimeout(function () { board.dispatchEvent(new Event("click")); }, 0); // no click follows some drags
    ask(done.link, done.spot);
  };
  board.addEventListener("pointerup", end);
  board.addEventListener("pointercancel", end);
  board.addEventListener("dragstart", function (event) { event.preventDefault(); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || !dropped) return;
    asked += 1;
    reset(dropped);
    dropped = null;
    answer.replaceChildren();
  });
})();
