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
  #losesEvery = Infinity;
  #media = 0;
  /** Packets of media lost so far. */
  lost = 0;

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

  /** One of so many packets of media is lost from now on, each way. */
  lose(oneOf: number): void {
    this.#losesEvery = oneOf;
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
    const passes = (data: Buffer): boolean => !way.isCut && !(isMedia(data) && this.#isLost());
    way.front.on('message', (data, from) => {
      client = from;
      if (passes(data)) way.back.send(data, port, address);
    });
    way.back.on('message', (data) => {
      if (client && passes(data)) way.front.send(data, client.port, client.address);
    });
    return way.front.address().port;
  }

  #isLost(): boolean {
    this.#media += 1;
    const isLost = this.#media % this.#losesEvery === 0;
    if (isLost) this.lost += 1;
    return isLost;
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject).bind(0, () => resolve(socket));
  });
}

/** RTP and RTCP, RFC 7983. */
function isMedia(data: Buffer): boolean {
  return data[0]! >> 6 === 2;
}
