// Following: whoever stands within 30 px of the end stays at the end; everybody else gets a pill that says how much is new.

import { words } from "./transcript.js";

const NEAR = 30;

export function follower(viewer) {
  const pill = document.getElementById("pill");
  const list = document.getElementById("transcript");
  let unseen = 0;

  // The end of the transcript, not of the document: on narrow windows the inspector stands below it.
  const beyond = () => list.getBoundingClientRect().bottom - window.innerHeight;
  const atEnd = () => beyond() <= NEAR;

  function toEnd() {
    unseen = 0;
    pill.hidden = true;
    // What is off screen has a guessed height until it is drawn, so the end may move while we go there.
    list.lastElementChild?.scrollIntoView({ block: "end" });
    requestAnimationFrame(() => list.lastElementChild?.scrollIntoView({ block: "end" }));
  }

  pill.addEventListener("click", toEnd);
  addEventListener("scroll", () => {
    if (unseen && atEnd()) {
      unseen = 0;
      pill.hidden = true;
    }
  }, { passive: true });

  return {
    atEnd,
    toEnd,
    added(count, following) {
      if (following) {
        toEnd();
        return;
      }
      unseen += count;
      pill.textContent = words(viewer, unseen);
      pill.hidden = false;
    },
  };
}
