import type { AppsApi } from '../contract/apps-api.js';
import { AppsApiError } from '../contract/errors.js';
import type { RedactionRules } from '../model/redaction.js';

/** What a platform can't do, has not got, or doesn't tell this user. */
const UNTOLD: readonly number[] = [403, 404, 501];

/** What the administrators of a platform added to what is redacted; nothing where it has no such thing. */
export async function redactionRulesOf(api: AppsApi): Promise<RedactionRules> {
  try {
    const { redact_words: words, redact_exceptions: exceptions } = await api.platform.settings();
    return { words, exceptions };
  } catch (error) {
    if (error instanceof AppsApiError && UNTOLD.includes(error.status)) return {};
    throw error;
  }
}
