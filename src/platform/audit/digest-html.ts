import type { Attachment } from './attachment.js';
import type { Digest, DigestEntry } from './digest.js';
import {
  attachedText,
  chainText,
  countsText,
  digestSubject,
  headText,
  minute,
  moreText,
  sectionsOf,
} from './digest-text.js';

/**
 * Mail programs know tables and little else; many drop what is in the head, so that what matters is said in place. In
 * the dark, the colours of the program's own theme do: only lines and faint text need one that fits both.
 */
const STYLES = {
  body: 'margin:0;padding:16px;font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif',
  page: 'max-width:960px;margin:0 auto',
  title: 'font-size:20px;line-height:1.3;margin:0 0 4px',
  heading: 'font-size:16px;margin:24px 0 8px',
  faint: 'color:#767676;margin:0 0 16px',
  good: 'border-left:4px solid #2e8540;padding:4px 12px;margin:16px 0',
  bad: 'border-left:4px solid #d13212;padding:4px 12px;margin:16px 0;font-weight:bold',
  code: 'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;word-break:break-all',
  table: 'border-collapse:collapse;width:100%',
  head: 'font-size:12px;color:#767676;border-bottom:2px solid #8c8c8c',
  row: 'border-bottom:1px solid #8c8c8c55',
} as const;

/** A digest as HTML for mail: nothing in it is loaded from anywhere, and all that is told is escaped. */
export function digestHtml(digest: Digest, attached?: Attachment): string {
  const { since, until, chain } = digest;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(digestSubject(digest))}</title>
<style>:root { color-scheme: light dark; }</style>
</head>
<body style='${STYLES.body}'>
<div style="${STYLES.page}">
<h1 style="${STYLES.title}">Space ${escaped(digest.space)}: ${escaped(countsText(digest))}</h1>
<p style="${STYLES.faint}">From ${escaped(minute(since))} to ${escaped(minute(until))} UTC</p>
<div style="${chain.broken === undefined ? STYLES.good : STYLES.bad}">${escaped(chainText(chain))}<br>
Head: <span style="${STYLES.code}">${escaped(chain.head)}</span><br>
${escaped(headText(chain))}</div>
${counts(digest)}${sectionsOf(digest)
  .map(
    ({ title, told }) => `${heading(title)}
${table(['Number', 'Time (UTC)', 'Who', 'From', 'App', 'What', 'Details'], told.entries.map(row))}
${told.more > 0 ? `<p>${escaped(moreText(told.more, digest))}</p>\n` : ''}`,
  )
  .join('')}${digest.records === 0 ? '<p>Nothing was changed, and nothing refused.</p>\n' : ''}${
  attached === undefined ? '' : `<p>${escaped(attachedText(attached, digest))}</p>\n`
}</div>
</body>
</html>
`;
}

function counts(digest: Digest): string {
  if (digest.counts.length === 0) return '';
  const rows = digest.counts.map(({ action, done, refused }) => [action, String(done), String(refused)]);
  return `${heading('Counts')}\n${table(['What', 'Done', 'Refused'], rows)}\n`;
}

function row({ seq, at, username, origin, app, action, what }: DigestEntry): readonly string[] {
  return [String(seq), minute(at), username, origin, app ?? '', action, what];
}

function heading(text: string): string {
  return `<h2 style="${STYLES.heading}">${escaped(text)}</h2>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<table cellpadding="4" style="${STYLES.table}">
${[cells('th', STYLES.head, head), ...rows.map((each) => cells('td', STYLES.row, each))].join('\n')}
</table>`;
}

/** Styles stand at the row: at each cell they would make most of a mail, and some programs cut long ones. */
function cells(tag: 'th' | 'td', style: string, texts: readonly string[]): string {
  const own = texts.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('');
  return `<tr align="left" valign="top" style="${style}">${own}</tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
