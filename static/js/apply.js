/* The form of an application saves itself: each field as it is left, each file as it is chosen or dropped, one
   request after the other, so that the revision it sends is always the one it was told last. When a colleague
   saved meanwhile it keeps no more words and says so, but files, which change nobody's words, still go; without a
   network it tries again. Then the figures are asked for anew
   (htmx, on the event "saved"). The form works without this file. */
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  var RETRY_MS = 8000;
  var LONGEST_NAME = 120;
  var form = document.getElementById("application");
  if (!form || !window.fetch) return;
  var line = document.getElementById("saved");
  var revision = form.elements.namedItem("revision");
  var dirty = new Set();   // names of fields not saved yet
  var uploads = [];        // files waiting: { name, files, at }
  var busy = false, stopped = false, leaving = null, timer = null;

  function say(words, late) {
    line.textContent = words;
    line.classList.toggle("late", Boolean(late));
  }

  function body(names) {
    var sent = new FormData(), typed = new FormData(form);
    sent.append("csrfmiddlewaretoken", typed.get("csrfmiddlewaretoken"));
    names.forEach(function (name) {
      typed.getAll(name).forEach(function (value) { sent.append(name, value); });
    });
    return sent;
  }

  function post(address, sent) {
    return fetch(address, { method: "POST", body: sent, headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) {
        var json = (answer.headers.get("Content-Type") || "").indexOf("application/json") === 0;
        if (!json) throw { signin: answer.redirected || answer.status === 403, status: answer.status };
        return answer.json();
      });
  }

  // One thing at a time: what was typed first, then files.
  function next() {
    if (busy) return;
    window.clearTimeout(timer);
    if (dirty.size && !stopped) saveFields();
    else if (uploads.length) upload(uploads.shift());
    else if (leaving) {
      var button = leaving;
      leaving = null;
      form.requestSubmit(button.form === form ? button : undefined);
    }
  }

  function done(refresh) {
    busy = false;
    if (refresh && (stopped || !dirty.size) && !uploads.length && !leaving) document.body.dispatchEvent(new Event("saved"));
    next();
  }

  function failed(error, again) {
    busy = false;
    leaving = null;
    again();
    say(line.getAttribute(error.signin ? "data-signin" : "data-offline"), true);
    timer = window.setTimeout(next, RETRY_MS);
  }

  // Which material the place of a note or a file is: `note-2` goes with `material-2`.
  function materialOf(name) {
    return name.replace(/^(note|file)-/, "material-");
  }

  // Of a name that is too long for a request the end is kept, which says what the file is.
  function nameOf(file) {
    return file.name.length > LONGEST_NAME ? file.name.slice(-LONGEST_NAME) : file.name;
  }

  function saveFields() {
    var names = Array.from(dirty), sent = body(Array.from(new Set(names.concat(names.map(materialOf), "revision"))));
    dirty.clear();
    busy = true;
    say(line.getAttribute("data-saving"));
    post(form.action, sent).then(function (answer) {
      if (answer.code) refused(answer, names);
      else {
        revision.value = answer.revision;
        say(answer.words);
        done(true);
      }
    }).catch(function (error) {
      failed(error, function () { names.forEach(function (name) { dirty.add(name); }); });
    });
  }

  function refused(answer, names) {
    busy = false;
    say(answer.words, true);
    names.forEach(function (name) { dirty.add(name); });
    stopped = answer.code === "stale";
    if (stopped) {
      var note = document.getElementById("stale");
      note.querySelector("[data-words]").textContent = answer.words;
      note.hidden = false;
      note.scrollIntoView({ block: "center" });
    }
    leaving = null;
    if (uploads.length) upload(uploads.shift());
  }

  function upload(one) {
    var sent = body([materialOf(one.name)]);
    one.files.forEach(function (file) { sent.append(one.name, file, nameOf(file)); });
    busy = true;
    if (!stopped) say(line.getAttribute("data-uploading"));
    one.error.textContent = "";
    post(form.getAttribute("data-files"), sent).then(function (answer) {
      one.error.textContent = answer.refused.join("\n");
      if (answer.refused.length) leaving = null;
      if (!stopped) say(answer.words);
      done(!stopped || !answer.refused.length);
    }).catch(function (error) {
      if (error.status === 413 || error.status === 400) {
        busy = false;
        leaving = null;
        one.error.textContent = one.files.map(function (file) { return file.name; }).join("、") + " ✗ " + error.status;
        return next();
      }
      failed(error, function () { uploads.unshift(one); });
    });
  }

  function bring(material, name, files) {
    if (!files.length) return;
    uploads.push({ name: name, files: Array.from(files), error: document.getElementById(material.id + "-error") });
    next();
  }

  form.addEventListener("change", function (event) {
    var field = event.target;
    if (field.type === "file") {
      bring(field.closest(".material"), field.name, field.files);
      field.value = "";
    } else if (field.name) {
      dirty.add(field.name);
      next();
    }
  });

  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-remove]");
    if (!button || stopped) return;
    event.preventDefault();
    button.disabled = true;
    post(button.formAction, body([])).then(function (answer) {
      say(answer.words, answer.code);
      document.body.dispatchEvent(new Event("saved"));
    }).catch(function (error) {
      button.disabled = false;
      failed(error, function () {});
    });
  });

  // Sending waits until everything typed and chosen is kept; what was refused is posted whole and answered by a page.
  form.addEventListener("submit", function (event) {
    if (!busy && !uploads.length && (stopped || !dirty.size)) {
      dirty.clear();
      return;
    }
    event.preventDefault();
    leaving = event.submitter || form.querySelector("[type=submit]");
    next();
  });

  form.querySelectorAll("[data-drop]").forEach(function (material) {
    ["dragenter", "dragover"].forEach(function (name) {
      material.addEventListener(name, function (event) {
        event.preventDefault();
        material.classList.add("over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      material.addEventListener(name, function () { material.classList.remove("over"); });
    });
    material.addEventListener("drop", function (event) {
      event.preventDefault();
      bring(material, material.getAttribute("data-drop"), event.dataTransfer.files);
    });
  });

  // Questions that came up with the last answers are added where they belong; a field in use is never replaced.
  function merge() {
    var fresh = document.getElementById("asked"), place = document.getElementById("questions"), last = null;
    if (!fresh) return;
    Array.from(fresh.content.children).forEach(function (question) {
      var here = document.getElementById(question.id);
      if (here) {
        var told = here.querySelector(".error"), news = question.querySelector(".error");
        if (told && news) told.textContent = news.textContent;
        var field = here.querySelector("[data-live]");
        if (field && told) {
          if (told.textContent) field.setAttribute("aria-invalid", "true");
          else field.removeAttribute("aria-invalid");
        }
      } else {
        here = document.importNode(question, true);
        place.insertBefore(here, last ? last.nextSibling : place.firstChild);
      }
      last = here;
    });
    document.getElementById("nothing-asked").hidden = Boolean(place.children.length);
  }
  document.addEventListener("htmx:afterRequest", function () { window.setTimeout(merge, 30); });

  window.addEventListener("online", next);
  window.addEventListener("beforeunload", function (event) {
    if ((dirty.size && !stopped) || uploads.length) event.preventDefault();
  });
})();
