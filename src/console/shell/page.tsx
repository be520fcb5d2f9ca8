import { PlatformPage } from '../admin/platform-page.js';
import { useObservable } from '../api/observable.js';
import type { Session } from '../api/session.js';
import { AppPage } from '../app/app-page.js';
import { AuditsPage } from '../audits/audits-page.js';
import { SpacePage } from '../space/space-page.js';
import { CreateSpacePage } from '../spaces/create-page.js';
import { SpacesPage } from '../spaces/spaces-page.js';
import { ButtonLink } from '../ui/button.js';
import { Empty } from '../ui/panel.js';
import { Heading } from './heading.js';
import { route } from './location.js';
import { to } from './routes.js';

/** The page that the address names. */
export function Page({ session }: { session: Session }) {
  const here = useObservable(route);
  switch (here.page) {
    case 'spaces':
      return <SpacesPage query={here.query} session={session} />;
    case 'createSpace':
      return <CreateSpacePage session={session} />;
    case 'space':
      return <SpacePage key={here.space} name={here.space} />;
    case 'app':
      return <AppPage key={here.app} name={here.app} tab={here.tab} item={here.item} />;
    case 'audits':
      return <AuditsPage query={here.query} session={session} />;
    case 'platform':
      return <PlatformPage session={session} />;
    case 'missing':
      return (
        <>
          <Heading title="Page not found" />
          <Empty
            title="The console has no such page."
            action={<ButtonLink href={to.spaces()}>All spaces</ButtonLink>}
          />
        </>
      );
  }
}
