// What is nicer with a script. Everything works without it: nothing here is needed to read, to answer or to print.
"use strict";

// Buttons that only a script can serve are hidden until there is one.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const said = document.getElementById(button.dataset.said);
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.closest("details")?.setAttribute("open", "");
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
    } catch {
      document.execCommand("copy"); // over plain http there is no clipboard to ask
    }
    if (said) said.hidden = false;
  });
}

// "None of these" unticks the others, and the others untick it.
for (const group of document.querySelectorAll("fieldset:has([data-alone])")) {
  group.addEventListener("change", ({ target }) => {
    if (!target.checked) return;
    for (const box of group.querySelectorAll("[type=checkbox]")) {
      if (box !== target && ("alone" in target.dataset || "alone" in box.dataset)) box.checked = false;
    }
  });
}

// A tablet that is handed round: after two minutes without a touch nothing of the last person is left on it.
const shared = document.querySelector("[data-shared]");
if (shared) {
  const LIMIT = 120_000;
  const WARNING = 90_000;
  const PING = 30_000;
  const clear = document.getElementById("clear-shared");
  let touched = Date.now();
  let pinged = Date.now();

  const ping = () => {
    pinged = Date.now();
    fetch(shared.dataset.here, { method: "POST", body: new FormData(clear), credentials: "same-origin" }).catch(() => {});
  };
  const touch = () => {
    touched = Date.now();
    if (touched - pinged > PING) ping();
  };
  // Not at the first touch: what lies below the button would get the rest of the press.
  shared.querySelector("button").addEventListener("click", () => (shared.hidden = true));
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
    window.addEventListener(kind, touch, { passive: true, capture: true });
  }
  ping();
  setInterval(() => {
    const idle = Date.now() - touched;
    if (idle >= LIMIT) clear.submit();
    else shared.hidden = idle < WARNING;
  }, 1_000);
}
