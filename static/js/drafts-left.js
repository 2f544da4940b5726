/* Drafts that no form takes up: of visits that were called off, given to somebody else or sent otherwise. Their
   words and photographs are shown where the user comes by, to be copied or deleted. Needs draft-store.js. */
(function () {
  "use strict";

  var box = document.querySelector("[data-drafts-left]");
  var store = window.draftStore;
  if (!box || !store) return;
  var list = box.querySelector("[data-drafts-list]"), pattern = box.querySelector("template");
  var only = box.getAttribute("data-drafts-left"), sent = box.getAttribute("data-drafts-sent");

  function taken(name) {
    var plain = name.slice(store.mine.length);
    return document.querySelector('[data-draft="' + plain + '"], [data-draft-mark="' + plain + '"]');
  }

  function left() {
    return store.names().filter(function (name) {
      return (!only || name.slice(store.mine.length).split("~")[0] === only) && !taken(name);
    });
  }

  function why(draft) {
    if (draft.refused) return draft.refused;
    if (draft.status) return box.getAttribute("data-gone");
    return box.getAttribute(draft.queued ? "data-queued" : "data-kept");
  }

  function words(draft) {
    if (draft.text) return draft.text;
    return draft.fields.filter(function (pair) { return pair[1] && !/^(key|base|author)$|_FORMS$/.test(pair[0]); })
      .map(function (pair) { return pair[1]; }).join("\n");
  }

  function copy(row) {
    var text = row.querySelector("[data-left-text]");
    function byHand() {  // where the clipboard is not given to scripts
      window.getSelection().selectAllChildren(text);
      document.execCommand("copy");
    }
    var asked = navigator.clipboard ? navigator.clipboard.writeText(text.textContent).catch(byHand) : Promise.resolve(byHand());
    asked.then(function () { row.querySelector("[data-left-copied]").hidden = false; });
  }

  function pictures(row, name) {
    store.photosOf(name).then(function (photos) {
      photos.forEach(function (photo) {
        var item = document.createElement("li"), link = document.createElement("a"), image = document.createElement("img");
        link.href = URL.createObjectURL(photo.blob);
        link.download = photo.name;
        image.src = photo.thumb;
        image.alt = photo.name;
        link.appendChild(image);
        item.appendChild(link);
        row.querySelector("[data-left-photos]").appendChild(item);
      });
    }).catch(function () { /* this browser keeps no photographs */ });
  }

  function drawn(name) {
    var draft = store.read(name), row = pattern.content.firstElementChild.cloneNode(true);
    var open = row.querySelector("[data-left-open]");
    row.querySelector("[data-left-title]").textContent = draft.title || box.getAttribute("data-untitled");
    row.querySelector("[data-left-at]").textContent = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    row.querySelector("[data-left-why]").textContent = why(draft);
    row.querySelector("[data-left-text]").textContent = words(draft);
    open.href = draft.action;
    open.hidden = Boolean(only) || draft.status === 404;
    row.querySelector("[data-left-copy]").addEventListener("click", function () { copy(row); });
    row.querySelector("[data-left-delete]").addEventListener("click", function () {
      if (window.confirm(box.getAttribute("data-sure"))) store.drop(name).then(show);
    });
    pictures(row, name);
    return row;
  }

  function show() {
    var found = left();
    list.textContent = "";
    found.forEach(function (name) { list.appendChild(drawn(name)); });
    box.hidden = !found.length;
  }

  /* what the browser sent itself, and the server has */
  if (sent) {
    store.names().forEach(function (name) {
      var draft = store.read(name);
      if (draft.native && store.value(draft, "key") === sent) store.drop(name);
    });
  }
  document.addEventListener("drafts", show);
  show();
})();
