import { describe } from '@jest/globals';
import { appListsSuite } from './app-lists.js';
import { appsSuite } from './apps.js';
import { auditsSuite } from './audits.js';
import { catalogSuite } from './catalog.js';
import { checksSuite } from './checks.js';
import { configVarsSuite } from './config-vars.js';
import { credentialsSuite } from './credentials.js';
import { digestsSuite } from './digests.js';
import { discoverySuite } from './discovery.js';
import { favoritesSuite } from './favorites.js';
import { formationsSuite } from './formations.js';
import { givenBy, type Reach } from './given.js';
import { hooksSuite } from './hooks.js';
import { idempotencyKeysSuite } from './idempotency-keys.js';
import { logsSuite } from './logs.js';
import { operationsSuite } from './operations.js';
import { pipelinesSuite } from './pipelines.js';
import { platformSuite } from './platform.js';
import { grounded, recordedSuite } from './recorded.js';
import { redactionSuite } from './redaction.js';
import { releasesSuite } from './releases.js';
import { rolesSuite } from './roles.js';
import { sourcesSuite } from './sources.js';
import { spaceListsSuite } from './space-lists.js';
import { spacesSuite } from './spaces.js';
import { tokensSuite } from './tokens.js';

/** What every Apps API does, whichever way it is reached. Each test has a platform of its own. */
export function contractSuite(way: string, reach: Reach): void {
  describe(way, () => {
    const given = givenBy(reach);
    platformSuite(given);
    spacesSuite(given);
    spaceListsSuite(given);
    discoverySuite(given);
    appsSuite(given);
    appListsSuite(given);
    configVarsSuite(given);
    credentialsSuite(given);
    favoritesSuite(given);
    hooksSuite(given);
    formationsSuite(given);
    redactionSuite(given);
    releasesSuite(given);
    checksSuite(given);
    pipelinesSuite(given);
    sourcesSuite(given);
    logsSuite(given);
    catalogSuite(given);
    auditsSuite(given);
    digestsSuite(given);
    idempotencyKeysSuite(given);
    tokensSuite(given);
    rolesSuite(given);
    operationsSuite(given);
  });
  describe(way, () => recordedSuite(givenBy(grounded(reach))));
}
