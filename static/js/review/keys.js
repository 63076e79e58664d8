// Keys of the screens of Review: a deed for each row of their sheets.

import { walker } from "../episode/walk.js";
import { listen } from "../keyboard.js";

export function keys(form) {
  const list = document.getElementById("transcript");
  const sheet = document.getElementById("keys");
  const criteria = [...form.querySelectorAll(".criterion")];
  const walk = walker(list);
  let criterion = criteria[0];
  let entry = null;

  function mark(element, fresh) {
    element?.removeAttribute("data-current");
    fresh?.setAttribute("data-current", "");
    return fresh;
  }

  function stand(step) {
    const next = criteria[criteria.indexOf(criterion) + step];
    if (!next) return;
    criterion = mark(criterion, next);
    (next.querySelector("input:checked") ?? next.querySelector("input[type=radio]")).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function told(element) {
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function choose(name, value) {
    const field = form.querySelector(`input[name="${CSS.escape(name)}"][value="${value}"]`);
    if (!field) return;
    field.checked = true;
    field.focus({ preventScroll: true });
    told(field);
  }

  const answer = (value) => criterion.dataset.field && choose(criterion.dataset.field, value);
  /** What a value is called here: where other answers are offered as well, values have a prefix. */
  const named = (value) => (form.dataset.new ?? "") + value;

  /** Put an event number into a field, or take it out again. */
  function pin(field, seq) {
    if (!field || seq === undefined) return;
    const numbers = new Set(field.value.match(/\d+/g) ?? []);
    if (!numbers.delete(seq)) numbers.add(seq);
    field.value = [...numbers].sort((a, b) => a - b).join(", ");
    told(field);
  }

  const seq = () => entry?.closest("[data-seq]")?.dataset.seq;
  const evidence = () => criterion.querySelector("[data-evidence]");
  const decide = (value) => () => choose("decision", value);

  function walked(step) {
    walk.move("article", step);
    entry = mark(entry, walk.current());
  }

  const deeds = {
    next_criterion: () => stand(1),
    previous_criterion: () => stand(-1),
    answer: (key) => answer(key.toUpperCase()),
    value: (key) => answer(named(key)),
    not_applicable: () => answer(named("na")),
    ambiguous: () => answer("ambiguous"),
    reason: () => criterion.querySelector("[data-reason]")?.focus(),
    next_turn: () => walked(1),
    previous_turn: () => walked(-1),
    evidence: () => pin(evidence(), seq()),
    first_error() {
      const field = document.getElementById("first_error");
      if (seq() === undefined) return;
      field.value = field.value === seq() ? "" : seq();
      told(field);
    },
    party: () => document.getElementById("party")?.focus(),
    keep: decide("keep"),
    fix: decide("fix"),
    drop: decide("drop"),
    comment: () => document.getElementById("comment")?.focus(),
    leave(key, event) {
      // A dialog that is open closes by itself.
      if (!form.contains(event.target)) return false;
      event.target.blur();
      return true;
    },
    seal: () => document.getElementById("seal").click(),
    undo: () => document.getElementById("undo")?.requestSubmit(),
    later: () => document.getElementById("later")?.click(),
    decline() {
      document.getElementById("decline")?.showPopover();
      document.getElementById("decline-reason")?.focus();
    },
    help: () => void sheet.togglePopover(),
  };

  form.addEventListener("focusin", ({ target }) => {
    const around = target.closest(".criterion");
    if (around) criterion = mark(criterion, around);
  });
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-pin]");
    if (button) pin(evidence(), button.dataset.pin);
    const article = target.closest("article");
    if (article) entry = mark(entry, article);
  });
  // Where nothing is pinned, events have numbers only.
  if (evidence()) for (const button of list.querySelectorAll("[data-pin]")) button.hidden = false;
  mark(null, criterion);
  listen(sheet, deeds);
}
