/* Drafts on this device: words in localStorage, which is written before a tab can close, photographs in IndexedDB.
   A draft belongs to a user: the page says who that is, and others on the same phone are not shown it. */
(function () {
  "use strict";

  var KEPT_DAYS = 60;
  var body = document.querySelector("[data-drafts-of]");
  if (!body) return;
  var mine = "draft:" + body.getAttribute("data-drafts-of") + ":";

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

  function value(draft, field) {
    var found = draft.fields.filter(function (pair) { return pair[0] === field; })[0];
    return found ? found[1] : "";
  }

  /* under a name of its own, where no form takes it up again */
  function setAside(name) {
    var draft = read(name), other = name + "~" + draft.at;
    draft.queued = false;
    draft.aside = true;
    window.localStorage.removeItem(name);
    if (!write(other, draft)) write(name, draft);
    return photosOf(name).then(function (photos) {
      return Promise.all(photos.map(function (one) { one.draft = other; return keepPhoto(one); }));
    }).catch(function () { /* words are what matters */ });
  }

  names().forEach(function (name) {
    var draft = read(name);
    if (!draft || Date.now() - draft.at > KEPT_DAYS * 86400000) drop(name);
  });
  window.draftStore = {
    mine: mine, read: read, write: write, names: names, drop: drop, value: value, setAside: setAside,
    photosOf: photosOf, keepPhoto: keepPhoto, dropPhoto: dropPhoto
  };
})();
