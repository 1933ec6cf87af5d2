// How a call of the API becomes a method: its path is in the OpenAPI document, and so are its types.

import type { Call } from "./send.js";
import type {
  Answer,
  Body,
  Ids,
  Item,
  Method,
  Options,
  PathOf,
  Query,
  WriteOptions,
} from "./types.js";

export type Asks = (call: Omit<Call, "url"> & { path: string }) => Promise<unknown>;
type Read<P> = (
  ...args: [...Ids<P>, query?: Query<P>, options?: Options]
) => Promise<Answer<P, "get">>;
type Walk<P> = (
  ...args: [...Ids<P>, query?: Query<P>, options?: Options]
) => AsyncGenerator<Item<P>, void, undefined>;
type Write<P, M extends Method> = (...args: [...Ids<P>, ...Body<P, M>]) => Promise<Answer<P, M>>;
export type Asked = string | number | boolean | readonly string[] | null | undefined;

export function reads<P extends PathOf<"get">>(ask: Asks, path: P): Read<P> {
  return (async (...args: unknown[]) => {
    const { target, rest } = filled(path, args);
    const [query, options] = rest as [Record<string, Asked>?, Options?];
    const waits = Number(query?.wait ?? 0) * 1000;
    return ask({ method: "GET", path: target + queried(query), waits, signal: options?.signal });
  }) as Read<P>;
}

/** Everything in a list, page after page. */
export function walks<P extends PathOf<"get">>(ask: Asks, path: P): Walk<P> {
  const read = reads(ask, path) as (...args: unknown[]) => Promise<unknown>;
  return async function* (...args: unknown[]) {
    const { ids, rest } = filled(path, args);
    let query = rest[0] as Record<string, Asked> | undefined;
    for (;;) {
      const page = (await read(...ids, query, rest[1])) as {
        data?: Item<P>[];
        entries?: Item<P>[];
        has_more: boolean;
        next_after: string | number | null;
      };
      yield* page.data ?? page.entries ?? [];
      if (!page.has_more || page.next_after === null) return;
      query = { ...query, after: page.next_after };
    }
  } as Walk<P>;
}

export function writes<M extends Exclude<Method, "get">, P extends PathOf<M>>(
  ask: Asks,
  method: M,
  path: P,
): Write<P, M> {
  return (async (...args: unknown[]) => {
    const { target, rest } = filled(path, args);
    const [body, options] = rest as [unknown, WriteOptions?];
    const key = options?.idempotencyKey ?? crypto.randomUUID();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new TypeError("an idempotency key is 1 to 255 visible ASCII characters without spaces");
    }
    return ask({
      method: method.toUpperCase(),
      path: target,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      idempotencyKey: key,
      // The service answers an advance of a test app's clock after ten seconds at the latest.
      waits: path === "/v1/test/clock" ? 20_000 : 0,
      signal: options?.signal,
    });
  }) as Write<P, M>;
}

/** The path with its ids, each a whole segment, and the arguments that are left. */
function filled(path: string, args: unknown[]) {
  const rest = [...args];
  const ids: string[] = [];
  const target = path.replace(/\{\w+\}/g, () => {
    const id = rest.shift();
    if (typeof id !== "string" || id === "" || id === "." || id === "..") {
      throw new TypeError("an id is missing");
    }
    ids.push(id);
    return encodeURIComponent(id);
  });
  return { target, ids, rest };
}

export function queried(query: Record<string, Asked> | undefined): string {
  const told = Object.entries(query ?? {}).filter(([, it]) => it !== undefined && it !== null);
  const pairs = told.map(([name, it]) => [name, String(it)] as [string, string]);
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}
