// The live half of the pages about webhooks: a page that has changed asks for itself again, and its
// parts take the place of the old ones. Without it the same page has a link that loads it again.

const bar = document.querySelector("[data-live]");
const AGAIN_AFTER = 15000;
const FRESH = 2500;

let stream;
let later;
let refreshing = false;
let version = bar?.dataset.version;
let isOn = true;

function parts(page) {
  return [...page.querySelectorAll("[data-live-part]")];
}

// Who reads a part by keyboard stays where they are; an open question is not shut.
function isHeld(part) {
  return Boolean(part.querySelector("details[open], input:focus, select:focus"));
}

async function refresh() {
  if (refreshing) return;
  refreshing = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (!fresh) throw new Error("no page in the answer");
    show(page);
    version = fresh.dataset.version;
  } catch {
    hush();
    tell("lost");
  }
  refreshing = false;
}

function show(page) {
  const known = new Set([...document.querySelectorAll("#deliveries li")].map((row) => row.id));
  const chosen = document.querySelector("#opened");
  for (const part of parts(document)) {
    const next = page.getElementById(part.id);
    const isList = part.id !== "opened";
    if (!next || isHeld(part)) continue;
    // What is open stays open, whichever is the newest by now.
    if (!isList && next.querySelector("code").textContent !== chosen.querySelector("code").textContent) continue;
    const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    if (part.isEqualNode(next)) continue;
    part.replaceWith(next);
    if (focused) next.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  if (!known.size) return;
  for (const row of document.querySelectorAll("#deliveries li")) {
    if (known.has(row.id)) continue;
    row.classList.add("fresh");
    setTimeout(() => row.classList.remove("fresh"), FRESH);
  }
}

function follow() {
  clearTimeout(later);
  if (stream || !isOn || document.visibilityState !== "visible") return;
  stream = new EventSource(bar.dataset.live);
  stream.addEventListener("state", (event) => {
    tell("on");
    if (JSON.parse(event.data).version !== version) refresh();
  });
  stream.onerror = () => {
    // It ends now and then and comes back by itself; refused, it is asked again later.
    if (stream?.readyState !== EventSource.CLOSED) return;
    hush();
    tell("lost");
    later = setTimeout(follow, AGAIN_AFTER);
  };
}

function hush() {
  stream?.close();
  stream = undefined;
}

function tell(state) {
  const button = bar.querySelector("button");
  button.querySelector("span").textContent = button.dataset[state];
  button.setAttribute("aria-pressed", String(state === "on"));
  button.classList.toggle("lost", state === "lost");
}

if (bar) {
  bar.querySelector("button").addEventListener("click", () => {
    isOn = !isOn || !stream;
    hush();
    tell(isOn ? "on" : "off");
    if (isOn) refresh();
    follow();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") follow();
    else hush();
  });
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", follow);
  follow();
}
