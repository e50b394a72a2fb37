"use strict";

// The buttons that copy an ID. Without this script they stay hidden. Their words come from the page.

{
  const DONE_MILLISECONDS = 2000;
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "ding-hidden";

  // A page over plain HTTP has no clipboard but that of a selection.
  function copySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  async function copy(button, label, text) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      copySelection(button.dataset.copy);
      button.focus();
    }
    label.data = button.dataset.done;
    status.textContent = button.textContent;
    setTimeout(() => {
      label.data = text;
      status.textContent = "";
    }, DONE_MILLISECONDS);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(status);
    for (const button of document.querySelectorAll(".ding-copy")) {
      const label = button.firstChild;
      const text = label.data;
      button.hidden = false;
      button.addEventListener("click", () => copy(button, label, text));
    }
  });
}
