/** STUN binding requests made by hand (RFC 8489 5), as an ICE client or one who poses as it sends them. */
import { createHmac } from 'node:crypto';

/** Signed with `password` if there is one; `nominates` adds USE-CANDIDATE. */
export function bindingRequest(username: string, password: string | undefined, nominates = true): Buffer {
  const name = Buffer.from(username);
  const padded = Buffer.alloc(Math.ceil(name.length / 4) * 4);
  name.copy(padded);
  const attributes = [
    attribute(0x0006, padded, name.length),
    ...(nominates ? [attribute(0x0025, Buffer.alloc(0))] : []),
    attribute(0x802a, Buffer.alloc(8)),
  ];
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(1, 0);
  header.writeUInt32BE(0x2112a442, 4);
  if (password === undefined) {
    header.writeUInt16BE(body.length, 2);
    return Buffer.concat([header, body]);
  }
  header.writeUInt16BE(body.length + 24, 2);
  const mac = createHmac('sha1', password)
    .update(Buffer.concat([header, body]))
    .digest();
  return Buffer.concat([header, body, attribute(0x0008, mac)]);
}

function attribute(type: number, value: Buffer, length = value.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, value]);
}
