import { render } from 'preact';
import { config } from 'zod/mini';
import { Console } from './shell/console.js';
import { applyTheme } from './shell/theme.js';

// The page's Content-Security-Policy forbids the code that zod would make.
config({ jitless: true });

applyTheme();
const root = document.getElementById('console');
if (root !== null) render(<Console />, root);
