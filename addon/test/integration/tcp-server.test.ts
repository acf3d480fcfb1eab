/** What both servers stand on: taken ports, limits of connections and of patience. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ListenError, TcpServer } from '../../src/http/tcp-server.ts';
import { httpRig, rawRequest } from '../support/http-rig.ts';
import { quietLog } from '../support/quiet-log.ts';

describe('listening', () => {
  let other: Server;

  beforeEach(async () => {
    other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => new Promise((resolve) => other.close(resolve)));

  async function faultOf(port: number, host = '127.0.0.1'): Promise<unknown> {
    const server = new TcpServer({ log: quietLog(), port, portOption: 'AUDIO_PORT', host, handler: () => undefined });
    const fault = await server.listen().catch((error: unknown) => error);
    await server.close();
    return fault;
  }

  test('a taken port says so, and by which option to choose another', async () => {
    const { port } = other.address() as AddressInfo;
    const fault = await faultOf(port);
    expect(fault).toBeInstanceOf(ListenError);
    expect(fault).toMatchObject({
      exitCode: 2,
      message: `Port ${port} is taken by another program: stop it, or choose another port with AUDIO_PORT.`,
    });
  });

  test('where the port is not ours to choose, no option is named', async () => {
    const { port } = other.address() as AddressInfo;
    const options = { log: quietLog(), portOption: undefined, handler: () => undefined };
    const server = new TcpServer({ ...options, port, host: '127.0.0.1' });
    await expect(server.listen()).rejects.toThrow(`Port ${port} is taken by another program: stop it.`);
    const elsewhere = { port, host: '192.0.2.1' };
    await expect(server.listen(elsewhere)).rejects.toThrow('This machine has no address 192.0.2.1 just now.');
    await server.close();
  });

  test('it moves to another port, and whoever is being served stays', async () => {
    const served: ServerResponse[] = [];
    const handler = (_request: unknown, response: ServerResponse): void => {
      served.push(response);
      response.write('first, ');
    };
    const server = new TcpServer({ log: quietLog(), port: 0, portOption: 'PORT', host: '127.0.0.1', handler });
    await server.listen();
    const { port: before } = server;
    await server.listen();
    expect(server.port).toBe(before);
    const request = 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n';
    const answer = rawRequest(before, request);
    await expect.poll(() => served.length).toBe(1);
    const { port: taken } = other.address() as AddressInfo;
    await expect(server.listen({ port: taken, host: '127.0.0.1' })).rejects.toThrow(/is taken by another program/);
    await server.listen({ port: 0, host: '127.0.0.2' });
    await expect(rawRequest(before, request)).rejects.toThrow('ECONNREFUSED');
    served[0]?.end('then');
    expect(await answer).toMatch(/first, then$/);
    const elsewhere = rawRequest(server.port, request, '127.0.0.2');
    await expect.poll(() => served.length).toBe(2);
    served[1]?.end('there');
    expect(await elsewhere).toMatch(/first, there$/);
    await server.close();
    expect(server.listening).toBe(false);
  });

  test.each(['192.0.2.1', 'no-such-host.invalid'])('%s is no address of this machine', async (host) => {
    expect(await faultOf(0, host)).toMatchObject({
      exitCode: 2,
      message: `HOST ${host} is no address of this machine: choose one of its own, or leave HOST out.`,
    });
  });
});

test('more connections than there may be are dropped and warned of once', async () => {
  const small = await httpRig({ main: { maxConnections: 1 } });
  const first = connect({ port: small.main.port, host: '127.0.0.1' });
  await new Promise((resolve) => first.once('connect', resolve));
  first.write(`GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await new Promise((resolve) => first.once('data', resolve));
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await rawRequest(small.main.port, 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => '')).toBe(
      '',
    );
  }
  expect(small.log.lines).toEqual([expect.stringMatching(/^WARN connections: More than 1 connections at once/)]);
  first.destroy();
  await small.close();
});

test('a client that dawdles with its headers is cut off', async () => {
  const strict = await httpRig({ main: { headersTimeoutMs: 200, requestTimeoutMs: 200 } });
  const answer = await rawRequest(strict.main.port, 'GET /health HTTP/1.1\r\nHost: local');
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  await strict.close();
});

test('an upgrade that fails ends its connection, not the server', async () => {
  const log = quietLog();
  const onUpgrade = (): void => {
    throw new Error('a fault of ours');
  };
  const options = { log, port: 0, portOption: 'PORT', host: '127.0.0.1' };
  const server = new TcpServer({ ...options, handler: (_request, response) => response.end('well'), onUpgrade });
  await server.listen();
  const upgrade = 'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  expect(await rawRequest(server.port, upgrade)).toBe('');
  expect(await rawRequest(server.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toMatch(
    /well$/,
  );
  expect(log.lines).toEqual([expect.stringMatching(/^ERROR an upgrade failed .*a fault of ours/)]);
  await server.close();
});
