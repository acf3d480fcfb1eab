import { createServer, type AddressInfo } from 'node:net';

/** A TCP port that nobody listens on, for a program of its own that cannot say which it took. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
