"use strict";

// Fetches the page again every two seconds and moves what is new into place. What is unchanged stays untouched,
// so that nothing flickers and the keyboard focus and a selection survive.

const POLL_MILLISECONDS = 2000;
const list = document.getElementById("list");
const numbers = document.getElementById("numbers");
const webhooks = document.getElementById("webhooks");
const clear = document.getElementById("clear");
const filter = document.getElementById("phone-number");
const announcement = document.getElementById("announcement");
const title = document.title;
let unseen = 0;

function announce(text) {
  announcement.textContent = "";
  requestAnimationFrame(() => { announcement.textContent = text; });
}

// Updating

function sync(target, source) {
  const kept = new Map(Array.from(target.children, (child) => [child.dataset.key, child]));
  const added = [];
  let previous = null;
  for (const fresh of source.children) {
    let element = kept.get(fresh.dataset.key);
    if (element) {
      kept.delete(fresh.dataset.key);
      refresh(element, fresh);
    } else {
      element = document.importNode(fresh, true);
      added.push(element);
    }
    const current = previous ? previous.nextElementSibling : target.firstElementChild;
    if (element !== current) target.insertBefore(element, current);
    previous = element;
  }
  kept.forEach((gone) => gone.remove());
  return added;
}

function refresh(element, fresh) {
  const now = element.querySelectorAll("[data-live]");
  fresh.querySelectorAll("[data-live]").forEach((part, index) => {
    if (now[index].innerHTML !== part.innerHTML) now[index].innerHTML = part.innerHTML;
    for (const name of ["data-state", "aria-current"]) {
      if (part.hasAttribute(name)) now[index].setAttribute(name, part.getAttribute(name));
    }
  });
}

function arrival(count, text) {
  return count ? `${text}${count > 1 ? `s: ${count}` : ""}` : "";
}

function arrived(messages) {
  messages.forEach((message) => message.classList.add("is-new"));
  if (!messages.length) return;
  const refused = messages.filter((message) => message.matches(".refused")).length;
  announce([arrival(messages.length - refused, "New message"), arrival(refused, "Refused request")].filter(Boolean).join(". "));
  if (document.hidden) unseen += messages.length;
  document.title = unseen ? `(${unseen}) ${title}` : title;
}

async function update() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  arrived(sync(list, page.getElementById("list")).filter((added) => added.matches(".message")));
  sync(numbers, page.getElementById("numbers"));
  sync(webhooks, page.getElementById("webhooks"));
  clear.hidden = page.getElementById("clear").hidden;
  const summary = document.getElementById("webhook-summary");
  summary.textContent = page.getElementById("webhook-summary").textContent;
}

function showConnection(lost) {
  const live = document.getElementById("live");
  live.hidden = false;
  live.toggleAttribute("data-lost", lost);
  const text = lost ? "Connection lost. Retrying" : "Live";
  const label = document.getElementById("live-text");
  if (label.textContent !== text) label.textContent = text;
}

async function poll() {
  try {
    await update();
    showConnection(false);
  } catch {
    showConnection(true);
  }
  decorate();
  setTimeout(poll, POLL_MILLISECONDS);
}

// What the server cannot know: the reader's clock, this page's address, what is typed into the filter.

function decorate() {
  document.querySelectorAll("time").forEach(showAge);
  document.querySelectorAll("[data-address]").forEach((element) => {
    element.textContent = new URL(element.dataset.address, location.href).href;
  });
  applyFilter();
}

function showAge(time) {
  const text = age((Date.now() - new Date(time.dateTime)) / 1000);
  if (time.textContent !== text) time.textContent = text;
}

function age(seconds) {
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

function digitsOf(text) {
  return text.replace(/[^0-9]/g, "");
}

function applyFilter() {
  // The number of the address is the server's to filter: the list of numbers stays whole.
  const digits = filter.value === filter.defaultValue ? "" : digitsOf(filter.value);
  let shown = 0;
  for (const item of document.querySelectorAll(".message, #numbers li[data-number], #webhooks tr")) {
    item.hidden = Boolean(item.dataset.number) && !item.dataset.number.includes(digits);
    if (item.matches(".message") && !item.hidden) shown += 1;
  }
  document.getElementById("no-match").hidden = shown > 0 || !list.querySelector(".message");
}

// Copying

async function write(text) {
  // A page that is not on localhost or HTTPS has no clipboard; the old command still works there.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("not copied");
}

async function copy(button) {
  const isCode = "copy" in button.dataset;
  const text = isCode ? button.dataset.copy : button.parentElement.querySelector("code").textContent;
  try {
    await write(text);
  } catch {
    announce("Your browser blocked copying. Select the text instead.");
    button.textContent = "Select";
    return;
  }
  button.focus();
  button.textContent = "Copied";
  button.classList.add("is-done");
  announce(isCode ? `Copied ${text}` : "Copied");
  setTimeout(() => {
    button.textContent = "Copy";
    button.classList.remove("is-done");
  }, 1600);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".copy");
  if (button) copy(button);
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = title;
});

filter.addEventListener("input", applyFilter);

// Part of a number has filtered the list already; only a whole one has a page of its own.
filter.form.addEventListener("submit", (event) => {
  const digits = digitsOf(filter.value);
  if (digits && !numbers.querySelector(`[data-number="+${digits}"]`)) event.preventDefault();
});

decorate();
showConnection(false);
setTimeout(poll, POLL_MILLISECONDS);
