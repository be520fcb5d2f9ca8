import type { GitFacts } from '../client/source/git.js';
import type { App } from '../contract/wire.js';
import { shown } from '../model/rule.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';

/** Whether an app is in a socs space, where what is built is a commit that others know, and nothing else. */
export function isChecked({ space }: App): boolean {
  return space.compliance.split(',').includes('compliance=socs');
}

/**
 * Refuses a checkout that is not the commit it would be called: what is uploaded is what is in the folder. `named` is
 * the commit that was typed, if one was.
 */
export function checkCheckout({ sha, differs }: GitFacts, named: string | undefined): void {
  const here = sha.slice(0, 10);
  if (differs !== '') {
    throw refused(
      'dirty_checkout',
      `Files differ from commit ${here}, such as ${shown(differs, 200)}, and a socs space builds commits only.`,
      'Commit them, or put them aside: git stash. What git status does not show: git sparse-checkout disable; git update-index --no-assume-unchanged --no-skip-worktree FILE',
    );
  }
  if (named !== undefined && sha !== '' && !isCommit(sha, named)) {
    throw refused(
      'other_commit',
      `Commit ${here} is checked out here, not ${named.slice(0, 10)}.`,
      'Check that out first, or leave out --sha.',
    );
  }
}

/** Whether a commit is meant by what was typed: its name, or as much of the begin of it as git itself shows. */
export function isCommit(sha: string, named: string): boolean {
  return named.length >= 7 && sha.startsWith(named.toLowerCase());
}

function refused(id: string, message: string, hint: string): CommandError {
  return new CommandError({ id, message, hint, exit: EXIT.refused });
}
