// A learning system for tests, after SCORM 1.2 Run-Time Environment (ADL, October 2001): 3.3 the API, 3.4 the data model.
// It keeps what it is sent in localStorage, and notes each call that the standard forbids.
"use strict";
(function () {
  const ELEMENTS = {
    "cmi.core._children": { read: true }, "cmi.core.student_id": { read: true }, "cmi.core.student_name": { read: true },
    "cmi.core.lesson_location": { read: true, write: /^[^]{0,255}$/ },
    "cmi.core.credit": { read: true }, "cmi.core.entry": { read: true }, "cmi.core.total_time": { read: true }, "cmi.core.lesson_mode": { read: true },
    "cmi.core.lesson_status": { read: true, write: /^(passed|completed|failed|incomplete|browsed)$/ },
    "cmi.core.score.raw": { read: true, write: /^(100(\.0+)?|\d{1,2}(\.\d+)?)?$/ },
    "cmi.core.score.min": { read: true, write: /^(100(\.0+)?|\d{1,2}(\.\d+)?)?$/ },
    "cmi.core.score.max": { read: true, write: /^(100(\.0+)?|\d{1,2}(\.\d+)?)?$/ },
    "cmi.core.exit": { write: /^(time-out|suspend|logout|)$/ },
    "cmi.core.session_time": { write: /^\d{2,4}:[0-5]\d:[0-5]\d(\.\d{1,2})?$/ },
    "cmi.suspend_data": { read: true, write: /^[^]{0,4096}$/ }, "cmi.launch_data": { read: true }, "cmi.student_preference.language": { read: true, write: /^[^]{0,255}$/ },
  };
  const kept = JSON.parse(localStorage.getItem("lms") || '{"values":{"cmi.core.lesson_status":"not attempted"},"calls":[],"faults":[],"sessions":0}');
  const values = kept.values;
  let state = "before", code = "0", pending = {};
  const save = () => localStorage.setItem("lms", JSON.stringify(kept));
  const fail = (number, text) => { code = number; kept.faults.push(number + " " + text); save(); };
  const done = (answer) => { code = "0"; save(); return answer; };
  window.API = {
    LMSInitialize(text) {
      if (text !== "" || state !== "before") { fail("201", "LMSInitialize"); return "false"; }
      state = "open"; kept.sessions += 1; kept.calls.push("LMSInitialize");
      values["cmi.core.entry"] = values["cmi.core.exit"] === "suspend" ? "resume" : "ab-initio";
      return done("true");
    },
    LMSGetValue(name) {
      if (state !== "open") { fail("301", name); return ""; }
      if (!ELEMENTS[name] || !ELEMENTS[name].read) { fail(ELEMENTS[name] ? "404" : "201", name); return ""; }
      return done(name in pending ? pending[name] : values[name] || "");
    },
    LMSSetValue(name, value) {
      if (state !== "open") { fail("301", name); return "false"; }
      if (!ELEMENTS[name] || !ELEMENTS[name].write) { fail(ELEMENTS[name] ? "403" : "201", name); return "false"; }
      if (typeof value !== "string" || !ELEMENTS[name].write.test(value)) { fail("405", name + "=" + value); return "false"; }
      pending[name] = value; return done("true");
    },
    LMSCommit(text) {
      if (text !== "" || state !== "open") { fail("301", "LMSCommit"); return "false"; }
      Object.assign(values, pending); pending = {}; kept.calls.push("LMSCommit"); return done("true");
    },
    LMSFinish(text) {
      if (text !== "" || state !== "open") { fail("301", "LMSFinish"); return "false"; }
      Object.assign(values, pending); pending = {}; state = "finished"; kept.calls.push("LMSFinish"); return done("true");
    },
    LMSGetLastError: () => code, LMSGetErrorString: (number) => "error " + number, LMSGetDiagnostic: (number) => "error " + number,
  };
  window.addEventListener("load", () => { document.getElementById("sco").src = "course/index.html"; });
})();
