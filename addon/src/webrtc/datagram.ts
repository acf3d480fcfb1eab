/** Sends one datagram on werift's socket: without the five promises of its own way, and at once. */
import type { Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { RTCDtlsTransport } from 'werift';

/** What werift's StunProtocol holds; tested, as its types hide it. */
interface SocketHolder {
  readonly transport: { readonly closed?: boolean; readonly socket?: Socket };
}

/** As dgram's sockets look an address up before each send. */
type Lookup = (address: string, callback: (error: Error | null, address: string) => void) => void;

const prepared = new WeakSet<Socket>();

/** False when there is nowhere to send to. What the network does with it nobody learns, as ever with UDP. */
export function sendDatagram(transport: RTCDtlsTransport, datagram: Buffer): boolean {
  const { connection } = transport.iceTransport;
  const pair = connection.nominated;
  if (!pair || connection.state === 'closed' || connection.state === 'failed') return false;
  const { closed, socket } = (pair.protocol as unknown as SocketHolder).transport;
  if (closed === true || !socket) return false;
  if (!prepared.has(socket)) {
    prepared.add(socket);
    sendAtOnce(socket);
  }
  const [host, port] = pair.remoteAddr;
  socket.send(datagram, port, host);
  transport.packetsSent += 1;
  transport.bytesSent += datagram.length;
  pair.packetsSent += 1;
  pair.bytesSent += datagram.length;
  return true;
}

/**
 * Node looks up even an address in numbers, and goes on in a later turn: a packet would leave when it has been sealed for all
 * receivers and handed to the MP3 encoder, whose thread then wants the same cores (1.4 ms instead of 0.1 with 20 receivers).
 * A socket can be given a look-up of its own only by who makes it, which is werift. Where Node keeps it elsewhere,
 * packets leave later and nothing else changes; a test tells.
 */
function sendAtOnce(socket: Socket): void {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const state = symbol && (socket as unknown as Record<symbol, { handle?: { lookup?: Lookup } } | undefined>)[symbol];
  const lookUp = state?.handle?.lookup;
  if (!state?.handle || typeof lookUp !== 'function') return;
  state.handle.lookup = (address, callback) => {
    if (isIP(address) > 0) callback(null, address);
    else lookUp(address, callback);
  };
}
