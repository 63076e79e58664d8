// Links to a step open it in the inspector beside the transcript; without this they lead to the step's own page.

import { localise } from "../moments.js";

export function inspect(viewer) {
  const inspector = document.getElementById("inspector");

  async function open(link) {
    inspector.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      inspector.innerHTML = await answer.text();
      localise(inspector);
      inspector.scrollTop = 0;
    } catch {
      location.assign(link.href);
    } finally {
      inspector.removeAttribute("aria-busy");
    }
  }

  viewer.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
}
