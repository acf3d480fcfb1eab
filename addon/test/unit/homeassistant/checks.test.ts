import { expect, it } from 'vitest';
import { houseChecks, mqttCheck } from '../../../src/homeassistant/checks.ts';
import type { DoctorFacts } from '../../../src/homeassistant/doctor.ts';

const FACTS: DoctorFacts = {
  supervisor: { state: 'answering' },
  core: { state: 'connected' },
  ingress: { state: 'listening' },
  files: { state: 'copied' },
  served: { state: 'served' },
  resource: { state: 'registered' },
  mqtt: { state: 'connected' },
  host_address: { address: '192.168.1.5', source: 'supervisor' },
};

it('says ok of all that is as it should be', () => {
  expect(houseChecks(FACTS)).toEqual(
    ['supervisor', 'core', 'ingress', 'files', 'served', 'resource', 'mqtt'].map((check) => ({ check, state: 'ok' })),
  );
});

it('tells what is in the way', () => {
  const checks = houseChecks({
    ...FACTS,
    core: { state: 'waiting', why: 'The token was refused.' },
    ingress: { state: 'waiting' },
    files: { state: 'failed', why: 'The disk is full.' },
    served: { state: 'restart_needed', why: 'Restart once.' },
    resource: { state: 'yaml', why: 'Add it.' },
    mqtt: { state: 'off' },
  });
  expect(checks).toEqual([
    { check: 'supervisor', state: 'ok' },
    { check: 'core', state: 'failed', why: 'The token was refused.' },
    { check: 'ingress', state: 'waiting' },
    { check: 'files', state: 'failed', why: 'The disk is full.' },
    { check: 'served', state: 'warning', why: 'Restart once.' },
    { check: 'resource', state: 'warning', why: 'Add it.' },
    { check: 'mqtt', state: 'off' },
  ]);
});

it('without an add-on MQTT alone is known of the house', () => {
  expect(mqttCheck()).toEqual({ check: 'mqtt', state: 'off' });
  expect(mqttCheck({ state: 'connected' })).toEqual({ check: 'mqtt', state: 'ok' });
});
