// Two public libraries verify messages: `node verify_webhooks.mjs < MESSAGES`, a JSON array of
// {secret, headers, body}. Prints for each library which of them it took, and what it read.

import { readFileSync } from "node:fs";

import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";

const messages = JSON.parse(readFileSync(0, "utf8"));
const libraries = { standardwebhooks: StandardWebhook, svix: SvixWebhook };
const said = {};
for (const [name, Webhook] of Object.entries(libraries)) {
  said[name] = messages.map(({ secret, headers, body }) => {
    try {
      return new Webhook(secret).verify(body, headers).type;
    } catch {
      return null;
    }
  });
}
console.log(JSON.stringify(said));
