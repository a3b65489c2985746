// A course in the browser: answers with their reasons at once, the result at the end, taking it again, reading aloud.
// Answers are kept here until the page that comes from the server has them (data-store names where).
(function () {
  "use strict";
  const course = document.querySelector("[data-course]");
  if (!course) return;
  const forms = Array.from(course.querySelectorAll("form[data-lesson]"));
  const results = Array.from(course.querySelectorAll("[data-result]"));
  const lessons = Array.from(new Set(forms.map((form) => form.dataset.lesson)));
  const passPercent = Number(course.dataset.pass);
  const PREFIX = "homeroom-course ";
  const key = course.dataset.store ? PREFIX + course.dataset.store : "";

  // 1 What was answered --------------------------------------------------------------------------------------------
  const questions = (form) => Array.from(form.querySelectorAll("fieldset[data-question]"));
  const isRight = (form) => questions(form).map((part) => Boolean(part.querySelector("input:checked[data-right]")));

  function read(form) {
    return Object.fromEntries(questions(form).map((part) => [part.dataset.question, Number(part.querySelector("input:checked").value)]));
  }

  function reveal(form) {
    form.dataset.answered = "yes";
    for (const part of questions(form)) {
      for (const input of part.querySelectorAll("input")) {
        input.disabled = true;
        const reason = part.querySelector('[data-reason="' + input.value + '"]');
        if (reason) reason.hidden = !(input.checked || "right" in input.dataset);
        input.closest("label").classList.toggle("right", "right" in input.dataset);
        input.closest("label").classList.toggle("wrong", input.checked && !("right" in input.dataset));
      }
    }
    form.querySelector("button[type=submit]").hidden = true;
  }

  function fill(lesson, answers) {
    for (const form of forms.filter((item) => item.dataset.lesson === lesson)) {
      for (const part of questions(form)) {
        const input = part.querySelector('input[value="' + answers[part.dataset.question] + '"]');
        if (input) input.checked = true;
      }
      if (questions(form).every((part) => part.querySelector("input:checked"))) reveal(form);
    }
  }

  const isAnswered = (lesson) => forms.some((form) => form.dataset.lesson === lesson && form.dataset.answered);
  const countRight = () => lessons.flatMap((lesson) => isRight(forms.find((form) => form.dataset.lesson === lesson))).filter(Boolean).length;
  const countAll = () => lessons.flatMap((lesson) => questions(forms.find((form) => form.dataset.lesson === lesson))).length;

  function showResult(announce) {
    const done = lessons.every(isAnswered);
    for (const result of results) result.hidden = !done;
    if (!done) return;
    const right = countRight();
    const total = countAll();
    const percent = total ? Math.floor((100 * right) / total) : 100;
    const passed = percent >= passPercent;
    for (const result of results) {
      for (const text of result.querySelectorAll("[data-text]")) {
        text.textContent = (passed ? text.dataset.passed : text.dataset.failed).replace("{right}", right).replace("{total}", total);
      }
      result.classList.toggle("good", passed);
      result.classList.toggle("warn", !passed);
    }
    if (!announce) return;
    const seen = results.find((result) => !result.closest("[data-part][hidden]"));
    if (seen) seen.focus();
    course.dispatchEvent(new CustomEvent("course-finished", { detail: { right, total, percent, passed } }));
  }

  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      if (!form.dataset.outbox) event.preventDefault();
      setTimeout(() => { // after the outbox has read the form
        const answers = read(form);
        fill(form.dataset.lesson, answers);
        store();
        course.dispatchEvent(new CustomEvent("course-answered", { detail: { lesson: form.dataset.lesson, answers } }));
        showResult(true);
        if (!lessons.every(isAnswered)) form.querySelector("[data-checked]").focus();
      }, 0);
    });
  }

  for (const button of course.querySelectorAll("[data-again]")) {
    button.addEventListener("click", () => {
      for (const form of forms) {
        delete form.dataset.answered;
        for (const input of form.querySelectorAll("input[type=radio]")) { input.disabled = false; input.checked = false; input.closest("label").classList.remove("right", "wrong"); }
        for (const reason of form.querySelectorAll("[data-reason]")) reason.hidden = true;
        form.querySelector("button[type=submit]").hidden = false;
      }
      for (const result of results) result.hidden = true;
      store();
      course.dispatchEvent(new CustomEvent("course-again"));
      const first = course.querySelector("[data-part]:not([hidden]) [data-start]") || course.querySelector("[data-start]") || course;
      first.focus();
      first.scrollIntoView({ block: "start" });
    });
  }

  // 2 Kept in this browser until the server's page has it ----------------------------------------------------------
  function store() {
    if (!key) return;
    const answers = Object.create(null);
    for (const form of forms) if (form.dataset.answered) answers[form.dataset.lesson] = read(form);
    try { localStorage.setItem(key, JSON.stringify(answers)); } catch (error) { return; } // full: the outbox has them
  }

  function restore() {
    if (!key) return;
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(PREFIX) && name !== key && name.split(" ")[2] === key.split(" ")[2]) localStorage.removeItem(name);
      }
      const kept = JSON.parse(localStorage.getItem(key) || "{}");
      for (const lesson of Object.keys(kept)) if (!isAnswered(lesson)) fill(lesson, kept[lesson]);
    } catch (error) { return; }
  }

  // 3 Reading aloud ------------------------------------------------------------------------------------------------
  const voice = window.speechSynthesis;
  for (const button of course.querySelectorAll("[data-read]")) {
    button.hidden = !voice;
    button.addEventListener("click", () => {
      const isReading = button.getAttribute("aria-pressed") === "true";
      voice.cancel();
      for (const other of course.querySelectorAll("[data-read]")) other.setAttribute("aria-pressed", "false");
      if (isReading) return;
      const text = document.getElementById(button.dataset.read);
      const parts = Array.from(text.querySelectorAll("h2, h3, h4, p, li")).filter((part) => !part.querySelector("p, li"));
      button.setAttribute("aria-pressed", "true");
      parts.forEach((part, number) => {
        const words = new SpeechSynthesisUtterance(part.textContent);
        words.lang = text.closest("[lang]").lang === "es" ? "es-US" : "en-US";
        if (number === parts.length - 1) words.onend = () => button.setAttribute("aria-pressed", "false");
        voice.speak(words);
      });
    });
  }
  window.addEventListener("pagehide", () => voice && voice.cancel());

  // 4 Start --------------------------------------------------------------------------------------------------------
  for (const form of forms) if (form.dataset.answered) reveal(form);
  restore();
  showResult(false);
  window.homeroomCourse = { fill: (lesson, answers) => { fill(lesson, answers); showResult(false); }, lessons };
})();
