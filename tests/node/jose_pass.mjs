// Checks access passes with `jose`: `node jose_pass.mjs ORIGIN APP TOKEN…` prints a JSON list, of each
// the claims, or the code of the error with which it was refused.

import { createRemoteJWKSet, jwtVerify } from "jose";

const [issuer, audience, ...tokens] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/payment-service/keys.json`));

const said = [];
for (const token of tokens) {
  try {
    said.push((await jwtVerify(token, keys, { issuer, audience, algorithms: ["EdDSA"] })).payload);
  } catch (error) {
    said.push(error.code);
  }
}
console.log(JSON.stringify(said));
