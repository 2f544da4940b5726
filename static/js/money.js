/* What is ticked is counted at once. Every page works without this file. */
(function () {
  "use strict";

  var form = document.querySelector("[data-picking]");
  if (!form) return;
  var shown = form.querySelector("[data-sum]");
  var all = form.querySelector("[name=which][value=all]");
  var chosen = form.querySelector("[name=which][value=chosen]");

  // Fen in yuan with two places at most, counted in whole numbers: no sum of money is ever a fraction here.
  function yuan(fen) {
    var rest = fen % 100;
    var text = String((fen - rest) / 100).replace(/\B(?=(\d{3})+$)/g, ",");
    if (rest) text += "." + (rest < 10 ? "0" : "") + rest;
    return text + " " + form.getAttribute("data-yuan");
  }

  function count() {
    var fen = 0;
    var number = 0;
    if (all.checked) {
      number = Number(all.getAttribute("data-count"));
      fen = Number(all.getAttribute("data-fen"));
    } else {
      form.querySelectorAll("[name=pick]:checked").forEach(function (box) {
        number += 1;
        fen += Number(box.getAttribute("data-fen"));
      });
    }
    shown.textContent = number + " " + form.getAttribute("data-unit") + yuan(fen);
  }

  form.addEventListener("change", function (event) {
    if (event.target.name === "pick" && event.target.checked) chosen.checked = true;
    count();
  });
  count();
})();
