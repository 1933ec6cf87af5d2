// JSON that somebody else wrote.

/** As deep as what an app may write into metadata and features, with what stands around it. */
const DEEPEST = 64;

/** Whether it is nested deeper than whoever walks it with a function that calls itself can bear. */
export function tooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((one) =>
      typeof one === "object" && one !== null ? Object.values(one) : [],
    );
  }
  return false;
}
