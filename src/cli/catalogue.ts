import type { Target } from '../client/target.js';
import type { AppsApi } from '../contract/apps-api.js';
import { AppsApiError } from '../contract/errors.js';
import { AKKERIS_CATALOGUE } from '../model/akkeris.js';
import { CATALOGUE, type Catalogue } from '../model/compliance.js';
import { platformNamed } from './platform-name.js';

/**
 * What each compliance does on the platform that is meant: an Akkeris installation keeps less of what the words promise.
 * One that can't be asked is told of as one of ours, with a warning.
 */
export async function catalogueOf(
  target: Target,
  connect: () => Promise<AppsApi>,
  warn: (message: string) => void,
): Promise<Catalogue> {
  if (target.kind === 'embedded') return CATALOGUE;
  try {
    const { platform } = await connect();
    return (await platform.info()).version === 'Akkeris' ? AKKERIS_CATALOGUE : CATALOGUE;
  } catch (error) {
    if (!(error instanceof AppsApiError)) throw error;
    warn(
      `Whether ${platformNamed(target) ?? 'it'} does all that is not known, since it can't be asked: ${error.message} An Akkeris installation does less.`,
    );
    return CATALOGUE;
  }
}
