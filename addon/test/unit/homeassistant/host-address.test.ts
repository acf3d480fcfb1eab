import { beforeEach, expect, test } from 'vitest';
import { HostAddress, type HostAddressOptions } from '../../../src/homeassistant/host-address.ts';
import { SupervisorError, type NetworkInfo } from '../../../src/homeassistant/supervisor.ts';
import { FakeCore } from '../../fakes/fake-core.ts';
import { quietLog } from '../../support/quiet-log.ts';

type Interface = NetworkInfo['interfaces'][number];

const lan: Interface = {
  interface: 'end0',
  enabled: true,
  connected: true,
  primary: true,
  ipv4: { address: ['192.168.1.5/24'] },
};
const adapter = { name: 'end0', enabled: true, default: true, ipv4: [{ address: '192.168.1.6' }] };

let core: FakeCore;
let interfaces: Interface[] | undefined;
let own: string[];
let told: string[];

beforeEach(() => {
  core = new FakeCore();
  core.answers['network'] = { adapters: [{ ...adapter, default: false, ipv4: [{ address: '10.0.0.1' }] }, adapter] };
  interfaces = [{ ...lan, primary: false, ipv4: { address: ['10.9.9.9/8'] } }, lan];
  own = ['192.168.1.7', '10.0.0.1'];
  told = [];
});

function hostAddress(options: Partial<HostAddressOptions> = {}): HostAddress {
  return new HostAddress({
    log: { ...quietLog(), info: (message) => told.push(message) },
    core,
    supervisor: {
      networkInfo: () =>
        interfaces === undefined ? Promise.reject(new SupervisorError('away')) : Promise.resolve({ interfaces }),
    },
    announced: undefined,
    interfaces: () => own,
    ...options,
  });
}

test('what the owner announced, and nobody is asked', async () => {
  const address = hostAddress({ announced: '192.168.1.4' });
  await address.refresh();
  expect(address.current).toEqual({ address: '192.168.1.4', source: 'option' });
  expect(core.requests).toEqual([]);
});

test("the Supervisor's primary connection", async () => {
  const address = hostAddress();
  expect(address.current).toEqual({ address: '192.168.1.7', source: 'interfaces' });
  await address.refresh();
  expect(address.current).toEqual({ address: '192.168.1.5', source: 'supervisor' });
});

test.each<[string, Interface[] | undefined]>([
  ['the Supervisor is away', undefined],
  ['there is no primary connection', [{ ...lan, primary: false }]],
  ['it is not connected', [{ ...lan, connected: false }]],
  ['it is off', [{ ...lan, enabled: false }]],
  ['it has no address yet', [{ ...lan, ipv4: { address: [] } }]],
  ['it has no IPv4', [{ ...lan, ipv4: null }]],
  ['it gave itself a link-local one', [{ ...lan, ipv4: { address: ['169.254.7.7/16'] } }]],
])("Core's default adapter when %s", async (_, given) => {
  interfaces = given;
  const address = hostAddress();
  await address.refresh();
  expect(address.current).toEqual({ address: '192.168.1.6', source: 'core' });
});

test("the machine's own interfaces when nobody knows", async () => {
  interfaces = undefined;
  core.connected = false;
  const address = hostAddress();
  await address.refresh();
  expect(address.current).toEqual({ address: '192.168.1.7', source: 'interfaces' });
  own = ['192.168.1.8'];
  expect(address.current.address).toBe('192.168.1.8');
});

test('a new address is told once, and found again', async () => {
  const address = hostAddress();
  await address.refresh();
  await address.refresh();
  interfaces = [{ ...lan, ipv4: { address: ['192.168.178.20/24'] } }];
  await address.refresh();
  expect(address.current.address).toBe('192.168.178.20');
  expect(told).toEqual([
    'media URLs name 192.168.1.5 (the primary connection, says the Supervisor)',
    'media URLs name 192.168.178.20 (the primary connection, says the Supervisor), no longer 192.168.1.5',
  ]);
});

test('what was found stands while nobody answers, as long as the machine has it', async () => {
  own = ['192.168.1.5', '10.0.0.1'];
  const address = hostAddress();
  await address.refresh();
  interfaces = undefined;
  core.connected = false;
  await address.refresh();
  expect(address.current.source).toBe('supervisor');
  own = ['192.168.178.20'];
  await address.refresh();
  expect(address.current).toEqual({ address: '192.168.178.20', source: 'interfaces' });
});
