/** The way of a page's media, which a test can cut or spoil: every answer names a proxy's port instead of the server's. */
import { createSocket, type Socket } from 'node:dgram';
import type { Page } from 'playwright-core';
import { NetworkFaults, type FaultCounts, type Faults } from './network-faults.ts';

declare global {
  interface Window {
    testGate(address: string, port: number): Promise<number>;
  }
}

interface Way {
  front: Socket;
  back: Socket;
  isCut: boolean;
  /** The page. */
  client: { address: string; port: number } | undefined;
  /** The server. */
  address: string;
  port: number;
}

export class UdpGate {
  readonly #ways: Way[] = [];
  #isShut = false;
  #isClosed = false;
  #losesEvery = Infinity;
  #media = 0;
  #up = new NetworkFaults();
  #down = new NetworkFaults();
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

  /** From now on everything has these faults, each way; the same seed, the same dice. None: as before. */
  impair(faults: Faults = {}, seed = 1): void {
    this.#up = new NetworkFaults(faults, seed * 10 + 1);
    this.#down = new NetworkFaults(faults, seed * 10 + 2);
  }

  /** What has been spoilt since `impair`. */
  get spoilt(): Record<'up' | 'down', FaultCounts> {
    return { up: this.#up.counts, down: this.#down.counts };
  }

  /** The server sees the page at another port from now on: as behind a router that forgot it. */
  async rebind(): Promise<void> {
    for (const way of this.#ways) {
      const old = way.back;
      way.back = await bound();
      this.#listen(way, way.back);
      old.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      this.#ways
        .splice(0)
        .flatMap(({ front, back }) => [front, back])
        .map((socket) => new Promise((resolve) => socket.close(() => resolve(undefined)))),
    );
  }

  async #open(address: string, port: number): Promise<number> {
    const [front, back] = [await bound(), await bound()];
    const way: Way = { front, back, isCut: this.#isShut, client: undefined, address, port };
    this.#ways.push(way);
    front.on('message', (data, from) => {
      way.client = from;
      if (!this.#passes(way, data)) return;
      this.#up.carry(data, () => {
        if (!this.#isClosed) way.back.send(data, way.port, way.address);
      });
    });
    this.#listen(way, back);
    return front.address().port;
  }

  #listen(way: Way, back: Socket): void {
    back.on('message', (data) => {
      if (!this.#passes(way, data)) return;
      this.#down.carry(data, () => {
        if (way.client && !this.#isClosed) way.front.send(data, way.client.port, way.client.address);
      });
    });
  }

  #passes(way: Way, data: Buffer): boolean {
    return !way.isCut && !(isMedia(data) && this.#isLost());
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
