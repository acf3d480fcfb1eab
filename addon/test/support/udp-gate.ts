/** The way of a page's media, which a test can cut: every answer names a proxy's port instead of the server's. */
import { createSocket, type Socket } from 'node:dgram';
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    testGate(address: string, port: number): Promise<number>;
  }
}

interface Way {
  front: Socket;
  back: Socket;
  isCut: boolean;
}

export class UdpGate {
  readonly #ways: Way[] = [];
  #isShut = false;

  /** Before the page opens. */
  static async of(page: Page): Promise<UdpGate> {
    const gate = new UdpGate();
    await page.exposeFunction('testGate', (address: string, port: number) => gate.#open(address, port));
    await page.addInitScript(() => {
      type Set = (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void>;
      const prototype = RTCPeerConnection.prototype as unknown as { setRemoteDescription: Set };
      const native = prototype.setRemoteDescription;
      prototype.setRemoteDescription = async function ({ type, sdp = '' }) {
        const [, address = '', port = ''] = / udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host/.exec(sdp) ?? [];
        const proxied = await window.testGate(address, Number(port));
        await native.call(this, { type, sdp: sdp.replaceAll(` ${port} typ host`, ` ${proxied} typ host`) });
      };
    });
    return gate;
  }

  /** How many connections have been opened. */
  get opened(): number {
    return this.#ways.length;
  }

  /** Nothing passes any more on the connections that are open: as after a change of network. New ones work. */
  cut(): void {
    for (const way of this.#ways) way.isCut = true;
  }

  /** Nothing passes from now on, on new connections neither: as behind a firewall. */
  shut(): void {
    this.#isShut = true;
    this.cut();
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#ways
        .splice(0)
        .flatMap(({ front, back }) => [front, back])
        .map((socket) => new Promise((resolve) => socket.close(() => resolve(undefined)))),
    );
  }

  async #open(address: string, port: number): Promise<number> {
    const way: Way = { front: await bound(), back: await bound(), isCut: this.#isShut };
    this.#ways.push(way);
    let client: { address: string; port: number } | undefined;
    way.front.on('message', (data, from) => {
      client = from;
      if (!way.isCut) way.back.send(data, port, address);
    });
    way.back.on('message', (data) => {
      if (client && !way.isCut) way.front.send(data, client.port, client.address);
    });
    return way.front.address().port;
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject).bind(0, () => resolve(socket));
  });
}
