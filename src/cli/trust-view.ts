import { shellWord } from '../model/shell.js';
import type { TrustState } from './local-platform.js';

/** How something comes to trust an authority. */
export interface TrustStep {
  readonly for: string;
  readonly do: string;
}

/** What to do for each kind of program, on this system and for this user. */
export function trustSteps({ file, name, install, bundle }: TrustState): TrustStep[] {
  const label = `aka-${name}`;
  return [
    ...(install === null ? [] : [{ for: 'the system (curl, git, Python)', do: install }]),
    {
      for: 'Chrome, Chromium',
      do: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ${label} -i ${shellWord(file)}`,
    },
    { for: 'Firefox', do: `certutil -d sql:PROFILE -A -t C,, -n ${label} -i ${shellWord(file)}` },
    { for: 'Node.js', do: `export NODE_EXTRA_CA_CERTS=${shellWord(file)}` },
    { for: 'Python (requests)', do: `export REQUESTS_CA_BUNDLE=${shellWord(bundle)}` },
    { for: 'OpenSSL, Python (ssl)', do: `export SSL_CERT_FILE=${shellWord(bundle)}` },
    { for: 'one request of curl', do: `curl --cacert ${shellWord(file)} URL` },
  ];
}
