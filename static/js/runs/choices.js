// A search field over many check boxes: <div data-choices="id of the field">. Boxes that are ticked stay in sight; groups without a box in
// sight go with them.

function narrow(root, words) {
  const wanted = words.trim().toLocaleLowerCase();
  for (const box of root.querySelectorAll("input[type=checkbox]")) {
    const label = box.closest("label");
    const text = `${label.textContent} ${box.value}`.toLocaleLowerCase();
    label.parentElement.hidden = !box.checked && !text.includes(wanted);
  }
  for (const group of root.querySelectorAll("fieldset > div > div")) {
    const boxes = [...group.querySelectorAll("input[type=checkbox]")];
    if (boxes.length > 1 || group.querySelector("div")) group.hidden = boxes.every((box) => box.closest("label").parentElement.hidden);
  }
}

for (const root of document.querySelectorAll("[data-choices]")) {
  const field = document.getElementById(root.dataset.choices);
  field.closest(".field").hidden = false;
  field.addEventListener("input", () => narrow(root, field.value));
  field.addEventListener("keydown", (event) => {
    // The form is long: Enter in a search field must not start a run.
    if (event.key === "Enter") event.preventDefault();
  });
  // What is typed here is no part of the form.
  field.addEventListener("change", (event) => event.stopPropagation());
}
