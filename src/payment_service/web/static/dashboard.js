// What the dashboard does with script: a form is sent once, a passkey is asked for, a text is
// copied, what is under way is looked at again. Without it every page and every deed works the same,
// save for passkeys.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// Older browsers have no parse…FromJSON and no toJSON.
function read(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  if (options.user) {
    read.user = { ...options.user, id: bytes(options.user.id) };
    read.excludeCredentials = known(options.excludeCredentials);
  } else {
    read.allowCredentials = known(options.allowCredentials);
  }
  return read;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function ask(form) {
  const fault = form.querySelector(":scope > .fault[hidden], :scope > .fault:last-child");
  const button = form.querySelector("button:not([type=button])");
  button.disabled = true;
  fault.hidden = true;
  try {
    const publicKey = read(JSON.parse(form.dataset.options));
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.passkey.value = written(credential);
    form.submit();
  } catch {
    fault.textContent = form.dataset.refused;
    fault.hidden = false;
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const hidden of document.querySelectorAll("[data-passkey], [data-with-passkey]")) hidden.hidden = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.passkey) {
    event.preventDefault();
    ask(form);
  } else if ("once" in form.dataset) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});
// A file that is too large is told before it is sent.
document.addEventListener("change", (event) => {
  const { files, dataset } = event.target;
  if (!dataset.most) return;
  event.target.setCustomValidity(files[0] && files[0].size > dataset.most ? dataset.tooLarge : "");
  event.target.reportValidity();
});
// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const lines = [...source.querySelectorAll("code")].map((line) => line.textContent);
  await navigator.clipboard.writeText(lines.join("\n") || source.textContent);
  const words = button.lastChild;
  const before = words.textContent;
  words.textContent = button.dataset.done;
  setTimeout(() => (words.textContent = before), 2000);
});

// Where one is of a row of pages that is wider than the screen.
const here = document.querySelector(".app-sections [aria-current]");
if (here) here.closest(".app-sections").scrollLeft = here.offsetLeft - innerWidth / 3;

// One open question at a time, and Esc closes it.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches("details.confirm[open]")) return;
  for (const other of document.querySelectorAll("details.confirm[open]")) if (other !== event.target) other.open = false;
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.confirm[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// What is under way is asked for again until it has ended; an open question in it is not shut.
const AGAIN_AFTER = 3000;
const hasWaited = Boolean(document.querySelector("[data-waits]"));

async function lookAgain() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-waits]")) {
      const next = page.getElementById(part.id);
      if (next && !part.querySelector("details[open]") && !part.isEqualNode(next)) part.replaceWith(next);
    }
  } catch {
    // The next time may reach it.
  }
  waitOn();
}

function waitOn() {
  if (document.querySelector("[data-waits]")) setTimeout(lookAgain, AGAIN_AFTER);
  else if (hasWaited) document.querySelector(".toast")?.remove(); // that it is under way
}

waitOn();
