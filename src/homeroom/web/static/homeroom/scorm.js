// A course in a learning system that offers the API of SCORM 1.2 (Run-Time Environment, October 2001, 3.2 to 3.4).
// Kept there: language, answers by lesson (suspend_data), the lesson (lesson_location), score, status and time.
(function () {
  "use strict";
  const course = document.querySelector("[data-course]");
  const parts = Array.from(course.querySelectorAll("[data-part]"));
  const began = Date.now();
  const LONGEST = 4096; // characters of suspend_data
  const state = { language: "en", answers: Object.create(null) };
  let isEnded = false;

  function findApi(start) {
    let place = start;
    for (let depth = 0; place && depth < 50; depth += 1) {
      try {
        if (place.API) return place.API;
      } catch (error) { return null; } // a frame of another site
      if (place.parent === place) return null;
      place = place.parent;
    }
    return null;
  }
  const api = findApi(window) || (window.opener ? findApi(window.opener) : null);
  const isOpen = Boolean(api) && String(api.LMSInitialize("")) === "true";
  const get = (name) => (isOpen ? String(api.LMSGetValue(name)) : "");
  const set = (name, value) => { if (isOpen && !isEnded) api.LMSSetValue(name, String(value)); };
  const commit = () => { if (isOpen && !isEnded) api.LMSCommit(""); };

  // 1 Language -----------------------------------------------------------------------------------------------------
  function choose(language) {
    state.language = parts.some((part) => part.dataset.part === language) ? language : "en";
    for (const part of parts) part.hidden = part.dataset.part !== state.language;
    for (const button of course.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
    document.documentElement.lang = state.language;
  }
  for (const button of course.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => { choose(button.dataset.language); suspend(); commit(); });
  }

  // 2 What the learning system keeps -------------------------------------------------------------------------------
  function suspend() {
    const text = JSON.stringify({ v: course.dataset.version, l: state.language, a: state.answers });
    if (text.length <= LONGEST) set("cmi.suspend_data", text);
  }

  function resume() {
    let kept = {};
    try { kept = JSON.parse(get("cmi.suspend_data") || "{}"); } catch (error) { kept = {}; }
    choose(kept.l || (get("cmi.student_preference.language").toLowerCase().startsWith("es") ? "es" : "en"));
    if (kept.v !== course.dataset.version || !kept.a) return;
    for (const lesson of window.homeroomCourse.lessons) {
      if (!kept.a[lesson]) continue;
      state.answers[lesson] = kept.a[lesson];
      window.homeroomCourse.fill(lesson, kept.a[lesson]);
    }
    const place = document.getElementById(state.language + "-" + get("cmi.core.lesson_location"));
    if (place) { place.focus({ preventScroll: true }); place.scrollIntoView({ block: "start" }); }
  }

  course.addEventListener("course-answered", (event) => {
    const { lesson, answers } = event.detail;
    const lessons = window.homeroomCourse.lessons;
    state.answers[lesson] = answers;
    set("cmi.core.lesson_location", lessons[lessons.indexOf(lesson) + 1] || lesson);
    suspend();
    commit();
  });

  course.addEventListener("course-finished", (event) => {
    const { percent, passed } = event.detail;
    const isPassed = ["passed", "completed"].includes(get("cmi.core.lesson_status"));
    if (isPassed && percent < Number(get("cmi.core.score.raw") || 0)) return; // the better result stays
    set("cmi.core.score.min", 0);
    set("cmi.core.score.max", 100);
    set("cmi.core.score.raw", percent);
    if (passed) set("cmi.core.lesson_status", Number(course.dataset.pass) ? "passed" : "completed");
    else if (!isPassed) set("cmi.core.lesson_status", "failed");
    commit();
  });

  course.addEventListener("course-again", () => {
    state.answers = {};
    set("cmi.core.lesson_location", "");
    suspend();
    commit();
  });

  // 3 Beginning and end --------------------------------------------------------------------------------------------
  function formatTime(milliseconds) {
    const pad = (number, width) => String(number).padStart(width, "0");
    const hundredths = Math.floor(milliseconds / 10);
    const hours = Math.min(9999, Math.floor(hundredths / 360000));
    return pad(hours, 4) + ":" + pad(Math.floor(hundredths / 6000) % 60, 2) + ":" + pad(Math.floor(hundredths / 100) % 60, 2) + "." + pad(hundredths % 100, 2);
  }

  function end() {
    if (!isOpen || isEnded) return;
    suspend();
    set("cmi.core.session_time", formatTime(Date.now() - began));
    set("cmi.core.exit", "suspend");
    commit();
    isEnded = true;
    api.LMSFinish("");
  }

  resume();
  for (const note of course.querySelectorAll("[data-alone]")) note.hidden = isOpen;
  if (["not attempted", ""].includes(get("cmi.core.lesson_status"))) { set("cmi.core.lesson_status", "incomplete"); commit(); }
  window.addEventListener("pagehide", end);
})();
