// One socket; after a break it comes again with the last number it has, after a random while that grows.

const OVER = 4000;
const FINAL = new Set([OVER, 4401, 4429]);
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;

export function connect(viewer, log) {
  const phase = document.getElementById("phase");
  let wait = FIRST_WAIT;
  let refused = 0;

  function open() {
    const url = new URL(viewer.dataset.socket, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("after", log.last());
    const socket = new WebSocket(url);
    socket.addEventListener("message", ({ data }) => {
      wait = FIRST_WAIT;
      refused = 0;
      const frame = JSON.parse(data);
      log.add(frame.events);
      log.write(frame.writing);
      log.tell(frame);
    });
    socket.addEventListener("close", ({ code }) => {
      if (FINAL.has(code)) return;
      // Refused again and again: signed out, or the episode is gone. The page stays as it is.
      refused += 1;
      if (refused > 20) return;
      phase.textContent = phase.dataset.connecting;
      phase.className = "badge warn";
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  open();
}
