// What a build is for: something that is made once, and then runs in every dyno.
import { writeFileSync } from 'node:fs';

writeFileSync('built.json', JSON.stringify({ builtAt: new Date().toISOString().slice(0, 10) }));
