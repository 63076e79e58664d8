// The lease: how long is left, and that somebody is at work. While they are, the form says "alive" once a minute, which saves and prolongs.

const AT_WORK = 60_000;

export function lease(form) {
  const counter = document.getElementById("active");
  if (!counter) return;
  let seconds = Number(counter.value) || 0;
  let moved = Date.now();
  let beats = 0;

  for (const kind of ["keydown", "pointerdown", "pointermove", "scroll", "input"]) {
    addEventListener(kind, () => { moved = Date.now(); }, { passive: true, capture: true });
  }

  function show() {
    const box = document.getElementById("lease");
    const clock = box?.querySelector("[data-until]");
    if (!clock) return;
    const left = Math.ceil((new Date(clock.dataset.until) - Date.now()) / 60_000);
    clock.hidden = false;
    clock.textContent = left > 0 ? box.dataset.left.replace("{n}", left) : box.dataset.over;
    clock.className = left > 3 ? "badge" : "badge warn";
  }

  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - moved < AT_WORK) {
      seconds += 1;
      beats += 1;
      counter.value = seconds;
      if (beats % 60 === 0) form.dispatchEvent(new CustomEvent("alive"));
    }
    if (beats % 10 === 0) show();
  }, 1000);
  show();
  document.addEventListener("htmx:afterSettle", show);
}
