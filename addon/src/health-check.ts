/** A program of its own, the image's HEALTHCHECK: exit code 0 when /health answers, else 1 and one line. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { readHealthUrl } from './health-file.ts';

const TIMEOUT_MS = 4_000;

const url = readHealthUrl(process.env, (file) => readFileSync(file, 'utf8'));

function fail(reason: string): void {
  process.stderr.write(`${url}: ${reason}\n`);
  process.exit(1);
}

get(url, { timeout: TIMEOUT_MS, agent: false }, (response) => {
  if (response.statusCode === 200) process.exit(0);
  fail(`status ${response.statusCode ?? 'unknown'}`);
})
  .on('timeout', () => fail(`no answer within ${TIMEOUT_MS} ms`))
  .on('error', (error) => fail(error.message));
