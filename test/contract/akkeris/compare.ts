/** How the answers to one request differ in status and structure, one difference each, in words that a line of differences.jsonl has. */
export function differences(
  theirs: { readonly status: number; readonly body: unknown },
  ours: { readonly status: number; readonly body: unknown },
): string[] {
  const status = theirs.status === ours.status ? [] : [`status ${theirs.status} → ${ours.status}`];
  const bothSucceed = [theirs.status, ours.status].every((each) => each >= 200 && each <= 299);
  // What an error says, and in which form, is a difference of its own: see the test.
  return bothSucceed ? [...status, ...new Set(structure(theirs.body, ours.body, ''))] : status;
}

/** What ours lacks of theirs, or has of another kind; what ours has besides is no difference. */
function structure(theirs: unknown, ours: unknown, path: string): string[] {
  if (theirs === null || theirs === undefined) return [];
  const [kind, other] = [kindOf(theirs), kindOf(ours)];
  if (kind !== other) return [`${path || 'the body'}: ${kind} → ${other}`];
  if (Array.isArray(theirs)) {
    const items = ours as unknown[];
    if (theirs.length === 0) return [];
    if (items.length === 0) return [`${path}[]: none`];
    const common = theirs.slice(1).reduce<unknown>(inCommon, theirs[0]);
    return items.flatMap((item) => structure(common, item, `${path}[]`));
  }
  if (kind !== 'object') return [];
  const members = ours as Record<string, unknown>;
  return Object.entries(theirs).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return Object.hasOwn(members, name) ? structure(value, members[name], at) : [`lacks ${at}`];
  });
}

/** What two items of a list have both: of one of them less may be known. */
function inCommon(one: unknown, other: unknown): unknown {
  if (kindOf(one) !== kindOf(other)) return null;
  if (Array.isArray(one) && Array.isArray(other)) return other.length === 0 ? other : one;
  if (kindOf(one) !== 'object') return one;
  const [mine, yours] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return Object.fromEntries(
    Object.keys(mine).flatMap((name) =>
      Object.hasOwn(yours, name) ? [[name, inCommon(mine[name], yours[name])] as const] : [],
    ),
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
