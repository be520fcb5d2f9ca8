#!/usr/bin/env node
'use strict';
// Runs `aka` from the sources: builds what changed, then starts it as bin/run.js does.
const { execFileSync } = require('node:child_process');
const path = require('node:path');

execFileSync(process.execPath, [path.join(__dirname, 'build.mjs')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
require('./run.js');
