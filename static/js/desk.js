/* The desk by keyboard, and the order beside its list. Every page works without this file. */
(function () {
  "use strict";

  var wide = window.matchMedia("(min-width: 901px)");
  var part = document.getElementById("detail");
  var waiting = null;

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(radio|checkbox)$/.test(target.type);
  }

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
  }

  function chosen() {
    return document.querySelector("[data-row][aria-current]") || document.activeElement.closest("[data-row]");
  }

  // On a wide screen a row opens beside the list; on a phone its link leads to the order.
  function open(row, focus) {
    if (!row || !part || !wide.matches) return false;
    rows().forEach(function (one) { one.removeAttribute("aria-current"); });
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    if (focus) row.focus({ preventScroll: true });
    waiting = row;
    part.setAttribute("aria-busy", "true");
    window.htmx.ajax("GET", row.getAttribute("data-part"), { target: part, swap: "innerHTML" });
    return true;
  }

  function step(by) {
    var all = rows();
    if (!all.length) return;
    var place = all.indexOf(chosen()) + by;
    var row = all[Math.max(0, Math.min(all.length - 1, place))];
    if (!open(row, true)) row.focus();
  }

  // A key presses its button, or opens its form and goes to the first field. While the order beside the
  // list is still on its way nothing is pressed: it would be the order before.
  function press(key) {
    if (part && part.getAttribute("aria-busy")) return false;
    var act = document.querySelector('[data-key="' + key + '"]');
    if (!act) return false;
    if (act.tagName === "FORM") {
      act.requestSubmit();
    } else {
      act.open = true;
      var field = act.querySelector("input:not([type=hidden]), select, textarea");
      if (field) field.focus();
    }
    return true;
  }

  function undo() {
    var bar = document.querySelector("[data-undo]:not([hidden])");
    if (bar) bar.requestSubmit();
    return Boolean(bar);
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    var key = event.key.toLowerCase();
    var box = document.querySelector("[data-desk-search]");
    var done = true;
    if (key === "/" && box) { box.focus(); box.select(); event.stopPropagation(); }
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "u") done = undo();
    else if (/^[1-3]$/.test(key)) {
      var radio = document.querySelectorAll("input[name=suggestion]")[key - 1];
      done = Boolean(radio);
      if (radio) radio.checked = true;
    } else if (/^[acgs]$/.test(key)) done = press(key);
    else done = false;
    if (done) event.preventDefault();
  }, true);

  document.addEventListener("click", function (event) {
    var row = event.target.closest("[data-row]");
    if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey && open(row, false)) event.preventDefault();
    if (event.target.closest("[data-print]")) window.print();
  });

  // A chosen template's words go into the box that it fills; what was written there is replaced only by words.
  document.addEventListener("change", function (event) {
    var fills = event.target.getAttribute("data-fills");
    var words = fills && event.target.selectedOptions[0].getAttribute("data-text");
    if (words) event.target.form.elements[fills].value = words;
  });

  // A form is sent once, however often its key is pressed.
  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-sent")) event.preventDefault();
    else if (event.target.method === "post" && !event.target.hasAttribute("hx-post")) event.target.setAttribute("data-sent", "");
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-sent]").forEach(function (form) { form.removeAttribute("data-sent"); });
  });

  // Of two rows opened one after the other the last one stays, whichever answer comes first.
  function isLast(event) {
    return waiting && event.detail.pathInfo.requestPath === waiting.getAttribute("data-part");
  }
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target === part && !isLast(event)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.target === part && isLast(event)) part.removeAttribute("aria-busy");
  });

  // The offer to undo goes when its two minutes are over.
  window.setInterval(function () {
    document.querySelectorAll("[data-undo]").forEach(function (bar) {
      if (Date.parse(bar.getAttribute("data-undo")) <= Date.now()) bar.hidden = true;
    });
  }, 1000);

  // What the page came with stays, be its row on another page of the list.
  if (part && !document.querySelector("[data-desk].chosen")) open(rows()[0], false);
})();
