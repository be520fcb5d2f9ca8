import * as z from 'zod/mini';

/*
 * The JSON of the Apps API. Inputs are strict: an unknown member is a mistake. Results are loose: another platform
 * may say more or less, and a name that only it would allow must be shown, not crash.
 */

const text = z.string();
const time = z.string();
const Ref = z.looseObject({ id: text, name: text });

/** A whole number; some installations send counts as strings, and everything in a query is one. */
const Whole = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d{1,15}$/))]),
  z.pipe(z.transform(Number), z.int()),
);

const DESCRIPTION_MAX = 500;
const description = z.string().check(z.maxLength(DESCRIPTION_MAX));
/** A name or an id as people write it; what it may be is up to the rules. */
const named = z.string().check(z.minLength(1), z.maxLength(256));
/** A name for something new: what is wrong with it, the rules say better. */
const wish = z.string().check(z.maxLength(256));
/** A number that is stored as it was written; larger ones would be rounded, and must be sent as text. */
const exact = z.number().check(z.refine((it) => !Number.isInteger(it) || Number.isSafeInteger(it)));
const page = {
  /** At most so many; without it a list is whole. */
  limit: z.optional(Whole.check(z.gte(1), z.lte(1000))),
  /** Where the page before ended, as it said. */
  cursor: z.optional(z.string().check(z.maxLength(512))),
};

export const Space = z.looseObject({
  id: text,
  name: text,
  compliance: z._default(z.array(text), []),
  description: z.optional(text),
  region: Ref,
  stack: Ref,
  state: text,
  apps: z.optional(Whole),
  /** The domain pattern of its apps, `[app]` standing for the name. */
  domain: z.optional(text),
  network: z.optional(z.looseObject({ mode: text, subnets: z.array(text) })),
  created_at: time,
  updated_at: time,
});
export type Space = z.infer<typeof Space>;

export const SpaceFilter = z.strictObject({
  ...page,
  compliance: z.optional(text),
  stack: z.optional(named),
});
export const SpaceCreate = z.strictObject({
  name: wish,
  compliance: z.optional(z.nullable(z.array(text))),
  description: z.optional(description),
  stack: z.optional(named),
});
export const SpaceKey = z.strictObject({ space: named });
export const SpaceUpdate = z.strictObject({
  space: named,
  description: z.optional(description),
  /** Fixed at creation: they are read so that the refusal can say so. */
  compliance: z.optional(z.unknown()),
  name: z.optional(z.unknown()),
  stack: z.optional(z.unknown()),
});

export const Service = z.looseObject({ id: text, name: text, host: text, port: z.number(), web_url: text });
export const Discovery = z.looseObject({
  space: Ref,
  /** `subnet` or `loopback`. */
  mode: text,
  apps: z.array(Service),
  /** What all the vars take in a dyno's environment, and may take, in bytes. */
  bytes: z.number(),
  bytes_max: z.number(),
});
export type Discovery = z.infer<typeof Discovery>;

export const App = z.looseObject({
  id: text,
  /** `app-space`, as `key`. */
  name: text,
  simple_name: text,
  key: z.optional(text),
  description: z._default(z.nullable(text), ''),
  labels: z._default(z.nullable(text), ''),
  maintenance: z._default(z.boolean(), false),
  organization: z.looseObject({ name: text }),
  region: Ref,
  stack: Ref,
  /** `compliance` is in the older form `compliance=socs,compliance=prod` here. */
  space: z.looseObject({ id: text, name: text, compliance: z._default(text, '') }),
  web_url: text,
  created_at: time,
  updated_at: time,
});
export type App = z.infer<typeof App>;

export const AppFilter = z.strictObject({
  ...page,
  space: z.optional(named),
  simple: z.optional(z.union([z.boolean(), z.stringbool()])),
});
export const AppCreate = z.strictObject({
  name: wish,
  space: wish,
  org: z.optional(named),
  description: z.optional(description),
  labels: z.optional(z.string().check(z.maxLength(DESCRIPTION_MAX))),
});
export const AppKey = z.strictObject({ app: named });
export const AppUpdate = z.strictObject({
  app: named,
  /** Only its present name: apps are not renamed. */
  name: z.optional(text),
  description: z.optional(description),
  labels: z.optional(z.string().check(z.maxLength(DESCRIPTION_MAX))),
  maintenance: z.optional(z.boolean()),
  /** Only its present space: apps don't move. */
  space: z.optional(text),
});
export const AppDestroyed = z.looseObject({ id: text, name: text, org: z.optional(text), result: text });

