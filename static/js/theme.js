// The light or dark switch without loading the page anew, which would lose a live page's place. The cookie is the one the server sets.

const root = document.documentElement;

function shown() {
  const theme = root.dataset.theme;
  if (theme !== "auto") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

document.querySelector("[data-theme-form]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  const body = new FormData(form);
  body.set("theme", shown() === "dark" ? "light" : "dark");
  root.dataset.theme = body.get("theme");
  button.value = shown() === "dark" ? "light" : "dark";
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});
