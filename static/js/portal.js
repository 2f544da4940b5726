/* Small comforts. Every page works without this file. */
(function () {
  "use strict";

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  // "/" goes to the search box of the page, Escape closes an open menu.
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var box = document.querySelector("[data-search]");
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
    } else if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach(function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
  });

  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // A button that copies a field; without this file the field itself can be selected.
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var field = document.getElementById(button.getAttribute("data-copy"));
      function done() { button.textContent = button.getAttribute("data-done"); }
      field.select();
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, function () {});
      else if (document.execCommand("copy")) done();
    });
  });

  // Of many boxes those that are looked for; what is ticked stays ticked, in sight or not.
  document.querySelectorAll("[data-sift]").forEach(function (box) {
    var part = box.parentElement;
    box.hidden = false;
    box.addEventListener("input", function () {
      var words = box.value.trim().toLowerCase(), any = false;
      part.querySelectorAll("[data-sifted]").forEach(function (group) {
        var some = false;
        group.querySelectorAll("li").forEach(function (row) {
          row.hidden = row.textContent.toLowerCase().indexOf(words) < 0;
          some = some || !row.hidden;
        });
        group.hidden = !some;
        any = any || some;
      });
      part.querySelector("[data-none]").hidden = any;
    });
    box.addEventListener("keydown", function (event) { if (event.key === "Enter") event.preventDefault(); });
  });

  // Facets are folded away on a phone, open beside the list on a desk.
  if (window.matchMedia("(max-width: 900px)").matches) {
    document.querySelectorAll("details[data-fold]").forEach(function (fold) { fold.open = false; });
  }

  // Of tabs wider than the screen, the current one is in sight.
  function showCurrentTab() {
    document.querySelectorAll(".tabs [aria-current]").forEach(function (tab) {
      var bar = tab.parentElement;
      bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
    });
  }
  showCurrentTab();
  document.addEventListener("htmx:afterSettle", showCurrentTab);

  // Buttons that only matter where a form does not send itself.
  document.documentElement.classList.add("js");
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-auto") && !form.hasAttribute("hx-get")) form.requestSubmit();
  });

  // A table or list that was swapped in says so to a screen reader through its live region, and a wrong
  // answer shows its own page inside the frame it belongs to rather than nothing at all.
  // What is being typed outlives an answer that comes late. A part of the page that holds the field in use
  // waits until it is left, then its form asks again; what else was typed is carried into the new fields.
  var typed = [];

  function changed(field) {
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    return Array.prototype.some.call(field.options, function (one) { return one.selected !== one.defaultSelected; });
  }

  function remember(part, sent) {
    typed = [];
    part.querySelectorAll("input[id], select[id], textarea[id]").forEach(function (field) {
      if (!changed(field) || (sent && sent.contains(field))) return;
      var chosen = field.tagName === "SELECT" ? Array.prototype.map.call(field.options, function (one) { return one.selected; }) : null;
      typed.push({ id: field.id, value: field.value, chosen: chosen });
    });
  }

  function restore() {
    typed.forEach(function (old) {
      var field = document.getElementById(old.id);
      if (!field) return;
      if (old.chosen) old.chosen.forEach(function (on, place) { if (field.options[place]) field.options[place].selected = on; });
      else field.value = old.value;
    });
    typed = [];
    document.querySelectorAll("[data-live]").forEach(function (field) {
      var error = document.getElementById(field.id + "-error");
      if (error && error.textContent) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
  }

  function askWhenLeft(part) {
    if (part.hasAttribute("data-waits")) return;
    part.setAttribute("data-waits", "");
    part.addEventListener("focusout", function left(event) {
      if (part.contains(event.relatedTarget)) return;
      part.removeEventListener("focusout", left);
      part.removeAttribute("data-waits");
      document.getElementById(part.getAttribute("data-answers-form")).requestSubmit();
    });
  }

  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    var part = event.detail.target;
    if (part.hasAttribute("data-answers-form") && part.contains(document.activeElement) && typing(document.activeElement)) {
      event.detail.shouldSwap = false;
      askWhenLeft(part);
    } else {
      remember(part, null);
    }
  });
  document.addEventListener("htmx:oobAfterSwap", restore);
  document.addEventListener("htmx:afterSwap", restore);

  document.addEventListener("htmx:beforeSwap", function (event) {
    remember(event.detail.target, event.detail.requestConfig.elt);
    var status = event.detail.xhr.status;
    if (status === 422 || status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    } else if (status === 304) {
      event.detail.shouldSwap = false;
    } else if (event.target.hasAttribute("data-live")) {
      event.target.setAttribute("data-etag", event.detail.xhr.getResponseHeader("ETag") || "");
    }
  });

  // A live list says what it has: while nothing changed the answer is a 304 without a body.
  document.addEventListener("htmx:configRequest", function (event) {
    var etag = event.target.getAttribute("data-etag");
    if (event.target.hasAttribute("data-live") && etag) event.detail.headers["If-None-Match"] = etag;
  });

  // What is left until a moment, counted down: days and hours, hours and minutes, minutes and seconds.
  function countDown() {
    document.querySelectorAll("[data-until]").forEach(function (tag) {
      var units = tag.getAttribute("data-units").split(",");
      var left = Math.floor((Date.parse(tag.getAttribute("data-until")) - Date.now()) / 1000);
      var parts = [Math.floor(left / 86400), Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60];
      var first = parts[0] ? 0 : parts[1] ? 1 : 2;
      var words = left < 0 ? units[4] : parts[first] + " " + units[first] + " " + parts[first + 1] + " " + units[first + 1];
      var state = left <= 1800 ? "late" : left <= 7200 ? "due" : "done";
      var shown = tag.querySelector("[data-left]");
      if (shown.textContent !== words) shown.textContent = words;
      if (!tag.classList.contains(state)) {
        tag.classList.remove("late", "due", "done");
        tag.classList.add(state);
      }
    });
  }
  if (document.querySelector("[data-until], [data-live]")) {
    countDown();
    window.setInterval(countDown, 1000);
  }

  // What an amount comes to is said beside its box while it is typed: a forgotten 万 costs ten thousandfold.
  var units = { "元": 1, "万": 1e4, "万元": 1e4, "亿": 1e8, "亿元": 1e8 };
  function say(box) {
    var said = box.parentNode.querySelector("output");
    if (!said) {
      said = document.createElement("output");
      said.className = "help";
      box.parentNode.insertBefore(said, box.nextSibling);
    }
    var written = /^([\d,]+(?:\.\d+)?)\s*(元|万元?|亿元?)?$/.exec(box.value.trim());
    var yuan = written ? Number(written[1].replace(/,/g, "")) * units[written[2] || box.getAttribute("data-money") || "元"] : NaN;
    if (!/^zh/.test(document.documentElement.lang)) {
      said.textContent = isNaN(yuan) ? "" : yuan.toLocaleString("en", { maximumFractionDigits: 2 }) + " yuan";
      return;
    }
    var wan = yuan < 1e4 ? "" : Number((yuan / 1e4).toFixed(6)).toLocaleString("zh-CN", { maximumFractionDigits: 6 }) + " 万元";
    var plain = yuan.toLocaleString("zh-CN", { maximumFractionDigits: 2 }) + " 元";
    said.textContent = isNaN(yuan) ? "" : wan ? "即 " + wan + "（" + plain + "）" : "即 " + plain + "，不到 1 万元";
  }
  document.querySelectorAll("[data-money]").forEach(say);
  document.addEventListener("input", function (event) {
    if (event.target.hasAttribute("data-money")) say(event.target);
  });
})();
