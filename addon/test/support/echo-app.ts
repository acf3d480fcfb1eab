/** An add-on's web server that remembers what came to it and echoes what is said: to see what ingress makes of a request. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface EchoApp {
  port: number;
  requests: { url: string | undefined; headers: IncomingHttpHeaders; from: string | undefined }[];
  close(): Promise<void>;
}

/** A WebSocket is closed with 4001 when it says "go away". */
export async function startEchoApp(address: string, port = 0): Promise<EchoApp> {
  const requests: EchoApp['requests'] = [];
  const remember = ({ url, headers, socket }: IncomingMessage): void =>
    void requests.push({ url, headers, from: socket.remoteAddress });
  const server = createServer((request, response) => {
    remember(request);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-own': 'yes' });
    response.end(request.method === 'HEAD' ? '' : 'hello');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    remember(request);
    socket.on('message', (data: Buffer) => {
      if (data.toString() === 'go away') socket.close(4001, 'because');
      else socket.send(data.toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
