/** Sends one datagram on werift's socket, without the five promises of its own way. */
import type { Socket } from 'node:dgram';
import type { RTCDtlsTransport } from 'werift';

/** What werift's StunProtocol holds; tested, as its types hide it. */
interface SocketHolder {
  readonly transport: { readonly closed?: boolean; readonly socket?: Socket };
}

/** False when there is nowhere to send to. What the network does with it nobody learns, as ever with UDP. */
export function sendDatagram(transport: RTCDtlsTransport, datagram: Buffer): boolean {
  const { connection } = transport.iceTransport;
  const pair = connection.nominated;
  if (!pair || connection.state === 'closed' || connection.state === 'failed') return false;
  const { closed, socket } = (pair.protocol as unknown as SocketHolder).transport;
  if (closed === true || !socket) return false;
  const [host, port] = pair.remoteAddr;
  socket.send(datagram, port, host);
  transport.packetsSent += 1;
  transport.bytesSent += datagram.length;
  pair.packetsSent += 1;
  pair.bytesSent += datagram.length;
  return true;
}
