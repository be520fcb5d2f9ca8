import { useEffect, useRef, useState } from 'preact/hooks';
import type { AppsApiError } from '../../contract/errors.js';
import { useAction } from '../api/resource.js';
import { logIn } from '../api/session.js';
import { Button } from '../ui/button.js';
import { Copyable } from '../ui/copy.js';
import { Field } from '../ui/field.js';
import { ErrorNotice } from '../ui/notice.js';
import { Logo } from './logo.js';
import { ThemeSwitch } from './theme.js';

/** The way into the console: a link from the command line, or an API token. */
export function Login({ problem }: { problem: AppsApiError | undefined }) {
  const [token, setToken] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const action = useAction(() => logIn({ token: token.trim() }));
  const error = action.error ?? problem;
  useEffect(() => {
    document.title = 'Log in · aka';
    heading.current?.focus();
  }, []);
  return (
    <main class="login">
      <div class="login-box">
        <Logo />
        <h1 ref={heading} tabIndex={-1}>
          Log in to the console
        </h1>
        {error !== undefined && <ErrorNotice error={error} />}
        <section>
          <h2>On the platform's machine</h2>
          <p class="muted">This command opens the console, logged in as you.</p>
          <Copyable label="Command" text="aka console" />
        </section>
        <div class="login-or" aria-hidden="true">
          or
        </div>
        <section>
          <h2>With an API token</h2>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void action.run();
            }}
          >
            <Field label="API token" hint="An administrator makes one with aka platform:tokens:create NAME.">
              {(props) => (
                <input
                  {...props}
                  type="password"
                  autocomplete="off"
                  spellcheck={false}
                  required
                  value={token}
                  onInput={(event) => setToken(event.currentTarget.value)}
                />
              )}
            </Field>
            <Button type="submit" kind="primary" busy={action.busy}>
              Log in
            </Button>
          </form>
        </section>
      </div>
      <ThemeSwitch />
    </main>
  );
}
