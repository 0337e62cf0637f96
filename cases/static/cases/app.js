// What the pages do beyond plain links and forms: keys, focus, live counts, kept texts. No inline code, no eval.
const $ = (css, from = document) => from.querySelector(css);
const $$ = (css, from = document) => [...from.querySelectorAll(css)];
const root = document.documentElement;
const store = (kind) => { try { return window[kind]; } catch { return undefined; } };
const local = store("localStorage"), session = store("sessionStorage");
const say = (text) => { const live = $("#say"); if (live && text) live.textContent = text; };

// Theme: the button turns what is seen into the other; theme.js sets it before the first paint.
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const turnTheme = () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  local?.setItem("theme", root.dataset.theme);
};

// Single keys can be switched off (WCAG 2.1.4).
const keysOn = () => document.body.dataset.singleKeys !== "off" && local?.getItem("keys") !== "off";
// Keys that this person chose otherwise: what is pressed -> the key whose work it does, "" = no work.
const swapped = JSON.parse(document.body.dataset.keys || "{}");
const caps = Object.fromEntries(Object.entries(swapped).filter(([, usual]) => usual).map(([pressed, usual]) => [usual, pressed]));
const NAMED = { "↵": "enter", "⌫": "backspace" };
const relabel = (from) => {
  if (!Object.keys(caps).length) return;
  $$("[data-key] kbd,.search kbd,.keys kbd", from).filter((kbd) => !kbd.dataset.cap).forEach((kbd) => {
    kbd.dataset.cap = kbd.textContent;
    const chosen = caps[NAMED[kbd.textContent] ?? kbd.textContent.toLowerCase()];
    if (chosen) kbd.textContent = chosen.toUpperCase();
  });
  $$("[aria-keyshortcuts]", from).filter((element) => !element.dataset.cap).forEach((element) => {
    element.dataset.cap = element.getAttribute("aria-keyshortcuts");
    element.setAttribute("aria-keyshortcuts", caps[element.dataset.cap.toLowerCase()] ?? element.dataset.cap);
  });
};
const showKeys = () => {
  root.classList.toggle("no-keys", !keysOn());
  $$("[data-keys-switch]").forEach((box) => { box.checked = keysOn(); });
};

const seen = (element) => element.getClientRects().length > 0 && !element.disabled;
const press = (key) => {
  const target = $$(`[data-key~="${CSS.escape(key)}"]`, $("dialog[open]") ?? document).find(seen);
  if (isField(target)) target.focus(); else target?.click();
  return Boolean(target);
};
const step = (by) => {
  const rows = $$("[data-row]");
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const row = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
  if (!row || rows.indexOf(row) === here) return false;
  row.scrollIntoView({ block: "nearest" });
  row.click();
  return true;
};
let going = 0;
const act = (key) => {
  if (going > Date.now()) {
    going = 0;
    const link = $(`[data-go="${CSS.escape(key)}"]`);
    link?.click();
    return Boolean(link);
  }
  if (key === "g") {
    going = Date.now() + 1500;
    return true;
  }
  if (key === "/") {
    const search = $$("input[type=search]").find(seen);
    search?.focus();
    return Boolean(search);
  }
  return press(key) || (key === "j" && step(1)) || (key === "k" && step(-1));
};
// Keys pressed while an answer is on its way belong to the next question: they wait for it, never for the next post.
const waiting = [];
let waitingFor;
const openCase = () => $("#pane")?.dataset.case;
const flush = () => {
  if (openCase() !== waitingFor) waiting.length = 0;
  while (waiting.length && !$(".htmx-request")) act(waiting.shift());
};
const isField = (element) =>
  Boolean(element?.closest("textarea,select,[contenteditable],input:not([type=checkbox],[type=radio])"));
const onKey = (event) => {
  const typing = isField(event.target);
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keysOn()) return;
  const pressed = event.key.toLowerCase(), key = going > Date.now() ? pressed : swapped[pressed] ?? pressed;
  if (!key) return;
  const busy = waiting.length || $(".htmx-request");
  // "/" goes to its field at once: what is typed after it is text, never an answer about a case.
  if (busy && key !== "/") {
    if (!waiting.length) waitingFor = openCase();
    waiting.push(key);
    event.preventDefault();
  } else if (!(key === "enter" && event.target.closest("a,button,summary,input,label")) && act(key)) {
    event.preventDefault();
  }
};

const onClick = (event) => {
  const target = event.target.closest("[data-theme-toggle],[data-dialog],[data-print]");
  if (!target) return;
  if (target.matches("[data-theme-toggle]")) turnTheme();
  else if (target.matches("[data-print]")) window.print();
  else $(`#${target.dataset.dialog}`)?.showModal();
};

// Typed text survives an expired session: kept per tab, under a name that ends in the revision that is
// shown. Once the server has another revision, what was typed over the old one is dropped, never put back.
const keep = (field) => session?.setItem(`keep:${field.dataset.keep}`, field.value);
const restore = (field) => {
  const here = `keep:${field.dataset.keep}`, [any] = /^keep:\w+-\d+-/.exec(here) ?? [];
  if (any) Object.keys(session ?? {}).filter((name) => name.startsWith(any) && name !== here).forEach((name) => session.removeItem(name));
  const kept = session?.getItem(`keep:${field.dataset.keep}`);
  if (kept && kept !== field.value) field.value = kept;
};
const count = (field) => {
  const out = document.getElementById(field.dataset.count);
  if (!out) return;
  const n = [...field.value].length, most = Number(field.dataset.most);
  $("[data-n]", out).textContent = n;
  out.classList.toggle("over", most > 0 && n > most);
};

