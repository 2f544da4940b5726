/* A form that outlives a lost connection. What is typed is kept on this device at each keystroke, photographs too;
   it is sent when there is a network, and again until the server has it. Its key makes sending twice do no harm.
   A draft belongs to a user: the page says who that is, and others on the same phone are not shown it.
   Words are in localStorage, which is written before a tab can close; photographs are in IndexedDB. */
(function () {
  "use strict";

  var LONGEST_EDGE = 1600;
  var QUALITY = 0.82;
  var WAITS = [3, 10, 30, 60];
  var KEPT_DAYS = 60;
  var body = document.querySelector("[data-drafts-of]");
  if (!body) return;
  var user = body.getAttribute("data-drafts-of");
  var form = document.querySelector("form[data-draft]");
  var mine = "draft:" + user + ":";
  var tries = 0, timer = null, sending = false, bare = false;  // bare: this browser keeps no photographs

  /* words of drafts */
  function read(name) {
    try { return JSON.parse(window.localStorage.getItem(name)); } catch (fault) { return null; }
  }

  function write(name, draft) {
    try { window.localStorage.setItem(name, JSON.stringify(draft)); return true; } catch (fault) { return false; }
  }

  function names() {
    var found = [];
    for (var place = 0; place < window.localStorage.length; place += 1) {
      var name = window.localStorage.key(place);
      if (name.indexOf(mine) === 0) found.push(name);
    }
    return found.sort();
  }

  /* photographs of drafts */
  function open() {
    return new Promise(function (done, fail) {
      var asked = window.indexedDB.open("drafts", 1);
      asked.onupgradeneeded = function () {
        asked.result.createObjectStore("photos", { keyPath: "id" }).createIndex("draft", "draft");
      };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = function () { fail(asked.error); };
    });
  }

  function within(mode, work) {
    return open().then(function (base) {
      return new Promise(function (done, fail) {
        var step = base.transaction("photos", mode);
        var asked = work(step.objectStore("photos"));
        step.oncomplete = function () { base.close(); done(asked && asked.result); };
        step.onerror = step.onabort = function () { base.close(); fail(step.error); };
      });
    });
  }

  function photosOf(name) {
    return within("readonly", function (store) { return store.index("draft").getAll(name); });
  }

  function keepPhoto(photo) { return within("readwrite", function (store) { return store.put(photo); }); }

  function dropPhoto(id) { return within("readwrite", function (store) { return store.delete(id); }); }

  function drop(name) {
    window.localStorage.removeItem(name);
    return photosOf(name).then(function (photos) { return Promise.all(photos.map(function (one) { return dropPhoto(one.id); })); })
      .catch(function () { /* what is not to be reached takes room, no more */ });
  }

  function identifier() {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var text = Array.prototype.map.call(bytes, function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /* what the page says of it */
  function say(state, detail) {
    var line = document.querySelector("[data-draft-state]");
    if (!line) return;
    var words = line.getAttribute("data-" + state) || "";
    line.className = "note " + ({ sent: "done", saved: "info", sending: "info", empty: "info" }[state] || "due");
    line.querySelector("[data-draft-words]").textContent = detail ? words + detail : words;
    line.querySelector("[data-draft-signin]").hidden = state !== "signin";
    line.hidden = state === "empty";
  }

  function mark() {
    document.querySelectorAll("[data-draft-mark]").forEach(function (tag) {
      var draft = read(mine + tag.getAttribute("data-draft-mark"));
      tag.hidden = !draft;
      if (draft) tag.textContent = tag.getAttribute(draft.queued ? "data-queued" : "data-kept");
    });
  }

  /* sending */
  function csrf() {
    var found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? found[1] : "";
  }

  function unkept() {
    var inputs = form.querySelectorAll("[data-photos]");
    return Array.prototype.concat.apply([], Array.prototype.map.call(inputs, function (input) { return Array.prototype.slice.call(input.files); }));
  }

  function packed(draft, photos, files) {
    var sent = new FormData();
    draft.fields.forEach(function (pair) { sent.append(pair[0], pair[1]); });
    photos.forEach(function (one) { sent.append("album", one.blob, one.name); });
    files.forEach(function (file) { sent.append("album", file, file.name); });
    return sent;
  }

  function soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(flush, WAITS[Math.min(tries, WAITS.length - 1)] * 1000);
    tries += 1;
  }

  function send(name) {
    var draft = read(name), here = form && name === formName();
    return photosOf(name).then(function (photos) {
      if (here) say("sending");
      return window.fetch(draft.action, {
        method: "POST", body: packed(draft, photos, here ? unkept() : []), credentials: "same-origin", redirect: "manual",
        headers: { "Accept": "application/json", "X-CSRFToken": csrf() }
      });
    }).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 403) { if (here) say("signin"); return false; }
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
        return answer.json().then(function (given) { return given.errors.join(" "); }).catch(function () { return ""; }).then(function (words) {
          refuse(name, draft, words, answer.status);
          return true;
        });
      }
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json().then(function (given) { return settle(name, draft, given.url); });
    });
  }

  /* what was typed while the form was on its way stays */
  function settle(name, draft, url) {
    var now = read(name);
    if (now && now.at !== draft.at) {
      now.queued = false;
      write(name, now);
      mark();
      if (form && name === formName()) { say("later"); lock(false); }
      return true;
    }
    return drop(name).then(function () { arrive(name, url); return true; });
  }

  function refuse(name, draft, words, status) {
    var now = read(name);
    if (now && now.at === draft.at) { now.queued = false; write(name, now); }
    mark();
    if (!form || name !== formName()) return;
    if (words) say("refused", words); else say("gone", String(status));
    lock(false);
    document.querySelector("[data-draft-state]").scrollIntoView({ block: "center" });
  }

  function arrive(name, url) {
    mark();
    if (form && name === formName()) {
      say("sent");
      window.location.assign(url);
    } else {
      document.querySelectorAll('[data-draft-mark="' + name.slice(mine.length) + '"]').forEach(function (tag) {
        tag.hidden = false;
        tag.className = "tag done";
        tag.textContent = tag.getAttribute("data-sent");
      });
    }
  }

  function queued() { return names().filter(function (name) { return (read(name) || {}).queued; }); }

  function flush() {
    var waiting = queued();
    if (!waiting.length || sending) return;
    if (navigator.onLine === false) { if (form && waiting.indexOf(formName()) >= 0) say("offline"); return; }
    sending = true;
    waiting.reduce(function (before, name) {
      return before.then(function (going) { return going && send(name).catch(function () { fail(name); return true; }); });
    }, Promise.resolve(true)).then(function () {
      sending = false;
      if (queued().length) soon(); else tries = 0;
    });
  }

  function fail(name) {
    if (form && name === formName()) say(navigator.onLine === false ? "offline" : "failed");
  }

  /* the form of this page */
  function formName() { return mine + form.getAttribute("data-draft"); }

  function typed() {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && field.type !== "file" && field.type !== "submit" && field.name !== "csrfmiddlewaretoken";
    });
  }

  function taken() {
    var pairs = [];
    typed().forEach(function (field) {
      if (/^(checkbox|radio)$/.test(field.type)) { if (field.checked) pairs.push([field.name, field.value]); }
      else pairs.push([field.name, field.value]);
    });
    return pairs;
  }

  function keep(queued) {
    var draft = { action: form.action, fields: taken(), queued: Boolean(queued), at: Date.now() };
    if (!write(formName(), draft)) { say("unkept"); return false; }
    say(queued ? "queued" : "saved");
    return true;
  }

  function restore(draft) {
    var left = {};
    draft.fields.forEach(function (pair) { (left[pair[0]] = left[pair[0]] || []).push(pair[1]); });
    typed().forEach(function (field) {
      var values = left[field.name] || [];
      if (field.name === "author") return;
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = values.indexOf(field.value) >= 0;
      else if (values.length) field.value = values.shift();
      if (field.value && field.closest("details") && !/^hidden$/.test(field.type)) field.closest("details").open = true;
    });
  }

  function lock(on) {
    form.querySelectorAll("[data-draft-send]").forEach(function (button) { button.disabled = on; });
  }

  /* photographs: made smaller, kept, shown */
  function loaded(file) {
    return new Promise(function (done, fail) {
      var reader = new FileReader();
      reader.onload = function () {
        var image = new Image();
        image.onload = function () { done(image); };
        image.onerror = fail;
        image.src = reader.result;
      };
      reader.onerror = fail;
      reader.readAsDataURL(file);
    });
  }

  function drawn(image, edge) {
    var scale = Math.min(1, edge / Math.max(image.naturalWidth, image.naturalHeight));
    var canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function smaller(file) {
    return loaded(file).then(function (image) {
      var thumb = drawn(image, 160).toDataURL("image/jpeg", 0.7);
      return new Promise(function (done) {
        drawn(image, LONGEST_EDGE).toBlob(function (blob) {
          done({ blob: blob, thumb: thumb, name: file.name.replace(/\.[^.]*$/, "") + ".jpg" });
        }, "image/jpeg", QUALITY);
      });
    });
  }

  function show() {
    var list = form.querySelector("[data-draft-photos]");
    return photosOf(formName()).then(function (photos) {
      list.textContent = "";
      photos.sort(function (one, other) { return one.at - other.at; }).forEach(function (photo) {
        var item = document.createElement("li"), image = document.createElement("img"), button = document.createElement("button");
        image.src = photo.thumb;
        image.alt = photo.name;
        button.type = "button";
        button.className = "btn quiet s";
        button.textContent = list.getAttribute("data-remove");
        button.addEventListener("click", function () { dropPhoto(photo.id).then(show); });
        item.appendChild(image);
        item.appendChild(button);
        list.appendChild(item);
      });
      return photos;
    });
  }

  function add(input) {
    var files = Array.prototype.slice.call(input.files), kept = [], full = false;
    if (bare || !keep(false)) { say("unkept"); return Promise.resolve(); }  // they stay in the input
    lock(true);
    return files.reduce(function (before, file) {
      return before.then(function () { return smaller(file); }).then(function (small) {
        var photo = { id: identifier(), draft: formName(), name: small.name, blob: small.blob, thumb: small.thumb, at: Date.now() };
        return keepPhoto(photo).then(function () { kept.push(photo.id); }, function (fault) { full = true; throw fault; });
      });
    }, Promise.resolve()).then(function () { input.value = ""; return show(); }).then(function () { lock(false); keep(false); }, function () {
      lock(false);
      say(full ? "unkept" : "badphoto");
      if (full) return Promise.all(kept.map(dropPhoto)).then(show);  // the input has them all
      input.value = "";
      return show();
    });
  }

  function begin() {
    var draft = read(formName());
    if (draft) {
      restore(draft);
      say(draft.queued ? "queued" : "saved");
      lock(draft.queued);
    } else {
      form.elements.key.value = identifier();
    }
    show().catch(function () { bare = true; });
    form.addEventListener("input", function (event) { if (event.target.type !== "file") { lock(false); keep(false); } });
    form.addEventListener("change", function (event) {
      if (event.target.hasAttribute("data-photos")) add(event.target);
      else if (event.target.type !== "file") keep(false);
    });
    form.addEventListener("submit", function (event) {
      if (bare || !keep(true)) { keep(false); return; }  // the browser sends it itself
      event.preventDefault();
      lock(true);
      tries = 0;
      flush();
      if (navigator.onLine === false) say("offline");
    });
    var forget = document.querySelector("[data-draft-forget]");
    if (forget) {
      forget.hidden = !draft;
      forget.addEventListener("click", function () { drop(formName()).then(function () { window.location.reload(); }); });
    }
  }

  names().forEach(function (name) {
    var draft = read(name);
    if (!draft || Date.now() - draft.at > KEPT_DAYS * 86400000) drop(name);
  });
  if (form) begin();
  mark();
  window.addEventListener("online", function () { tries = 0; flush(); });
  window.addEventListener("offline", function () { if (form && read(formName())) say("offline"); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) flush(); });
  flush();
})();
