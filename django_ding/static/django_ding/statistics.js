// The values of a column, above its chart: on hover, on touch and by keyboard. Each chart is one stop of the Tab key; the
// arrow keys, Home and End go through its columns, and Enter follows one. Without script, hovering shows a column's title
// and the table below each chart has all values.
"use strict";

for (const chart of document.querySelectorAll(".ding-statistics .chart")) {
  const columns = [...chart.querySelectorAll(".column")];
  const text = chart.querySelector(".readout span");
  const link = chart.querySelector(".readout a");
  const summary = text.textContent;
  let shown = null;

  const show = (column) => {
    shown?.classList.remove("shown");
    shown = column;
    column?.classList.add("shown");
    text.textContent = column ? column.getAttribute("aria-label") : summary;
    if (link) {
      link.hidden = !column;
      if (column) {
        link.href = column.getAttribute("href");
      }
    }
  };
  const columnAt = (event) => columns.find((column) => {
    const box = column.getBoundingClientRect();
    return event.clientX >= box.left && event.clientX < box.right;
  });

  for (const column of columns) {
    const title = column.querySelector("title");
    column.setAttribute("aria-label", title.textContent);
    title.remove(); // It would be shown beside the readout.
    column.addEventListener("focus", () => {
      columns.forEach((other) => other.setAttribute("tabindex", other === column ? "0" : "-1"));
      show(column);
    });
  }
  columns.at(-1)?.setAttribute("tabindex", "0"); // The newest one comes first.

  const plot = chart.querySelector(".ding-chart");
  plot.addEventListener("keydown", (event) => {
    const at = columns.indexOf(document.activeElement);
    const forward = getComputedStyle(plot).direction === "rtl" ? -1 : 1;
    const target = {
      ArrowRight: at + forward,
      ArrowLeft: at - forward,
      Home: 0,
      End: columns.length - 1,
    }[event.key];
    if (at >= 0 && target !== undefined) {
      event.preventDefault();
      columns[target]?.focus();
    }
  });

  // A finger shows a column, and only the link above the chart leaves the page.
  let isTouch = false;
  const follow = (event) => {
    isTouch = event.pointerType === "touch";
    show(columnAt(event) ?? shown);
  };
  plot.addEventListener("pointerdown", follow);
  plot.addEventListener("pointermove", follow);
  plot.addEventListener("click", (event) => {
    if (isTouch && event.target.closest(".column")) {
      event.preventDefault();
    }
  });
  plot.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") {
      show(columns.includes(document.activeElement) ? document.activeElement : null);
    }
  });
  plot.addEventListener("focusout", (event) => {
    if (!columns.includes(event.relatedTarget) && event.relatedTarget !== link) {
      show(null);
    }
  });
}
