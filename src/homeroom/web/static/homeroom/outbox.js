// The outbox: forms with data-outbox are kept on the phone first, then sent, each once, now or when there is a network.
// What is filled in but not yet sent is kept as well. Records are of one person and one district (data-scope).
// A form states the address that takes it (data-outbox), what it is about (data-subject) and its title (data-title).
(function () {
  "use strict";
  const box = document.getElementById("outbox");
  if (!box || !window.indexedDB || !window.fetch) return;
  const scope = box.dataset.scope;
  const words = box.querySelector("[data-words]").dataset;
  const line = box.querySelector("[data-line]");
  const OWN = new Set(["key", "version", "unites", "csrfmiddlewaretoken"]);
  const RETRY = 15000;
  const PATIENCE = 20000;
  const state = { offline: false, signedOut: false, sent: takeSent(), note: "", busy: false, again: false };

  // 1 What is stored: records to send, and drafts of forms ---------------------------------------------------------
  let database = null;
  function open() {
    database = database || new Promise((resolve, reject) => {
      const request = indexedDB.open("homeroom-outbox", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("records", { keyPath: "key" });
        request.result.createObjectStore("drafts", { keyPath: "id" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return database;
  }
  async function use(store, mode, call) {
    const base = await open();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(store, mode);
      const request = call(transaction.objectStore(store));
      if (mode === "readwrite" && transaction.commit) transaction.commit(); // else a page that closes now takes it back
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
  const put = (store, value) => use(store, "readwrite", (rows) => rows.put(value));
  const remove = (store, key) => use(store, "readwrite", (rows) => rows.delete(key));
  const get = (store, key) => use(store, "readonly", (rows) => rows.get(key));
  async function list() {
    const records = await use("records", "readonly", (rows) => rows.getAll());
    return records.filter((record) => record.scope === scope).sort((a, b) => a.order - b.order);
  }

  function createKey() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // 2 Sending ------------------------------------------------------------------------------------------------------
  async function send() {
    state.again = state.busy;
    if (state.busy) return;
    state.busy = true;
    try {
      if (navigator.locks) await navigator.locks.request("homeroom-outbox", sendWaiting); // one tab at a time
      else await sendWaiting();
    } finally {
      state.busy = false;
    }
    if (state.again) await send();
  }

  async function sendWaiting() {
    const session = await askSession();
    const subjects = new Set();
    for (const record of session ? (await list()).filter((item) => item.state === "waiting") : []) {
      const outcome = await sendRecord(record, session);
      if (outcome === "stop") break;
      if (outcome === "recorded") subjects.add(record.subject);
    }
    if (subjects.size) await showSent(subjects);
    await render();
  }

  // A weak network counts as none; a record that arrived all the same is recognized by its key.
  const limitTime = () => (AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined);

  async function askSession() {
    let response;
    try {
      response = await fetch(box.dataset.session, { cache: "no-store", redirect: "manual", signal: limitTime() });
    } catch (error) {
      state.offline = true;
      return null;
    }
    state.offline = response.status >= 500;
    state.signedOut = response.type === "opaqueredirect" || response.status === 404;
    if (!response.ok) return null;
    const session = await response.json();
    state.signedOut = session.scope !== scope;
    return state.signedOut ? null : session;
  }

  async function sendRecord(record, session) {
    const fields = new URLSearchParams(record.fields);
    for (const [name, value] of [["key", record.key], ["scope", scope], ["made_at", record.made], ["sent_at", new Date().toISOString()]]) fields.set(name, value);
    let response;
    try {
      response = await fetch(record.address, { method: "POST", body: fields, redirect: "manual", signal: limitTime(),
        headers: { "X-CSRFToken": session.token, Accept: "application/json" } });
    } catch (error) {
      state.offline = true;
      return "stop";
    }
    if (response.type === "opaqueredirect") { state.signedOut = true; return "stop"; }
    if (response.status >= 500 || response.status === 429) { state.offline = true; return "stop"; }
    const answer = await response.json().catch(() => ({}));
    if (answer.state === "other") { state.signedOut = true; return "stop"; }
    if (response.ok && answer.state === "recorded") { await remove("records", record.key); return "recorded"; }
    record.state = answer.state === "changed" ? "changed" : "refused";
    Object.assign(record, { message: answer.message || words.failed, version: answer.version || "" });
    if (answer.address) Object.assign(record, { address: answer.address, subject: answer.subject });
    await put("records", record);
    return record.state;
  }

  function takeSent() {
    const sent = Number(window.sessionStorage.getItem("homeroom-sent") || 0);
    window.sessionStorage.removeItem("homeroom-sent");
    return sent;
  }

  // Show the page again if it is about what was sent, so that it has what was recorded.
  async function showSent(subjects) {
    state.sent = subjects.size;
    const isShown = Array.from(document.querySelectorAll("[data-waiting]")).some((tag) => subjects.has(tag.dataset.waiting));
    const left = (await list()).some((record) => subjects.has(record.subject));
    keep(Array.from(subjects), true);
    if (!isShown || left) return;
    window.sessionStorage.setItem("homeroom-sent", String(subjects.size));
    window.location.replace(window.location.pathname + window.location.search);
  }

  // 3 The bar ------------------------------------------------------------------------------------------------------
  const choose = (name, number) => words[name + (number === 1 ? "One" : "Many")].replace("{n}", number);

  async function render() {
    const records = await list();
    const waiting = records.filter((record) => record.state === "waiting");
    const count = new Set(waiting.map((record) => record.subject)).size;
    const problems = records.filter((record) => record.state !== "waiting");
    const texts = [state.note];
    if (state.sent) texts.push(choose("sent", state.sent));
    if (count && state.signedOut) texts.push(choose("signed", count));
    else if (count) texts.push(choose(state.offline ? "offline" : "waiting", count));
    else if (state.offline) texts.push(words.offline);
    line.textContent = texts.filter(Boolean).join(" ");
    const sign = box.querySelector("[data-sign]");
    sign.hidden = !(count && state.signedOut);
    sign.href = box.dataset.signIn + "?next=" + encodeURIComponent(window.location.pathname + window.location.search);
    const now = box.querySelector("[data-now]");
    now.hidden = !count || state.signedOut;
    box.querySelector("[data-actions]").hidden = sign.hidden && now.hidden;
    box.querySelector("[data-problems]").replaceChildren(...problems.map(buildProblem));
    box.classList.toggle("good", Boolean(state.sent) && !count && !problems.length);
    box.hidden = !line.textContent && !problems.length;
    for (const part of document.querySelectorAll("[data-stamp]")) {
      const stamped = waiting.filter((record) => record.subject === part.dataset.stamp && record.fields.some(([name, value]) => name === "outcome" && value === part.dataset.value))[0];
      part.hidden = !stamped;
      if (stamped) part.textContent = part.dataset.text.replace("{when}", new Date(stamped.made).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }));
    }
    for (const tag of document.querySelectorAll("[data-waiting]")) tag.hidden = !records.some((record) => record.subject === tag.dataset.waiting);
  }

  function buildProblem(record) {
    const item = box.querySelector("[data-problem]").content.firstElementChild.cloneNode(true);
    item.querySelector("h2").textContent = record.title;
    item.querySelector("[data-message]").textContent = record.message;
    item.querySelector("[data-yours]").textContent = [words.yours.replace("{when}", new Date(record.made).toLocaleString()), record.summary].join(" ");
    const add = item.querySelector("[data-add]");
    const correct = item.querySelector("[data-correct]");
    const link = item.querySelector("[data-open]");
    const discard = item.querySelector("[data-discard]");
    add.hidden = record.state !== "changed";
    correct.hidden = record.state === "changed";
    link.href = record.subject;
    add.addEventListener("click", async () => {
      record.fields = record.fields.filter(([name]) => name !== "version" && name !== "unites").concat([["version", record.version], ["unites", "1"]]);
      record.state = "waiting";
      await put("records", record);
      await send();
    });
    correct.addEventListener("click", async () => {
      await put("drafts", { id: scope + " " + record.subject, fields: record.fields, version: "" });
      await remove("records", record.key);
      window.location.assign(record.subject);
    });
    discard.addEventListener("click", async () => {
      if (discard.textContent !== discard.dataset.sure) { discard.textContent = discard.dataset.sure; return; }
      await remove("records", record.key);
      await render();
    });
    return item;
  }

  // 4 Forms --------------------------------------------------------------------------------------------------------
  for (const form of document.querySelectorAll("form[data-outbox]")) {
    form.addEventListener("submit", (event) => { event.preventDefault(); keepForm(form, event.submitter); });
    if (form.hasAttribute("data-draft")) {
      form.addEventListener("input", () => saveDraft(form));
      form.addEventListener("change", () => saveDraft(form));
    }
  }

  function readForm(form) {
    return Array.from(new FormData(form)).filter(([name, value]) => name !== "csrfmiddlewaretoken" && name !== "key" && typeof value === "string")
      .map(([name, value]) => [name, value.replace(/\r\n?/g, "\n")]);
  }

  // What a form says, in its own words, for the person who has to decide between two records.
  function summarize(form, button) {
    const parts = button ? [button.textContent.trim()] : [];
    for (const input of form.elements) {
      const label = input.labels && input.labels[0] && input.labels[0].textContent.trim();
      if (!input.name || input.type === "hidden" || input.type === "submit" || (input.type === "checkbox" || input.type === "radio" ? !input.checked : !input.value || input.value === "0")) continue;
      const title = label || input.dataset.title || input.name;
      parts.push(input.type === "checkbox" ? title : title + ": " + input.value.split("\n").join(", "));
    }
    return parts.join("; ");
  }

  async function keepForm(form, button) {
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const made = new Date();
    const fields = readForm(form);
    if (button && button.name) fields.push([button.name, button.value]);
    const record = { key: createKey(), scope, address: form.dataset.outbox, subject: form.dataset.subject, title: form.dataset.title,
      summary: summarize(form, button), fields, made: made.toISOString(), order: made.getTime(), state: "waiting" };
    try {
      await put("records", record);
      if (form.hasAttribute("data-draft")) {
        await remove("drafts", scope + " " + record.subject);
        const refused = (await list()).filter((item) => item.subject === record.subject && item.state === "refused");
        for (const item of refused) await remove("records", item.key); // the form had what they have: this corrects them
      }
    } catch (error) {
      state.note = words.full;
      await render().catch(() => { line.textContent = words.full; box.hidden = false; });
      delete form.dataset.busy;
      return;
    }
    state.note = "";
    state.sent = 0;
    await render();
    box.scrollIntoView({ block: "nearest" });
    await send();
    delete form.dataset.busy;
  }

  async function saveDraft(form) {
    if (form.dataset.busy || form.dataset.filling) return;
    const version = form.elements.version ? form.elements.version.value : "";
    await put("drafts", { id: scope + " " + form.dataset.subject, fields: readForm(form), version }).catch(() => undefined);
  }

  async function restoreDraft(form) {
    const draft = await get("drafts", scope + " " + form.dataset.subject);
    const waiting = (await list()).filter((record) => record.subject === form.dataset.subject && record.fields.some(([name]) => name === "left_behind"));
    const earlier = draft || waiting.pop();
    if (!earlier) return;
    form.dataset.filling = "yes";
    const values = new Map(earlier.fields);
    for (const input of form.elements) {
      if (!input.name || OWN.has(input.name) || input.type === "submit" || input.type === "hidden") continue;
      if (input.disabled) continue;
      if (input.type === "checkbox") input.checked = values.has(input.name);
      else if (input.type === "radio") input.checked = values.get(input.name) === input.value;
      else input.value = values.get(input.name) || "";
      input.dispatchEvent(new Event("change"));
    }
    if (draft && draft.version && form.elements.version) form.elements.version.value = draft.version;
    delete form.dataset.filling;
    if (draft) state.note = words.restored;
  }

  // 5 Pages to keep ------------------------------------------------------------------------------------------------
  function keep(addresses, fresh) {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.ready.then((registration) => registration.active.postMessage({ keep: addresses, fresh }));
  }

  async function start() {
    if (navigator.serviceWorker) {
      navigator.serviceWorker.register("/outbox-worker.js", { scope: "/" }).catch(() => undefined);
      keep([window.location.pathname + window.location.search, ...Array.from(document.querySelectorAll("a[data-keep]"), (link) => link.href)], false);
    }
    for (const form of document.querySelectorAll("form[data-draft]")) await restoreDraft(form);
    await render();
    await send();
  }

  window.addEventListener("online", async () => {
    await send();
    if (state.offline) setTimeout(send, 2000); // a network that is just there may not carry yet
  });
  window.addEventListener("offline", () => { state.offline = true; render(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  box.querySelector("[data-now]").addEventListener("click", send);
  setInterval(async () => { if (state.offline || (await list()).some((record) => record.state === "waiting")) send(); }, RETRY);
  start();
})();
