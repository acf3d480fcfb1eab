/** What the Supervisor may answer, and what we make of it: a value that was checked, or a sentence for a person. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Supervisor, SupervisorError } from '../../src/homeassistant/supervisor.ts';

let server: Server;
let supervisor: Supervisor;
let answer: (response: ServerResponse) => void;
let authorization: string | undefined;

beforeEach(async () => {
  server = createServer((request, response) => {
    authorization = request.headers.authorization;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  supervisor = new Supervisor({ url, token: 'secret', timeoutMs: 200, maxAnswerBytes: 2_000 });
});

afterEach(async () => {
  await supervisor.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json = (status: number, body: unknown): void => {
  answer = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const info = {
  slug: 'local_voice_streaming',
  ip_address: '172.30.32.1',
  ingress_port: 62_000,
  network: { '8081/tcp': null },
};

async function faultOf(question: Promise<unknown>): Promise<SupervisorError> {
  const fault: unknown = await question.then(
    () => new Error('it was taken'),
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(SupervisorError);
  return fault as SupervisorError;
}

it('takes what it asked for, with its token, and leaves the rest', async () => {
  json(200, { result: 'ok', data: { ...info, rating: 7, options: { secret: true } } });
  expect(await supervisor.selfInfo()).toEqual(info);
  expect(authorization).toBe('Bearer secret');
});

it.each<[string, object]>([
  ['no slug', { ...info, slug: undefined }],
  ['a slug that would break out of a URL', { ...info, slug: 'a&b=c' }],
  ['an address that is none', { ...info, ip_address: 'localhost' }],
  ['a port that is none', { ...info, ingress_port: 70_000 }],
  ['a port as a text', { ...info, network: { '8081/tcp': '8081' } }],
])('%s is not taken', async (_, data) => {
  json(200, { result: 'ok', data });
  expect((await faultOf(supervisor.selfInfo())).message).toMatch(/^The Supervisor's answer to .* is not as expected: /);
});

it.each<[string, number, unknown, RegExp]>([
  ['a refusal', 400, { result: 'error', message: 'No such thing' }, /\(400\): No such thing$/],
  ['a refusal that is called fine', 500, { result: 'ok', data: info }, /refuses .* \(500\)\.$/],
  ['our token refused', 401, { message: 'nope' }, /does not take our token/],
  ['a right we have not', 403, '403: Forbidden', /does not take our token/],
  ['no envelope', 200, info, /cannot be understood/],
  ['a list', 200, [], /cannot be understood/],
])('%s', async (_, status, body, sentence) => {
  json(status, body);
  expect(await faultOf(supervisor.selfInfo())).toMatchObject({
    status,
    message: expect.stringMatching(sentence) as string,
  });
});

it('what it says is told on, but neither at any length nor with our token', async () => {
  json(400, { result: 'error', message: `secret ${'x'.repeat(1_500)}` });
  const { message } = await faultOf(supervisor.selfInfo());
  expect(message).toContain('(400): (our token) xxx');
  expect(message.length).toBeLessThan(400);
});

it('no broker is no fault', async () => {
  json(400, { result: 'error', message: 'Service not enabled' });
  expect(await supervisor.mqttService()).toBeUndefined();
  json(200, { result: 'ok', data: { addon: 'core_mosquitto', host: 'core-mosquitto', port: 1883, ssl: false } });
  expect(await supervisor.mqttService()).toEqual({ host: 'core-mosquitto', port: 1883, ssl: false });
});

it('an endless answer is left', async () => {
  answer = (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(1_000)));
    };
    response.on('drain', more);
    more();
  };
  expect((await faultOf(supervisor.selfInfo())).message).toBe("The Supervisor's answer is longer than 2000 bytes.");
});

it.each<[string, (response: ServerResponse) => void]>([
  ['nothing', () => undefined],
  ['half', (response) => response.write('{"result":')],
])('an answer of which %s comes is late', async (_, given) => {
  answer = given;
  expect((await faultOf(supervisor.selfInfo())).message).toBe(
    'The Supervisor does not answer /addons/self/info: not in time.',
  );
});

it('a redirect is not followed: the token is for the Supervisor alone', async () => {
  answer = (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
  expect((await faultOf(supervisor.selfInfo())).message).toMatch(/does not answer/);
});

it('closing ends what is being asked', async () => {
  answer = () => undefined;
  const asked = faultOf(supervisor.selfInfo());
  await supervisor.close();
  await asked;
});