// "21 min" and countdowns go on by themselves.
const unit = (n, name) => new Intl.NumberFormat(root.lang, { style: "unit", unit: name, unitDisplay: "short" }).format(n);
const ago = (seconds) => {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  if (minutes < 60) return unit(minutes, "minute");
  if (minutes < 2880) return unit(Math.floor(minutes / 60), "hour");
  return unit(Math.floor(minutes / 1440), "day");
};
const tick = () => {
  $$("time[data-ago]").forEach((time) => {
    const text = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== text) time.textContent = text;
  });
};
const countDown = () => {
  const passed = performance.now() / 1000; // since this page was opened: a wrong clock does no harm
  $$("[data-left-s]").forEach((element) => { element.textContent = Math.max(0, Math.ceil(element.dataset.leftS - passed)); });
  const again = $("[data-reload-s]");
  if (!again || passed < again.dataset.reloadS || document.hidden) return;
  again.removeAttribute("data-reload-s");
  location.reload();
};

// Live: ask now and then what is new; new posts wait behind a button, the list never moves by itself.
const banner = (name, on) => { const element = document.getElementById(name); if (element) element.hidden = !on; };
const shown = (news) => {
  Object.entries(news.counts ?? {}).forEach(([name, n]) => $$(`[data-live-count="${name}"]`).forEach((element) => {
    element.textContent = n;
    element.hidden = !n;
  }));
  const button = $("[data-new]");
  if (button && news.n) {
    button.hidden = false;
    $("[data-new-text]", button).textContent = news.text;
  }
  $$("[data-held]").forEach((element) => {
    const who = news.held?.[element.dataset.held];
    element.hidden = !who;
    $("[data-held-by]", element).textContent = who ?? "";
  });
  if (news.alarm) {
    const alarm = $("#alarm");
    $("[data-alarm-text]", alarm).textContent = news.alarm;
    alarm.hidden = false;
  }
  say(news.alarm || (button && news.n && news.text));
};
const poll = async () => {
  const place = $("[data-poll-url]");
  if (!place || document.hidden) return;
  try {
    const cases = new Set($$("[data-held]").map((element) => element.dataset.held));
    const asked = new URLSearchParams({ since: place.dataset.pollSince, held: place.dataset.pollHeld ?? "?", shown: [...cases].join(), situation: $("[data-new]")?.dataset.new ?? "" });
    const answer = await fetch(`${place.dataset.pollUrl}?${asked}`, { headers: { Accept: "application/json" } });
    banner("offline", false);
    banner("signed-out", answer.redirected || answer.status === 401 || answer.status === 403);
    if (answer.status !== 200 || answer.redirected) return;
    const news = await answer.json();
    place.dataset.pollSince = news.since;
    place.dataset.pollHeld = news.held_mark;
    shown(news);
  } catch { banner("offline", true); }
};

// After a swap: focus goes to the new heading, and it is read aloud.
const ready = (from = document) => {
  $$("[data-keep]", from).forEach(restore);
  relabel(from);
  $$("[data-count]", from).forEach(count);
  tick();
};
const settled = (event) => {
  const part = event.detail.elt ?? event.target;
  ready();
  delete document.body.dataset.pollHeld;
  const news = part?.id === "query-form" && $("[data-said]", part);
  if (news) {
    say(news.dataset.said);
    if (document.activeElement === document.body) news.focus();  // the button that was pressed is gone
  }
  if (part?.id === "board") flush();
  if (part?.id !== "pane") return;
  const heading = $("[data-focus]", part) ?? $('h2[tabindex="-1"]', part);
  if (!isField(document.activeElement)) heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: "nearest" });
  say($("#toast-text")?.textContent ?? heading?.textContent);
  flush();
};
// A refusal is shown where the officer is, typed text untouched; a lost session goes to sign-in and back.
const answered = (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400) waiting.length = 0;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname === document.body.dataset.signIn) {
    event.detail.shouldSwap = false;
    location.reload();
  } else if (xhr.status >= 400 && xhr.status !== 422) {
    event.detail.shouldSwap = false;
    const problem = $(".problem", new DOMParser().parseFromString(xhr.responseText, "text/html"));
    const flash = $("#flash");
    if (!problem || !flash) return;
    flash.replaceChildren(document.importNode(problem, true));
    flash.firstElementChild.focus();
  }
};

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-keep]")) keep(event.target);
  if (event.target.matches("[data-count]")) count(event.target);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  local?.setItem("keys", event.target.checked ? "on" : "off");
  showKeys();
});
document.addEventListener("htmx:afterSettle", settled);
document.addEventListener("htmx:beforeSwap", answered);
document.addEventListener("htmx:sendError", () => { waiting.length = 0; banner("offline", true); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
window.addEventListener("offline", () => banner("offline", true));
window.addEventListener("online", () => { banner("offline", false); poll(); });
showKeys();
ready();
// A board comes again by itself, not in a hidden tab and not under somebody who is choosing.
setInterval(() => {
  if (!document.hidden && !document.activeElement?.matches("select")) $$("[data-fresh]").forEach((board) => window.htmx?.trigger(board, "fresh"));
}, 20_000);
setInterval(tick, 30_000);
setInterval(countDown, 500);
setInterval(poll, 1000 * Number($("[data-poll-url]")?.dataset.pollS ?? 10));
