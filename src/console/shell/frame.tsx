import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { reachable } from '../api/call.js';
import { liveState } from '../api/live.js';
import { useObservable } from '../api/observable.js';
import { useAction } from '../api/resource.js';
import { logOut, type Session } from '../api/session.js';
import { State } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Icon, type IconName } from '../ui/icon.js';
import { Notice } from '../ui/notice.js';
import { route } from './location.js';
import { Logo } from './logo.js';
import { type Route, to } from './routes.js';
import { ThemeSwitch } from './theme.js';

/** What is round every page: navigation, who is logged in, and whether the platform answers. */
export function Frame({ session, children }: { session: Session; children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const isReachable = useObservable(reachable);
  const here = useObservable(route);
  const leave = useAction(logOut);
  return (
    <div class="frame">
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          // The fragment is the page's address.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <header class="sidebar">
        <a class="sidebar-logo" href={to.spaces()} aria-label="aka, all spaces">
          <Logo />
        </a>
        <nav aria-label="Console">
          <ul class="nav">
            <NavItem href={to.spaces()} icon="spaces" isHere={isAmongSpaces(here)}>
              Spaces
            </NavItem>
            <NavItem href={to.audits()} icon="audit" isHere={here.page === 'audits'}>
              Audit log
            </NavItem>
            {session.role === 'admin' && (
              <NavItem href={to.platform()} icon="platform" isHere={here.page === 'platform'}>
                Platform
              </NavItem>
            )}
          </ul>
        </nav>
        <div class="sidebar-foot">
          <Connection isReachable={isReachable} />
          <ThemeSwitch />
          <div class="account">
            <span class="account-name">
              <strong>{session.name}</strong>
              <span class="muted">{session.role === 'admin' ? 'administrator' : 'user'}</span>
            </span>
            <Button kind="quiet" small icon="exit" busy={leave.busy} onClick={() => void leave.run()}>
              Log out
            </Button>
          </div>
        </div>
      </header>
      <main id="main" class="main" ref={main} tabIndex={-1}>
        {!isReachable && (
          <Notice tone="bad" title="Can't reach the platform" live>
            <p>What you see may be out of date. The console keeps trying.</p>
          </Notice>
        )}
        {children}
      </main>
    </div>
  );
}

function isAmongSpaces({ page }: Route): boolean {
  return page === 'spaces' || page === 'createSpace' || page === 'space' || page === 'app';
}

interface NavItemProps {
  readonly href: string;
  readonly icon: IconName;
  readonly isHere: boolean;
  readonly children: string;
}

function NavItem({ href, icon, isHere, children }: NavItemProps) {
  return (
    <li>
      <a href={href} aria-current={isHere ? 'page' : undefined}>
        <Icon name={icon} />
        {children}
      </a>
    </li>
  );
}

function Connection({ isReachable }: { isReachable: boolean }) {
  const live = useObservable(liveState);
  if (!isReachable) return <State tone="bad">Offline</State>;
  if (live === 'live') return <State tone="good">Live</State>;
  return live === 'polling' ? (
    <State tone="good">Updates every 5 s</State>
  ) : (
    <State tone="busy">Connecting</State>
  );
}
