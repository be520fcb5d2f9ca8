import { halfCreatedFile, rememberHalfCreated, wasHalfCreated } from '../client/half-created.js';
import type { AppsApi } from '../contract/apps-api.js';
import { AppsApiError, conflict } from '../contract/errors.js';
import type { Space } from '../contract/wire.js';
import { HALF_CREATED } from '../model/akkeris.js';
import { type Compliance, checkStackFor, sameCompliance } from '../model/compliance.js';
import { given } from '../model/given.js';
import { checkRoomForApps, type SpaceName } from '../model/names.js';
import type { Choice } from './choose-space.js';
import { usage } from './failure.js';
import { complianceText } from './space-view.js';

/** A space that is asked for, with every rule that needs no platform checked. */
export interface Wish extends Choice {
  readonly description: string | undefined;
}

/** What `--dry-run` answers. */
export interface Plan {
  readonly dry_run: true;
  readonly name: SpaceName;
  readonly compliance: readonly Compliance[];
  readonly description: string;
  readonly stack: string;
  readonly region: string;
}

/** Creates a space. Throws if the platform stored another compliance than was asked for. */
export async function createSpace(api: AppsApi, wish: Wish): Promise<Space> {
  const { name, compliance, stack, description } = wish;
  const space = await api.spaces.create({
    name,
    compliance: [...compliance],
    ...given({ stack, description }),
  });
  if (sameCompliance(space.compliance, compliance)) return space;
  throw conflict(
    'stored_otherwise',
    `Space ${space.name} was created, but the platform stored the compliance ${complianceText(space.compliance)}, not ${complianceText(compliance)}.`,
    "It can't be changed. Do not use this space; ask an administrator of the platform to remove it.",
  );
}

/** Checks what creating the space would check, and creates nothing. Throws what creating it would. */
export async function planSpace(api: AppsApi, wish: Wish): Promise<Plan> {
  const { name, compliance, stack: wanted, description = '' } = wish;
  const stacks = await api.stacks.list();
  const stack =
    wanted === undefined
      ? (stacks.find((each) => each.default) ?? stacks.find((each) => each.state === 'public'))
      : await api.stacks.get({ stack: wanted });
  if (stack === undefined)
    throw usage('This platform has no stack to create a space on.', 'Every stack: aka stacks');
  const [region, { app_key_max: keyMax }] = await Promise.all([
    api.regions.get({ region: stack.region.name }),
    api.platform.info(),
  ]);
  checkRoomForApps(name, keyMax);
  checkStackFor(compliance, {
    name: stack.name,
    state: stack.state,
    region: { name: region.name, internalCapable: region.private_capable },
  });
  if ((await find(api, name)) !== undefined) {
    throw conflict('exists', `Space ${name} exists already.`, `Show it: aka spaces:info ${name}`);
  }
  return { dry_run: true, name, compliance, description, stack: stack.name, region: region.name };
}

/**
 * The space if it is there as it is wished for, else what `make` makes. Throws if the one that is there differs, also
 * if somebody else was quicker than `make`.
 */
export async function unlessItExists<Made>(
  api: AppsApi,
  wish: Wish,
  { make, configDir }: { readonly make: () => Promise<Made>; readonly configDir: string },
): Promise<{ readonly result: Space | Made; readonly existed: boolean }> {
  const existing = await find(api, wish.name);
  if (existing !== undefined) {
    checkWhole(existing, configDir);
    return { result: asWished(existing, wish), existed: true };
  }
  try {
    return { result: await make(), existed: false };
  } catch (error) {
    const theirs =
      error instanceof AppsApiError && error.id === 'exists' ? await find(api, wish.name) : undefined;
    if (theirs === undefined) throw error;
    return { result: asWished(theirs, wish), existed: true };
  }
}

/** Creates something; keeps in mind which space that left half-created. Throws what `make` throws. */
export async function remembering<Made>(configDir: string, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    const id =
      error instanceof AppsApiError && error.id === HALF_CREATED ? error.details?.space_id : undefined;
    if (typeof id === 'string') rememberHalfCreated(configDir, id);
    throw error;
  }
}

/** Throws if a space is known to be in the list only. */
function checkWhole({ id, name, state }: Space, configDir: string): void {
  if (state === HALF_CREATED) {
    throw conflict(
      HALF_CREATED,
      `Space ${name} is half-created: it is listed, but no cluster takes its name.`,
      'Choose another name, or ask an administrator of the platform to remove it.',
    );
  }
  if (!wasHalfCreated(configDir, id)) return;
  throw conflict(
    HALF_CREATED,
    `Space ${name} is half-created: it is listed, but the cluster failed to make it when you created it.`,
    `Choose another name, or ask an administrator of the platform to remove it. If it was repaired, take ${id} out of ${halfCreatedFile(configDir)}`,
  );
}

function asWished(existing: Space, { compliance, stack }: Wish): Space {
  const differences = [
    ...(sameCompliance(existing.compliance, compliance)
      ? []
      : [`its compliance is ${complianceText(existing.compliance)}, not ${complianceText(compliance)}`]),
    ...(stack === undefined || [existing.stack.name, existing.stack.id].includes(stack)
      ? []
      : [`its stack is ${existing.stack.name}, not ${stack}`]),
  ];
  if (differences.length === 0) return existing;
  throw conflict(
    'exists_otherwise',
    `Space ${existing.name} exists, but ${differences.join(' and ')}.`,
    'Neither can be changed. Choose another name, or ask for what is there.',
  );
}

async function find(api: AppsApi, name: SpaceName): Promise<Space | undefined> {
  try {
    return await api.spaces.get({ space: name });
  } catch (error) {
    if (error instanceof AppsApiError && error.status === 404) return undefined;
    throw error;
  }
}
