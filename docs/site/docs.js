// Shows what the search finds while a word is typed. Without it, the form leads to
// a page with the same list.
"use strict";
(() => {
  const form = document.querySelector(".search");
  const input = form.querySelector("input");
  const found = form.querySelector("#found");
  let asked = 0;

  const show = async () => {
    const turn = ++asked;
    const words = input.value.trim();
    if (words === "") {
      found.textContent = "";
      return;
    }
    const answer = await fetch(form.action + "?part=1&q=" + encodeURIComponent(words));
    const list = await answer.text();
    if (turn === asked && answer.ok) {
      found.innerHTML = list;
    }
  };

  const links = () => [...found.querySelectorAll("a")];
  input.addEventListener("input", () => { show().catch(() => { found.textContent = ""; }); });
  form.addEventListener("keydown", (e) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (e.key === "Escape") {
      found.textContent = "";
      input.focus();
    } else if (e.key === "ArrowDown" && all.length > 0) {
      e.preventDefault();
      all[Math.min(at + 1, all.length - 1)].focus();
    } else if (e.key === "ArrowUp" && at >= 0) {
      e.preventDefault();
      (all[at - 1] || input).focus();
    }
  });
  document.addEventListener("click", (e) => {
    if (!form.contains(e.target)) {
      found.textContent = "";
    }
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && document.activeElement === document.body) {
      e.preventDefault();
      input.focus();
    }
  });
})();
