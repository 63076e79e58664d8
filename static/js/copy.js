// <button data-copy="id" hidden>: copies the value or text of the element with that id. Shown only where copying is possible.

import { sayKnown } from "./flash.js";

function reveal(root) {
  if (navigator.clipboard) for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  sayKnown("copied");
});

reveal(document);
document.addEventListener("htmx:afterSettle", (event) => reveal(event.target));
