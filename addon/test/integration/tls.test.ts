/** https of the main server with real certificates: what it serves, renewal, and files that cannot be used. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TlsCertificate, type TlsCertificateOptions } from '../../src/http/tls-certificate.ts';
import { CertificateFolder, makeCertificate, type Pem } from '../support/certificate.ts';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { once } from '../support/once.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';
import { openClient } from '../support/werift-client.ts';

let folder: CertificateFolder;
let pem: Pem;
let log: QuietLog;
let certificate: TlsCertificate;

beforeEach(async () => {
  folder = await CertificateFolder.create();
  pem = await makeCertificate();
  await folder.put(pem);
  log = quietLog();
});

afterEach(async () => {
  await certificate.close();
  await folder.remove();
});

async function start(options: Partial<TlsCertificateOptions> = {}): Promise<TlsCertificate> {
  const { certFile, keyFile } = folder;
  certificate = new TlsCertificate({ log, certFile, keyFile, ...options });
  await certificate.start();
  return certificate;
}

describe('the files', () => {
  it('are fine: nothing is said', async () => {
    const { check, pair } = await start();
    expect(check).toEqual({ check: 'certificate', state: 'ok' });
    expect(pair?.cert.toString()).toBe(pem.cert);
    expect(log.lines).toEqual([]);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'no certificate file',
      () => rm(folder.certFile),
      /fullchain\.pem \(option certfile\) cannot be read: there is no such file\./,
    ],
    [
      'no key file',
      () => rm(folder.keyFile),
      /privkey\.pem \(option keyfile\) cannot be read: there is no such file\./,
    ],
    [
      'a folder',
      () =>
        rm(folder.keyFile)
          .then(() => mkdir(folder.keyFile))
          .then(() => undefined),
      /privkey\.pem .* it is no file\./,
    ],
    [
      'a certificate that is none',
      () => writeFile(folder.certFile, 'hello'),
      /fullchain\.pem \(option certfile\) is no certificate in PEM form\./,
    ],
    [
      'a key that is none',
      () => writeFile(folder.keyFile, pem.cert),
      /privkey\.pem \(option keyfile\) is no private key in PEM form\./,
    ],
    [
      'a key with a passphrase',
      () =>
        writeFile(folder.keyFile, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n'),
      /privkey\.pem \(option keyfile\) asks for a passphrase: give a key without one\./,
    ],
    [
      'the key of another certificate',
      async () => writeFile(folder.keyFile, (await makeCertificate()).key),
      /privkey\.pem is not the key of the certificate .*fullchain\.pem: name the two that belong together\./,
    ],
    [
      'a file beyond all measure',
      () => writeFile(folder.certFile, Buffer.alloc(2 * 1024 * 1024)),
      /1048576 are the most/,
    ],
  ])('%s: one clear line, said once', async (_, spoil, sentence) => {
    await spoil();
    const { check, pair } = await start();
    await certificate.look();
    expect(pair).toBeUndefined();
    expect(check).toMatchObject({
      check: 'certificate',
      state: 'failed',
      why: expect.stringMatching(sentence) as unknown,
    });
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/nobody reaches the page by https; all else works on\.$/);
    expect(log.lines.join()).not.toContain('PRIVATE KEY-----');
  });

  it('of a renewal that is half done change nothing, then the new pair is used', async () => {
    await start();
    const renewed = await makeCertificate();
    const told: string[] = [];
    certificate.onRenewed(({ cert }) => told.push(cert.toString()));
    await writeFile(folder.certFile, renewed.cert);
    await certificate.look();
    expect(certificate.pair?.cert.toString()).toBe(pem.cert);
    expect(certificate.check.state).toBe('failed');
    expect(log.lines[0]).toMatch(/The certificate of before stays in use\.$/);
    await folder.put(renewed);
    await certificate.look();
    expect(certificate.check).toEqual({ check: 'certificate', state: 'ok' });
    expect(told).toEqual([renewed.cert]);
  });

  it('are warned about 14 days ahead, once a day, and when they are over', async () => {
    await folder.put(await makeCertificate(20));
    let daysOn = 0;
    await start({ now: () => Date.now() + daysOn * 24 * 3_600_000 });
    const saidOnDay = async (day: number): Promise<string | undefined> => {
      daysOn = day;
      const before = log.lines.length;
      await certificate.look();
      await certificate.look();
      expect(log.lines.length - before).toBeLessThan(2);
      return log.lines[before];
    };
    expect(await saidOnDay(5.5)).toBeUndefined();
    expect(await saidOnDay(6.5)).toMatch(/ends on \d{4}-\d\d-\d\d, in 13 days: see that it is renewed\.$/);
    expect(await saidOnDay(6.6)).toBeUndefined();
    expect(await saidOnDay(18.5)).toMatch(/in 1 day: /);
    expect(certificate.check.state).toBe('warning');
    expect(await saidOnDay(20.5)).toMatch(/ended on .*: browsers warn of it until it is renewed\.$/);
    expect(certificate.check.state).toBe('failed');
    await folder.put(await makeCertificate(90));
    expect(await saidOnDay(20.6)).toBeUndefined();
    expect(certificate.check.state).toBe('ok');
  });
});

describe('the main server', () => {
  let rig: HttpRig | undefined;

  afterEach(() => rig?.close());

  async function serve(options: Partial<TlsCertificateOptions> = {}): Promise<HttpRig> {
    rig = await httpRig({ main: { tls: await start(options), host: '127.0.0.1' } });
    return rig;
  }

  interface Answer {
    status: number;
    body: string;
    headers: NodeJS.Dict<string | string[]>;
  }

  /** As a client that trusts this certificate and no other. */
  function ask(path: string, { trust = pem, method = 'GET', headers = {}, body = '' } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: rig!.main.port,
        path,
        method,
        headers,
        ca: trust.cert,
        agent: false,
        servername: 'localhost',
      };
      request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode!, body: text, headers: response.headers }));
      })
        .on('error', reject)
        .end(body);
    });
  }

  it('serves page, health, WHIP and the streams over https, under the same doors', async () => {
    const { port } = (await serve()).main;
    expect(await ask('/')).toMatchObject({ status: 200 });
    expect(JSON.parse((await ask('/health')).body)).toMatchObject({ status: 'healthy' });
    expect((await ask('/metrics', { headers: { Host: `nas:${port}` } })).status).toBe(401);
    const client = openClient('sendonly');
    const headers = { 'Content-Type': 'application/sdp' };
    const posted = await ask('/whip/door', { method: 'POST', headers, body: await client.offer() });
    expect(posted).toMatchObject({
      status: 201,
      headers: { location: expect.stringMatching(/^door\//) as unknown },
    });
    expect((await ask(`/whip/${String(posted.headers['location'])}`, { method: 'DELETE' })).status).toBe(200);
    await client.close();
  });

  it('knows its own origin as https: a page of http on the same host and port is another one', async () => {
    const { port } = (await serve()).main;
    const from = (origin: string): Promise<Answer> =>
      ask('/metrics', { headers: { Host: `localhost:${port}`, Origin: origin } });
    expect((await from(`https://localhost:${port}`)).status).toBe(200);
    expect((await from(`http://localhost:${port}`)).status).toBe(401);
  });

  it('takes wss', async () => {
    const { port } = (await serve()).main;
    const socket = connectTls({ port, host: '127.0.0.1', ca: pem.cert });
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: https://localhost:${port}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const answer = await once<string>(
      (resolve) => socket.once('data', (data: Buffer) => resolve(data.toString())),
      '101',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(rig!.upgrades[0]?.admission.user?.isAdmin).toBe(true);
    socket.destroy();
  });

  it('shows a renewed certificate to whoever comes next; who is connected stays', async () => {
    const { port } = (await serve()).main;
    const early = connectTls({ port, host: '127.0.0.1', ca: pem.cert });
    await once((resolve) => early.once('secureConnect', () => resolve(true)), 'an early handshake');
    const renewed = await makeCertificate();
    await folder.put(renewed);
    await certificate.look();
    expect((await ask('/health', { trust: renewed })).status).toBe(200);
    await expect(ask('/health', { trust: pem })).rejects.toThrow(/self-signed|signature/);
    early.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    const answer = await once<string>(
      (resolve) => early.once('data', (data: Buffer) => resolve(data.toString())),
      'an answer',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    early.destroy();
  });

  it('without a usable certificate refuses handshakes, until there is one; the media server works all along', async () => {
    await rm(folder.certFile);
    const { mediaUrl } = await serve();
    await expect(ask('/health')).rejects.toThrow();
    expect((await fetch(`${mediaUrl}/health`)).status).toBe(200);
    await folder.put(pem);
    await certificate.look();
    expect((await ask('/health')).status).toBe(200);
  });

  it('answers plain http with nothing, and closes with clients in the middle of a handshake', async () => {
    const { main } = await serve();
    const plain = connectTcp({ port: main.port, host: '127.0.0.1' });
    plain.on('error', () => undefined);
    let answer = '';
    plain.on('data', (data: Buffer) => (answer += data.toString('latin1')));
    const refused = once((resolve) => plain.once('close', resolve), 'plain http is refused');
    plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await refused;
    expect(answer).not.toContain('HTTP');
    const silent = connectTcp({ port: main.port, host: '127.0.0.1' });
    silent.on('error', () => undefined);
    await once((resolve) => silent.once('connect', () => resolve(true)), 'a connection');
    const closed = once((resolve) => silent.once('close', resolve), 'the end of it');
    // Answered: so the silent one has been accepted, too.
    expect((await ask('/health')).status).toBe(200);
    await main.close();
    await closed;
  });

  it('cuts off whoever does not finish a handshake', async () => {
    rig = await httpRig({ main: { tls: await start(), handshakeTimeoutMs: 50 } });
    const silent = connectTcp({ port: rig.main.port, host: '127.0.0.1' });
    silent.on('error', () => undefined);
    await once((resolve) => silent.once('close', resolve), 'it is cut off');
  });
});
