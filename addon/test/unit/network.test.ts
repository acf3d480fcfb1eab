import { isIP, isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { lanAddresses, mediaUrlAddress, preferring } from '../../src/network.ts';

function at(...addresses: string[]): NetworkInterfaceInfo[] {
  return addresses.map((address) => ({
    address,
    netmask: '',
    mac: '',
    internal: address === '::1' || address.startsWith('127.'),
    cidr: null,
    ...(isIPv4(address) ? { family: 'IPv4' as const } : { family: 'IPv6' as const, scopeid: 0 }),
  }));
}

test('a home server: its LAN address first, bridges of containers left out', () => {
  expect(
    lanAddresses({
      lo: at('127.0.0.1', '::1'),
      docker0: at('172.17.0.1'),
      hassio: at('172.30.32.1'),
      'br-1a2b3c': at('172.18.0.1'),
      veth1: at('169.254.7.7', 'fe80::7'),
      virbr0: at('192.168.122.1'),
      tun0: at('10.8.0.2'),
      tap0: at('10.9.0.2'),
      eth0: at('192.168.1.5', 'fe80::5', '2001:db9::5', 'fd00::5'),
    }),
  ).toEqual(['192.168.1.5', 'fd00::5', '2001:db9::5']);
});

test('cards before other interfaces, these before overlays, public addresses after private ones', () => {
  expect(
    lanAddresses({
      tailscale0: at('100.100.1.2'),
      wg0: at('10.6.0.1'),
      bond0: at('10.0.0.4'),
      eth1: at('93.184.216.34'),
      enp3s0: at('192.168.1.5'),
      wlan0: at('192.168.2.5'),
    }),
  ).toEqual(['192.168.1.5', '192.168.2.5', '10.0.0.4', '10.6.0.1', '93.184.216.34', '100.100.1.2']);
});

test('IPv6 alone is used', () => {
  expect(lanAddresses({ eth0: at('fe80::1', 'fd12::1') })).toEqual(['fd12::1']);
});

test('in a container with its one interface, that one', () => {
  expect(lanAddresses({ lo: at('127.0.0.1'), eth0: at('172.17.0.2') })).toEqual(['172.17.0.2']);
});

test.each([
  {},
  { lo: at('127.0.0.1') },
  { eth0: at('169.254.1.1', 'fe80::1', 'ff02::1', '0.0.0.0') },
  { eth0: undefined },
])('nothing of use: loopback %#', (interfaces) => {
  expect(lanAddresses(interfaces)).toEqual(['127.0.0.1']);
});

test('an address is named once', () => {
  expect(lanAddresses({ eth0: at('192.168.1.5'), eth1: at('192.168.1.5') })).toEqual(['192.168.1.5']);
});

test('this machine has at least one', () => {
  expect(lanAddresses().map(isIP)).not.toContain(0);
  expect(lanAddresses().length).toBeGreaterThan(0);
});

test.each([
  [
    'announced',
    { announcedAddress: '192.168.1.9', host: '10.0.0.1', addresses: ['10.0.0.2'] },
    '192.168.1.9',
    'option',
  ],
  ['bound', { announcedAddress: undefined, host: '10.0.0.1', addresses: ['10.0.0.2'] }, '10.0.0.1', 'bound'],
  ['any', { announcedAddress: undefined, host: '0.0.0.0', addresses: ['10.0.0.2'] }, '10.0.0.2', 'interfaces'],
  [
    'any of both families',
    { announcedAddress: undefined, host: '::', addresses: ['10.0.0.2'] },
    '10.0.0.2',
    'interfaces',
  ],
  ['nothing said', { announcedAddress: undefined, host: undefined, addresses: ['10.0.0.2'] }, '10.0.0.2', 'interfaces'],
])('the host of media URLs: %s', (_name, options, expected, source) => {
  expect(mediaUrlAddress(options)).toEqual({ address: expected, source });
});

test('an address that the Supervisor names comes first, if this machine has it, whatever its interface is called', () => {
  const interfaces = { 'br-lan': at('192.168.1.5'), eth0: at('192.168.2.5') };
  const addresses = lanAddresses(interfaces);
  expect(addresses).toEqual(['192.168.2.5']);
  expect(preferring('192.168.1.5', addresses, interfaces)).toEqual(['192.168.1.5', '192.168.2.5']);
  expect(preferring('192.168.2.5', addresses, interfaces)).toEqual(['192.168.2.5']);
  expect(preferring('192.168.9.9', addresses, interfaces)).toEqual(['192.168.2.5']);
  expect(preferring(undefined, addresses, interfaces)).toEqual(['192.168.2.5']);
});
