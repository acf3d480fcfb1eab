/** A UDP proxy between one client and one server port, whose client-facing and server-facing ports can change. */
import { createSocket, type Socket } from 'node:dgram';
import type { NetworkFaults } from './network-faults.ts';

export class UdpProxy {
  readonly #serverPort: number;
  readonly #front: Socket;
  #back: Socket;
  #closed = false;
  #client: { address: string; port: number } | undefined;
  /** Changed, dropped or recorded on their way to the server; null drops. */
  toServer: (data: Buffer) => Buffer | null = (data) => data;
  toClient: (data: Buffer) => Buffer | null = (data) => data;

  private constructor(serverPort: number, front: Socket, back: Socket) {
    this.#serverPort = serverPort;
    this.#front = front;
    this.#back = back;
    front.on('message', (data, info) => {
      this.#client = info;
      const passed = this.toServer(data);
      if (passed) this.sendToServer(passed);
    });
    this.#listen(back);
  }

  static async open(serverPort: number): Promise<UdpProxy> {
    return new UdpProxy(serverPort, await bind(), await bind());
  }

  /** Where the client sends to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** A datagram that was held back, or one of the test's own. */
  sendToServer(data: Buffer): void {
    if (this.#closed) return;
    this.#back.send(data, this.#serverPort, '127.0.0.1');
  }

  sendToClient(data: Buffer): void {
    if (this.#client && !this.#closed) this.#front.send(data, this.#client.port, this.#client.address);
  }

  /** From now on each way has these faults. */
  impair(toServer: NetworkFaults, toClient: NetworkFaults): void {
    this.toServer = (data) => {
      toServer.carry(data, (late) => this.sendToServer(late));
      return null;
    };
    this.toClient = (data) => {
      toClient.carry(data, (late) => this.sendToClient(late));
      return null;
    };
  }

  /** From now on the server sees the client at another port, as after a Wi-Fi change or a NAT rebinding. */
  async changeAddress(): Promise<void> {
    const old = this.#back;
    this.#back = await bind();
    this.#listen(this.#back);
    old.close();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#front.close();
    this.#back.close();
    return Promise.resolve();
  }

  #listen(back: Socket): void {
    back.on('message', (data) => {
      const passed = this.toClient(data);
      if (passed) this.sendToClient(passed);
    });
  }
}

/** A loopback UDP socket, on any free port by default. */
export async function bind(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise((resolve, reject) => {
    socket.once('listening', () => resolve(true));
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1');
  });
  return socket;
}
