// The review screen. Without it the form works all the same; nobody sees the clock run.

import { keys } from "./keys.js";
import { lease } from "./lease.js";

const form = document.getElementById("review");
if (form) {
  lease(form);
  keys(form);
  // What is missing is shown first.
  form.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
}
