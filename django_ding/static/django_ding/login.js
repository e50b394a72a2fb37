"use strict";

// Makes the login pages pleasant. All of them work without it, and their words come from the page.

{
  const LOCKED_MILLISECONDS = 10000;
  const country = document.querySelector("select[name$=phone_number_country]");
  const number = document.querySelector("input[type=tel]");
  const code = document.querySelector("input[autocomplete=one-time-code]");

  // Changes the end of what is typed as a keyboard would, so that it can be undone.
  function replaceEnd(input, text) {
    let same = 0;
    while (same < text.length && text[same] === input.value[same]) same += 1;
    if (text === input.value) return;
    input.setSelectionRange(same, input.value.length);
    const added = text.slice(same);
    const done = added ? document.execCommand("insertText", false, added) : document.execCommand("delete");
    if (!done) input.setRangeText(added, same, input.value.length, "end");
  }

  // A number, spaced while it is typed. Digits are never changed, and nothing is touched that the visitor spaced,
  // edits in the middle, undoes, or types with other signs or digits.

  let shown = "";
  let spacing = false;

  // Lays digits out as a pattern has them; null when there are more than it has places for.
  function layOut(pattern, digits) {
    let text = "";
    let used = 0;
    for (const sign of pattern) {
      if (used === digits.length) return text;
      text += /[#0-9]/.test(sign) ? digits[used++] : sign;
    }
    return used === digits.length ? text : null;
  }

  function callingCode(option) {
    return (option.dataset.international || "").slice(1).split(" ")[0];
  }

  // The chosen country if it has the calling code that the digits start with, or else the main one that has.
  function countryOf(digits) {
    const having = Array.from(country.options).filter((option) => {
      const prefix = callingCode(option);
      return prefix && digits.startsWith(prefix);
    });
    return having.find((option) => option.selected) || having.find((option) => "main" in option.dataset);
  }

  function nationalPattern(digits) {
    const { national, international } = country.selectedOptions[0].dataset;
    if (!national || digits.startsWith("00")) return null;
    const trunkPrefix = national.split("#")[0].replace(/\D/g, "");
    return digits.startsWith(trunkPrefix) ? national : international.slice(international.indexOf(" ") + 1);
  }

  function spaced(typed) {
    const digits = typed.replace(/\D/g, "");
    if (!typed.startsWith("+")) {
      const pattern = nationalPattern(digits);
      return pattern && layOut(pattern, digits);
    }
    const chosen = countryOf(digits);
    if (!chosen) return null;
    chosen.selected = true;
    return layOut(chosen.dataset.international, digits);
  }

  function isSpacedByUs(text) {
    if (shown.startsWith(text)) return true;
    const added = text.startsWith(shown) ? text.slice(shown.length) : text;
    return (shown && added !== text) ? /^[0-9]+$/.test(added) : /^\+?[0-9]+$/.test(added);
  }

  function spaceOut(event) {
    if (spacing || event.isComposing || (event.inputType || "").startsWith("history")) return;
    if (number.selectionEnd !== number.value.length || !isSpacedByUs(number.value)) return;
    const text = spaced(number.value);
    spacing = true;
    if (text !== null) replaceEnd(number, text);
    spacing = false;
    shown = number.value;
  }

  if (country && number) number.addEventListener("input", spaceOut);

  // A code is pasted without spaces and dashes. The browser may read it from the message by itself.

  function pasteCode(event) {
    const digits = event.clipboardData.getData("text").replace(/[\s\-.]/g, "");
    if (!/^[0-9]{4,8}$/.test(digits)) return;
    event.preventDefault();
    replaceEnd(code, digits);
  }

  async function readMessage() {
    const waiting = new AbortController();
    const stop = () => waiting.abort();
    code.form.addEventListener("submit", stop, { once: true });
    window.addEventListener("pagehide", stop, { once: true });
    try {
      const message = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal: waiting.signal });
      code.value = message.code;
      code.form.requestSubmit();
    } catch {
      // The visitor types it, then.
    }
  }

  if (code) code.addEventListener("paste", pasteCode);
  if (code && "OTPCredential" in window) readMessage();

  // The page may be the answer to what could not be sent or checked. A reload, or the way back, looks and repeats nothing.
  if (code) history.replaceState(history.state, "", code.form.action);
  else if (document.querySelector("[data-ding-countdown]")) history.replaceState(history.state, "");

  // A wait: buttons beside it work only after it has ended, and so do hidden ones.

  // The page has the words for every number of hours, minutes and seconds that the wait passes.
  function inWords(seconds, words) {
    const [, unit, text] = words.findLast(([longest]) => seconds <= longest);
    return text.replace("{count}", Math.ceil(seconds / unit));
  }

  function countDown(box) {
    const sentence = box.querySelector("[data-ding-wait]");
    const status = box.querySelector("[data-ding-ready]");
    const [seconds, text, words] = JSON.parse(sentence.dataset.dingWait);
    const end = Date.now() + seconds * 1000;

    function setOver(over) {
      box.querySelectorAll("button").forEach((button) => { button.disabled = !over; });
      box.querySelectorAll("[data-ding-then]").forEach((element) => { element.hidden = !over; });
      sentence.hidden = over;
    }

    function tick() {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) {
        sentence.textContent = text.replace("{time}", inWords(left, words));
        setTimeout(tick, (end - Date.now()) % 1000 || 1000);
        return;
      }
      setOver(true);
      status.textContent = status.dataset.dingReady;
    }

    setOver(false);
    if (words.length) tick(); // No page stays open for more than a day.
  }

  document.querySelectorAll("[data-ding-countdown]:has([data-ding-wait])").forEach(countDown);

  // A form is sent once, until the page is shown again or nothing has come of it.

  function setLocked(form, locked) {
    form.dataset.dingLocked = locked ? "1" : "";
    Array.from(form.elements).filter((element) => element.type === "submit").forEach((button) => {
      if (locked) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    });
  }

  const forms = document.querySelectorAll("form[data-ding-once]");

  forms.forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.dingLocked) {
      event.preventDefault();
      return;
    }
    setLocked(form, true);
    setTimeout(() => setLocked(form, false), LOCKED_MILLISECONDS);
  }));

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) forms.forEach((form) => setLocked(form, false));
  });
}
