// Serves a route handler as a framework would: `node route_handler.mjs MODULE PORT`.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [module, port] = process.argv.slice(2);
const { POST } = await import(pathToFileURL(module));

createServer(async (incoming, outgoing) => {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const request = new Request(`http://localhost${incoming.url}`, {
    method: "POST",
    headers: incoming.headers,
    body: Buffer.concat(parts),
  });
  try {
    const response = await POST(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    console.error(error);
    outgoing.writeHead(500);
    outgoing.end();
  }
}).listen(Number(port), "127.0.0.1");
