// What the tests ask of the TypeScript client: `node scenarios.mjs DIST` reads `{"does": "…", …}` and
// prints one JSON document of what came of it.

import { readFileSync } from "node:fs";
import { inspect } from "node:util";

const library = await import(`${process.argv[2]}/index.js`);
const asked = JSON.parse(readFileSync(0, "utf8"));

/** `subscriptions.create` of a client, or `follow`. */
function method(of) {
  const client = new library.PaymentService(asked.client);
  const [group, name] = of.split(".");
  return name === undefined ? client[group].bind(client) : client[group][name];
}

/** What it gave, or the kind of error with what the error says of itself. */
async function tried(work) {
  try {
    return { gave: (await work()) ?? null };
  } catch (error) {
    return { threw: error.name, message: error.message, ...error };
  }
}

const scenarios = {
  /** One call: `of` is the way to it, `subscriptions.create`. */
  async call({ of, args }) {
    return tried(() => method(of)(...args));
  },
  async walk({ of, args, most }) {
    const found = [];
    for await (const one of method(of)(...args)) {
      found.push(one);
      if (found.length === most) break;
    }
    return found;
  },
  /** Everything until its signal is aborted, after so many milliseconds. */
  async followed({ client, abortAfter }) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), abortAfter);
    const billing = new library.PaymentService(client);
    return tried(async () => {
      const found = [];
      try {
        for await (const one of billing.follow({}, { signal: stop.signal })) found.push(one);
      } finally {
        clearTimeout(timer);
      }
      return found;
    });
  },
  async webhooks({ messages, secrets, now }) {
    const options = { now: () => new Date(now) };
    return Promise.all(
      messages.map(async ({ body, headers, as }) =>
        tried(() => {
          const bytes = Buffer.from(body, "base64");
          if (as === "message") return library.verifyMessage(bytes, headers, secrets, options);
          const request = new Request("http://localhost/", { method: "POST", body: bytes, headers });
          return library.verifyWebhook(request, secrets, options);
        }),
      ),
    );
  },
  async passes({ tokens, app, issuer, keys, now }) {
    const passes = new library.PassVerifier({
      app,
      issuer,
      ...(keys === undefined ? {} : { keys }),
      now: () => new Date(now),
    });
    const results = [];
    for (const token of tokens) results.push(await tried(() => passes.verify(token)));
    return results;
  },
  /** A day of an issuer that answers with `answers` in turn; its keys and time are the test's. */
  async keys({ app, issuer, steps }) {
    let now = 0;
    let answer = null;
    let looked = 0;
    const passes = new library.PassVerifier({
      app,
      issuer,
      now: () => new Date(now),
      fetch: async () => {
        looked += 1;
        if (answer === null) throw new TypeError("fetch failed");
        return new Response(answer.text, { status: answer.status });
      },
    });
    const results = [];
    for (const step of steps) {
      now = step.now;
      if ("answer" in step) answer = step.answer;
      const { gave, threw } = await tried(() => passes.verify(step.token));
      results.push([gave ? "good" : threw, looked]);
    }
    return results;
  },
  /** A runtime without Ed25519, as browsers of 2024 are. */
  async withoutEd25519({ tokens, app, issuer, keys, now }) {
    const real = crypto.subtle.importKey;
    crypto.subtle.importKey = () => Promise.reject(new DOMException("no", "NotSupportedError"));
    const results = await scenarios.passes({ tokens, app, issuer, keys, now });
    crypto.subtle.importKey = real;
    return results;
  },
  async secrets({ clients, webhookSecrets, shown }) {
    const refused = await Promise.all(
      clients.map((settings) => tried(() => new library.PaymentService(settings) && null)),
    );
    const message = { body: "", headers: {} };
    const webhooks = await Promise.all(
      webhookSecrets.map((secret) =>
        tried(() => library.verifyMessage(message.body, message.headers, secret)),
      ),
    );
    const known = new library.PaymentService(shown);
    const words = inspect(known, { depth: 9, showHidden: true }) + JSON.stringify(known) + known;
    return { refused, webhooks, words };
  },
};

console.log(JSON.stringify(await scenarios[asked.does](asked)));
