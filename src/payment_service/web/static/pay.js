// The live half of the payer's page: countdown, status as it happens, forms without a reload.
// Without it the same forms post and redirect, and the page loads itself again now and then.

const FINAL = ["paid", "void", "nothing_due", "missing"];
const POLL = 1500;
const SLOW_POLL = 15000;
const STREAM_PATIENCE = 4000;
const PATIENCE = 20000;

let page = document.querySelector("main");
let serverAhead = 0;

const settled = () => FINAL.includes(page.dataset.state);
const visible = () => document.visibilityState === "visible";

// Each request has a number; an answer that comes after a later one's is dropped.
let asked = 0;
let shown = 0;

async function ask(url, options) {
  const number = ++asked;
  // A line that went silent is no answer either, and the button must come back.
  const signal = AbortSignal.timeout?.(PATIENCE);
  const answer = await fetch(url, { cache: "no-store", signal, ...options, headers: { Accept: "text/html" } });
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!next.querySelector("main[data-state]")) throw new Error(`no page in the answer, ${answer.status}`);
  if (number < shown) return;
  shown = number;
  if (answer.redirected) history.replaceState(null, "", answer.url);
  show(next);
}

function show(next) {
  const fresh = next.querySelector("main");
  const same = fresh.dataset.version === page.dataset.version && fresh.dataset.state === page.dataset.state;
  if (same) {
    page.dataset.now = fresh.dataset.now;
  } else {
    const held = pressed || page.contains(document.activeElement);
    page.replaceWith(fresh);
    page = fresh;
    document.title = next.title;
    document.getElementById("says").textContent = page.dataset.says;
    if (held) page.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  arrange();
}

let sending = false;
let refetching = false;
let refetchAgain = false;

async function refetch() {
  refetchAgain = true;
  // A form that is under way may change the address: what is asked for now would show the old one.
  if (refetching || sending) return;
  refetching = true;
  while (refetchAgain && !sending) {
    refetchAgain = false;
    try {
      await ask(location.href);
    } catch {
      await new Promise((done) => setTimeout(done, 3000));
      refetchAgain = visible();
    }
  }
  refetching = false;
}

// What a page needs as soon as it stands there.
let retry;
let retryAfter = 10000;

function arrange() {
  page.classList.add("live");
  serverAhead = Date.parse(page.dataset.now) - Date.now();
  clearTimeout(retry);
  tick();
  if (settled()) hush();
  else listen();
  const atOnce = page.querySelector("form[data-at-once]");
  if (atOnce && visible()) send(atOnce);
  const again = page.querySelector("form[data-again]");
  if (again) {
    retry = setTimeout(() => (visible() ? send(again) : arrange()), retryAfter);
    retryAfter = Math.min(retryAfter * 2, 60000);
  } else {
    retryAfter = 10000;
  }
}

// A button that is disabled loses the focus, which somebody without a mouse would look for in vain.
let pressed = false;

async function send(form) {
  if (sending) return;
  sending = true;
  const button = form.querySelector("button");
  pressed = button === document.activeElement;
  const body = new URLSearchParams(new FormData(form));
  const pause = new Promise((done) => setTimeout(done, 400));
  button.disabled = true;
  try {
    await ask(form.action, { method: "POST", body });
    // A page that was turned has another button, which may be pressed at once.
    if (button.isConnected) await pause;
  } catch {
    refetch();
  }
  page.querySelector(".fallback")?.classList.add("stuck");
  button.disabled = false;
  if (pressed && button.isConnected) button.focus({ preventScroll: true });
  pressed = false;
  sending = false;
  if (refetchAgain && !(heard && isShown(heard))) refetch();
  else refetchAgain = false;
}

let askedAtEnd = 0;

function tick() {
  const clock = page.querySelector("[data-countdown]");
  if (!clock) return;
  const left = Math.max(0, Math.ceil((Date.parse(page.dataset.ends) - Date.now() - serverAhead) / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor(left / 60) % 60;
  clock.textContent = `${hours ? `${hours}:` : ""}${pad(minutes)}:${pad(left % 60)}`;
  if (left === 0 && Date.now() - askedAtEnd > 3000) {
    askedAtEnd = Date.now();
    refetch();
  }
}

let stream;
let poller;
let patience;
let polls = 0;
let misses = 0;

function listen() {
  if (stream) return;
  if (!window.EventSource) {
    poll();
    return;
  }
  stream = new EventSource(page.dataset.statusUrl);
  // A proxy that holds the stream back looks open and says nothing.
  patience = setTimeout(poll, STREAM_PATIENCE);
  stream.addEventListener("state", (event) => {
    misses = 0;
    stopPolling();
    hear(JSON.parse(event.data));
  });
  stream.onerror = () => {
    misses += 1;
    if (stream.readyState !== EventSource.CLOSED && misses < 3) return;
    stream.close();
    poll();
  };
}

function poll() {
  if (poller || settled()) return;
  const brisk = ["waiting", "checking"].includes(page.dataset.state);
  poller = setTimeout(async () => {
    try {
      if (visible()) {
        const answer = await fetch(page.dataset.statusUrl, { cache: "no-store", headers: { Accept: "application/json" } });
        if (answer.ok) hear(await answer.json());
        else if (answer.status === 404) refetch();
      }
    } catch {
      // The network is away; the next round asks again.
    }
    if (!poller) return;
    poller = undefined;
    polls += 1;
    if (polls % 20 === 0 && stream && stream.readyState === EventSource.CLOSED) {
      stream = undefined;
      listen();
    }
    poll();
  }, brisk ? POLL : SLOW_POLL);
}

function stopPolling() {
  clearTimeout(patience);
  clearTimeout(poller);
  poller = undefined;
}

function hush() {
  stopPolling();
  if (stream) stream.close();
  stream = undefined;
}

// What was heard is compared with what was heard before, not with the page: somebody who asked to
// see the code again looks at another state than the stream tells, and must be left in peace.
let heard;

const isShown = ({ state, version }) => state === page.dataset.state && version === page.dataset.version;

function hear({ state, version }) {
  const changed = heard ? heard.state !== state || heard.version !== version : version !== page.dataset.version;
  heard = { state, version };
  if (changed && !isShown(heard)) refetch();
}

// Apple's phones put a download where no bank's app looks; their share sheet saves to Photos.
async function share(event, link) {
  if (!/iPhone|iPad/.test(navigator.userAgent) || !navigator.canShare) return;
  event.preventDefault();
  try {
    const picture = await (await fetch(link.href)).blob();
    const files = [new File([picture], link.download, { type: "image/png" })];
    if (!navigator.canShare({ files })) throw new Error("cannot share files");
    await navigator.share({ files });
  } catch (refused) {
    if (refused.name !== "AbortError") location.href = link.href;
  }
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-save]");
  if (link) share(event, link);
});
// Payers leave for their bank's app on the same phone and come back.
document.addEventListener("visibilitychange", () => {
  if (visible() && !settled()) refetch();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted && !settled()) refetch();
});

setInterval(tick, 1000);
arrange();
