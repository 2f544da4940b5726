/* A form that outlives a lost connection. What is typed is kept on this device at each keystroke, photographs too;
   it is sent when there is a network, and again until the server has it. Its key makes sending twice do no harm.
   Its `base` is the key of what the server had when the form was opened: a draft of before is set aside, not put
   over what was sent since. Needs draft-store.js; what cannot be sent any more is shown by drafts-left.js. */
(function () {
  "use strict";

  var LONGEST_EDGE = 1600;
  var QUALITY = 0.82;
  var WAITS = [3, 10, 30, 60];
  var store = window.draftStore;
  if (!store) return;
  var read = store.read, write = store.write, names = store.names, drop = store.drop, value = store.value;
  var photosOf = store.photosOf, keepPhoto = store.keepPhoto, dropPhoto = store.dropPhoto, mine = store.mine;
  var form = document.querySelector("form[data-draft]");
  var tries = 0, timer = null, sending = false, bare = false;  // bare: this browser keeps no photographs

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
    var words = (line.getAttribute("data-" + state) || "") + (detail || "");
    document.querySelectorAll("[data-draft-state], [data-draft-answer]").forEach(function (note) {
      note.className = "note " + ({ sent: "done", saved: "info", sending: "info", empty: "info" }[state] || "due");
      note.querySelector("[data-draft-words]").textContent = words;
      note.hidden = state === "empty";
    });
    document.querySelector("[data-draft-signin]").hidden = state !== "signin";
  }

  function mark() {
    document.querySelectorAll("[data-draft-mark]").forEach(function (tag) {
      var draft = read(mine + tag.getAttribute("data-draft-mark"));
      tag.hidden = !draft;
      if (draft) tag.textContent = tag.getAttribute(draft.queued ? "data-queued" : "data-kept");
    });
    document.dispatchEvent(new Event("drafts"));
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
    if (now && now.at === draft.at) {
      now.queued = false;
      now.refused = words;
      now.status = status;
      write(name, now);
    }
    mark();
    if (!form || name !== formName()) return;
    if (words) say("refused", words); else say("gone", String(status));
    lock(false);
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

  /* as it is read where the form is not: a label and what was written, a line each */
  function told() {
    return typed().filter(function (field) {
      return field.type !== "hidden" && field.labels && field.labels.length && (field.type === "checkbox" ? field.checked : field.value.trim());
    }).map(function (field) {
      var part = field.closest("[data-draft-part]");
      var label = (part ? part.getAttribute("data-draft-part") + " " : "") + field.labels[0].textContent.trim();
      if (field.type === "checkbox") return label;
      return label + "：" + (field.options ? field.options[field.selectedIndex].text : field.value.trim().replace(/^(\d{4}-\d\d-\d\d)T/, "$1 "));
    }).join("\n");
  }

  function keep(queued) {
    var draft = {
      action: form.action, fields: taken(), queued: Boolean(queued), at: Date.now(),
      title: form.getAttribute("data-draft-title"), text: told()
    };
    if (!write(formName(), draft)) { say("unkept"); return false; }
    say(queued ? "queued" : "saved");
    return true;
  }

  /* the browser sends it itself: what is kept of it has done its work once the server has its key */
  function leave() {
    var draft = read(formName());
    if (draft) write(formName(), Object.assign(draft, { queued: false, native: true }));
  }

  /* offline nobody else can ask for what must be there */
  function demand() {
    form.querySelectorAll("[data-needed-with]").forEach(function (field) {
      var prefix = field.getAttribute("data-needed-with");
      var asked = typed().some(function (one) { return one.name.indexOf(prefix) === 0 && one.type !== "hidden" && one.value.trim(); });
      field.setCustomValidity(asked && !field.value.trim() ? field.getAttribute("data-needed-words") : "");
    });
  }

  function restore(draft) {
    var left = {};
    draft.fields.forEach(function (pair) { (left[pair[0]] = left[pair[0]] || []).push(pair[1]); });
    typed().forEach(function (field) {
      var values = left[field.name] || [];
      if (field.name === "author" || field.name === "base") return;
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

  /* what is kept belongs to this form, or was sent, or is of a time before somebody sent another */
  function ours(draft) {
    var base = form.elements.base.value;
    if (value(draft, "base") === base) return draft;
    if (value(draft, "key") === base) {
      if (draft.queued) { lock(true); return null; }  // the server has it and says so once more
      if (draft.native) { drop(formName()); return null; }
    }
    store.setAside(formName()).then(show).then(mark);
    return null;
  }

  function begin() {
    var kept = read(formName()), draft = kept && ours(kept);
    if (draft) {
      restore(draft);
      say(draft.queued ? "queued" : "saved");
      lock(draft.queued);
    } else {
      form.elements.key.value = identifier();
    }
    demand();
    show().catch(function () { bare = true; });
    form.addEventListener("input", function (event) { if (event.target.type !== "file") { demand(); lock(false); keep(false); } });
    form.addEventListener("invalid", function () {
      var first = form.querySelector("input:invalid, select:invalid, textarea:invalid");
      say("refused", first.labels[0].textContent.trim() + "：" + first.validationMessage);
    }, true);
    form.addEventListener("change", function (event) {
      if (event.target.hasAttribute("data-photos")) add(event.target);
      else if (event.target.type !== "file") keep(false);
    });
    form.addEventListener("submit", function (event) {
      if (bare || !keep(true)) { keep(false); leave(); return; }
      event.preventDefault();
      lock(true);
      tries = 0;
      flush();
      if (navigator.onLine === false) say("offline");
      document.querySelector("[data-draft-answer]").scrollIntoView({ block: "nearest" });
    });
    var forget = document.querySelector("[data-draft-forget]");
    if (forget) {
      forget.hidden = !draft;
      forget.addEventListener("click", function () { drop(formName()).then(function () { window.location.reload(); }); });
    }
  }

  if (form) begin();
  mark();
  window.addEventListener("online", function () { tries = 0; flush(); });
  window.addEventListener("offline", function () { if (form && read(formName())) say("offline"); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) flush(); });
  flush();
})();
