import { useEffect, useState } from 'preact/hooks';
import type { AppsApiError } from '../../contract/errors.js';
import { signedOut } from '../api/call.js';
import { followChanges } from '../api/live.js';
import { useObservable } from '../api/observable.js';
import { asApiError } from '../api/resource.js';
import { ended, logIn, resume, session } from '../api/session.js';
import { Button } from '../ui/button.js';
import { ErrorNotice } from '../ui/notice.js';
import { Frame } from './frame.js';
import { takeLoginCode } from './location.js';
import { Login } from './login.js';
import { Page } from './page.js';

// Any request may be the one that finds the session gone.
signedOut.subscribe(ended);

/** The console: its pages for whoever is logged in, else the way to log in. */
export function Console() {
  const current = useObservable(session);
  const [error, setError] = useState<AppsApiError>();
  const [attempt, setAttempt] = useState(0);

  // Another attempt is what it is for
  useEffect(() => {
    setError(undefined);
    start(takeLoginCode()).catch((failure: unknown) => {
      setError(asApiError(failure));
    });
  }, [attempt]);

  const isLoggedIn = current !== undefined && current !== null;
  useEffect(() => (isLoggedIn ? followChanges() : undefined), [isLoggedIn]);

  if (current === undefined && error === undefined)
    return (
      <main class="splash" aria-busy="true">
        <span class="spinner spinner-large" aria-hidden="true" />
        <span class="visually-hidden" role="status">
          Loading the console
        </span>
      </main>
    );
  if (current === undefined && error?.status !== 401)
    return (
      <main class="splash">
        <h1 class="visually-hidden">aka console</h1>
        {error !== undefined && <ErrorNotice error={error} />}
        <Button icon="refresh" onClick={() => setAttempt(attempt + 1)}>
          Try again
        </Button>
      </main>
    );
  if (current === undefined || current === null) return <Login problem={error} />;
  return (
    <Frame session={current}>
      <Page session={current} />
    </Frame>
  );
}

/** Logs in with the code of a login link, or goes on with the session that is there. */
async function start(code: string | undefined): Promise<void> {
  if (code !== undefined)
    return logIn({ code }).catch(async (failure: unknown) => resume().catch(() => Promise.reject(failure)));
  return resume().catch((failure: unknown) => {
    // Nobody is logged in: that is nothing to report.
    if (asApiError(failure).status !== 401) throw failure;
  });
}
