/** Which addresses of this machine others of the house reach it by; for media URLs and for ICE candidates. */
import { isIP } from 'node:net';
import os from 'node:os';
import ipaddr from 'ipaddr.js';

export type NetworkInterfaces = NodeJS.Dict<os.NetworkInterfaceInfo[]>;

/** Bridges and pairs of containers and virtual machines, point-to-point tunnels: nobody of the house is behind them. */
const VIRTUAL = /^(?:docker|hassio$|br-|veth|virbr|vnet|cni|flannel|cali|podman|lxc|lxdbr|tun|tap|utun|vEthernet)/;
/** Overlay networks: reachable by some, so offered, but last. */
const OVERLAY = /^(?:wg|tailscale|zt|nebula)/;
/** Wired and wireless cards by their usual names. */
const CARD = /^(?:en|eth|wl|wlan|Ethernet|Wi-Fi)/;

/** An interface may well have an address of a range meant for documentation or tests: a lab, a container. */
const NOT_FOR_OTHERS = new Set(['loopback', 'linkLocal', 'unspecified', 'broadcast', 'multicast']);

interface Candidate {
  address: string;
  rank: number;
}

/**
 * LAN IPv4 first, then IPv6 (unique local before global); cards before interfaces of other names before overlays.
 * Loopback alone when there is nothing else.
 */
export function lanAddresses(interfaces: NetworkInterfaces = os.networkInterfaces()): string[] {
  const candidates: Candidate[] = [];
  for (const [name, infos] of Object.entries(interfaces)) {
    if (VIRTUAL.test(name)) continue;
    for (const info of infos ?? []) {
      const rank = info.internal ? undefined : rankOf(info.address);
      if (rank !== undefined) candidates.push({ address: info.address, rank: rank + rankOfName(name) });
    }
  }
  const addresses = candidates.sort((one, other) => one.rank - other.rank).map((candidate) => candidate.address);
  return addresses.length > 0 ? [...new Set(addresses)] : ['127.0.0.1'];
}

/** `addresses` with this one first, if it is one of this machine, whatever the name of its interface. */
export function preferring(
  first: string | undefined,
  addresses: readonly string[],
  interfaces: NetworkInterfaces = os.networkInterfaces(),
): string[] {
  const isOwn = Object.values(interfaces).some((infos) => infos?.some(({ address }) => address === first));
  return first === undefined || !isOwn ? [...addresses] : [...new Set([first, ...addresses])];
}

/**
 * Addresses for ICE candidates, all of one family as one socket serves them: what the owner announced first (some clients
 * take only the first), then the address bound to or those of the machine.
 */
export function candidateAddresses(options: {
  announcedAddress: string | undefined;
  /** The bind address. */
  host: string | undefined;
  addresses: readonly string[];
}): string[] {
  const { announcedAddress, addresses } = options;
  const bound = boundAddress(options.host);
  const own = bound === undefined ? addresses : [bound];
  const all = announcedAddress === undefined ? own : [announcedAddress, ...own];
  const family = isIP(own[0] ?? '127.0.0.1');
  return [...new Set(all.filter((address) => isIP(address) === family))];
}

/** The one address that `host` binds to; undefined when it means all of them or is a name. */
export function boundAddress(host: string | undefined): string | undefined {
  return host === undefined || host === '0.0.0.0' || host === '::' || isIP(host) === 0 ? undefined : host;
}

export interface MediaUrlAddress {
  address: string;
  source: 'option' | 'bound' | 'interfaces';
}

/** The host that media URLs name: what the owner announced, else the one address bound to, else the first of the LAN. */
export function mediaUrlAddress(options: {
  announcedAddress: string | undefined;
  /** The bind address. */
  host: string | undefined;
  addresses: readonly string[];
}): MediaUrlAddress {
  const { announcedAddress, host, addresses } = options;
  if (announcedAddress !== undefined) return { address: announcedAddress, source: 'option' };
  if (host !== undefined && host !== '0.0.0.0' && host !== '::') return { address: host, source: 'bound' };
  return { address: addresses[0] ?? '127.0.0.1', source: 'interfaces' };
}

/** Undefined: of no use to others. Temporary and deprecated IPv6 addresses are not told apart: Node does not say. */
function rankOf(address: string): number | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (parsed.kind() === 'ipv4') {
    if (range === 'private') return 0;
    return NOT_FOR_OTHERS.has(range) ? undefined : 100;
  }
  if (range === 'uniqueLocal') return 200;
  return range === 'unicast' ? 300 : undefined;
}

function rankOfName(name: string): number {
  if (CARD.test(name)) return 0;
  return OVERLAY.test(name) ? 20 : 10;
}

/** What a person types for the address that a server is bound to. */
export function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
