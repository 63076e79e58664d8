// The value of a slider beside it: <output data-value-of="id of the slider">.

for (const output of document.querySelectorAll("[data-value-of]")) {
  const slider = document.getElementById(output.dataset.valueOf);
  const show = () => (output.value = Number(slider.value).toFixed(1));
  slider?.addEventListener("input", show);
  if (slider) show();
}
