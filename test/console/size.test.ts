import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

const FOLDER = join(import.meta.dirname, '..', '..', 'dist', 'console');

/** What a first page may load of scripts, compressed, in bytes. */
const SCRIPT_MAX = 150 * 1024;

describe('the built console', () => {
  test('sends at most 150 KB of compressed script', () => {
    const scripts = readdirSync(join(FOLDER, 'assets')).filter((file) => file.endsWith('.js'));
    const bytes = scripts.map((file) => gzipSync(readFileSync(join(FOLDER, 'assets', file))).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(SCRIPT_MAX);
  });

  test('has nothing in its page that its Content-Security-Policy forbids', () => {
    const page = readFileSync(join(FOLDER, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:\/\/(?!www\.w3\.org)/i);
    const files = [...page.matchAll(/(?:src|href)="\/console\/(assets\/[^"]+)"/g)].map(
      ([, file]) => file ?? '',
    );
    expect(files.map((file) => /-[A-Z0-9]{8}\.(js|css)$/.test(file))).toEqual([true, true]);
    for (const file of files) expect(readFileSync(join(FOLDER, file)).length).toBeGreaterThan(0);
  });
});