export const ConfigVars = z.record(text, text);
export type ConfigVars = z.infer<typeof ConfigVars>;
/** `null` removes a var; numbers and booleans are stored as text. */
export const ConfigVarsPatch = z.strictObject({
  app: named,
  vars: z.pipe(
    // A record would drop this key without a word.
    z.transform((vars: unknown, context) => {
      if (typeof vars === 'object' && vars !== null && Object.hasOwn(vars, '__proto__')) {
        context.issues.push({ code: 'custom', input: vars, message: '__proto__ is not a name' });
      }
      return vars;
    }),
    z.record(text, z.nullable(z.union([z.string(), exact, z.boolean()]))),
  ),
});

export const Stack = z.looseObject({
  id: text,
  name: text,
  region: Ref,
  state: text,
  /** The one that is taken when none is named; not every platform says. */
  default: z.optional(z.boolean()),
  created_at: time,
  updated_at: time,
});
export type Stack = z.infer<typeof Stack>;
export const StackKey = z.strictObject({ stack: named });

export const Region = z.looseObject({
  id: text,
  name: text,
  description: z._default(z.nullable(text), ''),
  country: z._default(z.nullable(text), ''),
  locale: z._default(z.nullable(text), ''),
  /** Whether `internal` spaces can be here. */
  private_capable: z.boolean(),
  high_availability: z._default(z.boolean(), false),
  provider: z.optional(z.looseObject({ name: text, region: text, availability_zones: z.array(text) })),
  created_at: time,
  updated_at: time,
});
export type Region = z.infer<typeof Region>;
export const RegionKey = z.strictObject({ region: named });

export const Organization = z.looseObject({
  id: text,
  name: text,
  role: z.optional(text),
  default: z.optional(z.boolean()),
  created_at: time,
  updated_at: time,
});
export type Organization = z.infer<typeof Organization>;
export const OrganizationKey = z.strictObject({ organization: named });

export const Account = z.looseObject({
  id: text,
  name: text,
  email: text,
  elevated_access: z._default(z.boolean(), false),
});
export type Account = z.infer<typeof Account>;

export const AuditEvent = z.looseObject({
  action: text,
  app: z._default(z.nullable(text), ''),
  space: z._default(z.nullable(text), ''),
  username: z._default(z.nullable(text), ''),
  received_at: time,
  /** The whole event as JSON text. */
  info: z._default(text, '{}'),
  /** Its number in the chain, and the hash that the next one holds; not every platform has them. */
  seq: z.optional(z.number()),
  hash: z.optional(text),
  outcome: z.optional(text),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
export const AuditFilter = z.strictObject({
  app: z.optional(named),
  space: z.optional(named),
  user: z.optional(named),
  /** How many of the newest; 10 unless told, as in the Akkeris API. */
  size: z.optional(Whole.check(z.gte(1), z.lte(10_000))),
});
export const AuditVerdict = z.looseObject({
  ok: z.boolean(),
  records: z.number(),
  /** The hash of the last record. */
  head: text,
  /** The first record that does not fit, and why. */
  broken: z.optional(z.looseObject({ seq: z.number(), reason: text })),
});
export type AuditVerdict = z.infer<typeof AuditVerdict>;

export const PlatformInfo = z.looseObject({
  name: text,
  version: text,
  capabilities: z.array(text),
  /** The longest `app-space`. */
  app_key_max: z.number(),
});
export type PlatformInfo = z.infer<typeof PlatformInfo>;

export const Nothing = z.strictObject({});

/** An error as it is sent. */
export const WireError = z.looseObject({
  id: text,
  message: text,
  hint: z.optional(text),
  details: z.optional(z.record(text, z.unknown())),
});
