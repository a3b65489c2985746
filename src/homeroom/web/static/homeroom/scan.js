// Scan fields: a text with a label a line becomes a field for a scanner, which types and presses Enter, and a list.
// The text stays what the form sends. Fires `input` on the text after each change, and follows its `change` event.
(function () {
  "use strict";
  const MAX_LABELS = 200;
  const MAX_LENGTH = 80;
  const fold = (label) => label.replace(/\s+/g, "").toLowerCase();
  const clean = (label) => label.trim().replace(/\s+/g, " ");
  const inventory = new Map();

  for (const field of document.querySelectorAll("[data-scan]")) prepare(field);

  function prepare(field) {
    const text = field.querySelector("textarea");
    const part = field.querySelector("[data-script]");
    const entry = part.querySelector("[data-entry]");
    const status = part.querySelector("[data-count]");
    const list = part.querySelector("[data-list]");
    const item = part.querySelector("[data-item]");
    const again = new Set();
    entry.id = text.id + "-entry";
    field.querySelector("label").htmlFor = entry.id;
    entry.setAttribute("aria-describedby", text.getAttribute("aria-describedby") || "");
    text.dataset.title = field.querySelector("label").textContent.trim();
    text.hidden = true;
    part.hidden = false;

    const read = () => text.value.split("\n").map(clean).filter(Boolean);
    const count = (number) => (number === 1 ? status.dataset.one : status.dataset.many.replace("{n}", number));

    function write(labels, note) {
      text.value = labels.join("\n");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      show(note);
    }

    function add(value) {
      const labels = read();
      let note = "";
      for (const label of value.split(/[\r\n\t]+/).map(clean).filter(Boolean)) {
        const twin = labels.find((other) => fold(other) === fold(label));
        if (twin) { again.add(fold(twin)); note = status.dataset.twice.replace("{label}", label); }
        else if (label.length > MAX_LENGTH) note = status.dataset.long;
        else if (labels.length >= MAX_LABELS) note = status.dataset.full;
        else labels.push(label);
      }
      write(labels, note);
      return note;
    }

    function show(note) {
      const labels = read();
      status.textContent = [note, labels.length ? count(labels.length) : ""].filter(Boolean).join(" ");
      list.replaceChildren(...labels.map((label) => build(label)).reverse());
    }

    function build(label) {
      const row = item.content.firstElementChild.cloneNode(true);
      row.querySelector("strong").textContent = label;
      row.querySelector("[data-again]").hidden = !again.has(fold(label));
      row.querySelector("[data-remove] .unseen").textContent = " " + label;
      row.querySelector("[data-remove]").addEventListener("click", () => {
        again.delete(fold(label));
        write(read().filter((other) => other !== label), "");
        entry.focus();
      });
      describe(label, row);
      return row;
    }

    // What the inventory has about a label, if there is a network; the visit's page shows it later in any case.
    async function describe(label, row) {
      if (!field.dataset.lookup) return;
      const key = fold(label);
      if (!inventory.has(key)) inventory.set(key, ask(label));
      const devices = await inventory.get(key);
      if (!devices) { inventory.delete(key); return; }
      row.querySelector("[data-unknown]").hidden = devices.length > 0;
      row.querySelector("[data-device]").textContent = devices.map((device) => [device.model, device.place].filter(Boolean).join(", ")).join("; ");
    }

    async function ask(label) {
      try {
        const answer = await fetch(field.dataset.lookup + "?label=" + encodeURIComponent(label), { redirect: "manual" });
        return answer.ok ? (await answer.json()).devices : undefined;
      } catch (error) {
        return undefined;
      }
    }

    function flush() {
      if (!entry.value.trim()) return;
      const value = entry.value;
      entry.value = "";
      add(value);
    }

    entry.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      flush();
    });
    entry.addEventListener("paste", (event) => {
      const pasted = event.clipboardData.getData("text");
      if (!/[\r\n]/.test(pasted)) return;
      event.preventDefault();
      add(pasted);
    });
    part.querySelector("[data-take]").addEventListener("click", () => { flush(); entry.focus(); });
    text.addEventListener("change", () => show(""));
    text.form.addEventListener("submit", flush, true);
    prepareCamera(part, add, status);
    show("");
  }

  function prepareCamera(part, add, status) {
    const button = part.querySelector("[data-camera]");
    const viewer = part.querySelector("[data-viewer]");
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices || !viewer.showModal) return;
    const video = viewer.querySelector("video");
    const seen = viewer.querySelector("[data-seen]");
    let stream = null;
    button.hidden = false;

    async function watch(detector) {
      let last = "";
      while (stream) {
        const codes = await detector.detect(video).catch(() => []);
        for (const code of codes) {
          if (code.rawValue === last) continue; // the same code is still before the camera
          last = code.rawValue;
          seen.textContent = add(code.rawValue) || code.rawValue;
          if (navigator.vibrate) navigator.vibrate(60);
        }
        await new Promise((resume) => setTimeout(resume, 200));
      }
    }

    button.addEventListener("click", async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        video.srcObject = stream;
        seen.textContent = "";
        viewer.showModal();
        await video.play();
        watch(new window.BarcodeDetector());
      } catch (error) {
        stop();
        status.textContent = status.dataset.blocked;
      }
    });
    function stop() {
      if (stream) for (const track of stream.getTracks()) track.stop();
      stream = null;
      if (viewer.open) viewer.close();
    }
    viewer.querySelector("[data-close]").addEventListener("click", stop);
    viewer.addEventListener("close", stop);
  }
})();
