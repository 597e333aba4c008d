// Pages work without this: it adds a button that copies a feed's address, and hides pictures that cannot be loaded.
"use strict";

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  const said = button.closest("section").querySelector("[role=status]");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = button.dataset.copied;
  } catch {
    // No leave, or a page without https: the older way, which a browser may refuse as well.
    said.textContent = document.execCommand("copy") ? button.dataset.copied : button.dataset.failed;
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
  document.getElementById(button.dataset.copy).addEventListener("focus", (event) => event.target.select());
}

for (const picture of document.querySelectorAll("img.thumb, img.lead")) {
  const hide = () => { picture.hidden = true; };
  if (picture.complete && picture.src && !picture.naturalWidth && picture.loading !== "lazy") hide();
  picture.addEventListener("error", hide);
}
