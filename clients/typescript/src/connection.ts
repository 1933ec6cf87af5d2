// Where the service is and which key speaks to it, checked before anything is sent.

const KEY = /^psk_(?:test|live)_[0-9A-Za-z]{38}$/;
const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Throws TypeError, whose message never holds the key. */
export function checkedKey(apiKey: string | undefined): string {
  if (typeof apiKey !== "string") throw new TypeError("the API key is missing");
  if (apiKey !== apiKey.trim()) {
    throw new TypeError("the API key has white space around it, perhaps the end of a line: cut it");
  }
  if (!KEY.test(apiKey)) {
    throw new TypeError("this is no API key: those have 47 characters, first psk_test_ or psk_live_");
  }
  return apiKey;
}

/** Throws TypeError. Over plain http a key could be read on its way. */
export function checkedOrigin(baseUrl: string | undefined): string {
  let url: URL;
  try {
    url = new URL(baseUrl ?? "");
  } catch {
    throw new TypeError("baseUrl is the service's origin, like https://bayar.example.com");
  }
  if (url.username || url.password) {
    throw new TypeError("baseUrl holds a user or a password; give the origin alone");
  }
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new TypeError("baseUrl is the service's origin, like https://bayar.example.com");
  }
  if (url.protocol === "http:" && !LOCAL.has(url.hostname)) {
    throw new TypeError("baseUrl must be https; plain http is for the same machine alone");
  }
  return url.href.replace(/\/+$/, "");
}
