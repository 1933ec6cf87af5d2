// A public client of Pakasir's, led to the simulator: `node pakasir_sdk.mjs ORIGIN SLUG API_KEY`.
// Prints one JSON document: what each of its calls gave, or the message with which it was refused.

import { Pakasir } from "pakasir-sdk";

const [origin, slug, apikey] = process.argv.slice(2);
const realFetch = globalThis.fetch;
globalThis.fetch = (url, options) =>
  realFetch(String(url).replace("https://app.pakasir.com", origin), options);

const client = new Pakasir({ slug, apikey });
const stranger = new Pakasir({ slug, apikey: "salah" });
const tried = (promise) => promise.catch((error) => ({ refused: error.message }));

const said = {};
said.created = await client.createPayment("qris", "pesanan-1", 99000, "https://toko.example/terima-kasih");
said.pending = await client.detailPayment("pesanan-1", 99000);
said.simulated = await client.simulationPayment("pesanan-1", 99000);
said.paid = await client.detailPayment("pesanan-1", 99000);
said.cancelOfPaid = await tried(client.cancelPayment("pesanan-1", 99000));
said.second = await client.createPayment("qris", "pesanan-2", 12000);
said.canceled = await client.cancelPayment("pesanan-2", 12000);
said.afterwards = await client.detailPayment("pesanan-2", 12000);
said.unknown = await tried(client.detailPayment("pesanan-3", 12000));
said.otherAmount = await tried(client.detailPayment("pesanan-1", 98000));
said.stranger = await tried(stranger.detailPayment("pesanan-1", 99000));
console.log(JSON.stringify(said));
