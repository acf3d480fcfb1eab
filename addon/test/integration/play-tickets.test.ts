/** The door of `<audio>` elements: a path with a ticket on the main server, whoever asks, and nothing but that path. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpRig, rawRequest, type HttpRig } from '../support/http-rig.ts';

let rig: HttpRig;

beforeEach(async () => {
  rig = await httpRig({ trustLoopback: false });
});

afterEach(() => rig.close());

/** As a browser far away asks, without a token; the date left out. */
async function ask(path: string, method = 'GET', port = rig.main.port): Promise<string> {
  const headers = [
    'Host: house.example',
    'Accept: text/html,*/*',
    'Origin: https://elsewhere.example',
    'Connection: close',
  ];
  const answer = await rawRequest(port, [`${method} ${path} HTTP/1.1`, ...headers, '', ''].join('\r\n'));
  return answer.replace(/\r\nDate: [^\r]*/, '');
}

test('a ticket plays its stream, also for a page of another origin', async () => {
  rig.relay.start({ id: 'nursery', name: 'Nursery', monitor: true });
  const answer = await ask(`/${rig.tickets.pathOf('nursery')}`, 'HEAD');
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/\r\nContent-Type: audio\/mpeg\r\n/);
  expect(answer).toMatch(/\r\nCross-Origin-Resource-Policy: cross-origin\r\n/);
  expect(await ask('/stream/nursery.mp3', 'HEAD')).toMatch(/^HTTP\/1\.1 401 /);
  expect(await ask(`/${rig.tickets.pathOf('latest')}`, 'HEAD')).toMatch(/^HTTP\/1\.1 200 /);
});

test('whatever is wrong with it gets the same 404, byte for byte', async () => {
  rig.relay.start({ id: 'nursery', name: 'Nursery' });
  rig.relay.start({ id: 'study', name: 'Study', private: true });
  const ticket = rig.tickets.pathOf('nursery').split('/')[1]!;
  const answers = await Promise.all(
    [
      `/play/${ticket}/study.mp3`,
      `/play/${ticket}/latest.mp3`,
      `/play/${ticket}/nursery.ogg`,
      `/play/${ticket}/..%2fnursery.mp3`,
      `/play/${ticket.slice(1)}/nursery.mp3`,
      `/play/x/nursery.mp3`,
      `/${rig.tickets.pathOf('study')}`,
      `/${rig.tickets.pathOf('nobody')}`,
    ].map((path) => ask(path)),
  );
  expect([...new Set(answers)]).toEqual([answers[0]]);
  expect(answers[0]).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(answers[0]!.endsWith('\r\n\r\nNot found.\n')).toBe(true);
});

test('the media server knows no tickets', async () => {
  rig.relay.start({ id: 'nursery', name: 'Nursery' });
  expect(await ask(`/${rig.tickets.pathOf('nursery')}`, 'GET', rig.media.port)).toMatch(/^HTTP\/1\.1 404 /);
});
