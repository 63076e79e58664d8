// The live part of the episode viewer. Without it the page shows what was stored when it was asked for.

import { earlier } from "./earlier.js";
import { follower } from "./follow.js";
import { found } from "./found.js";
import { inspect } from "./inspect.js";
import { keys } from "./keys.js";
import { connect } from "./socket.js";
import { transcript } from "./transcript.js";

const viewer = document.getElementById("viewer");
if (viewer) {
  const follow = follower(viewer);
  const log = transcript(viewer, follow, inspect(viewer));
  earlier(viewer);
  keys(follow);
  found(viewer);
  if (viewer.dataset.socket) connect(viewer, log);
  // Where the outline stands over the page, it makes way for the place that was chosen.
  const outline = document.getElementById("outline-box");
  outline.addEventListener("click", ({ target }) => {
    if (target.closest("a") && outline.matches(":popover-open")) outline.hidePopover();
  });
}
